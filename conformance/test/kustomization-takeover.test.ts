import { isApiError } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { kustomizationDefinition, resourceOf } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import { type Lab, labNamespace, startLab } from '../src/lab/lab.ts'

const owner = {
  'kustomize.toolkit.fluxcd.io/name': 'app',
  'kustomize.toolkit.fluxcd.io/namespace': labNamespace,
}

const files = {
  'app/all.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: lab}
data: {color: blue}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: lab}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: web:1
          ports: [{containerPort: 80, name: http}]
          env: [{name: A, value: b}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: lab}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
`,
}

/** What Flux sends for these files. */
const sentByFlux: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config', namespace: labNamespace, labels: owner },
    data: { color: 'blue' },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: labNamespace, labels: owner },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      strategy: {},
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'app',
              image: 'web:1',
              ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
              env: [{ name: 'A', value: 'b' }],
              resources: {},
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: labNamespace, labels: owner },
    spec: {
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }],
    },
  },
]

const kustomization = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: lab, finalizers: [finalizers.fluxcd.io]}
spec: {interval: 10m, path: ./app, prune: true, sourceRef: {kind: GitRepository, name: app}}
`

async function liveObjects(lab: Lab): Promise<readonly KubeObject[]> {
  return await Promise.all(
    sentByFlux.map(async ({ apiVersion, kind, metadata: { name = '' } }) => {
      const resource = await lab.cluster.resourceFor(apiVersion, kind, { signal: lab.signal })
      return await lab.cluster.get(resource, { namespace: labNamespace, name }, { signal: lab.signal })
    }),
  )
}

async function applyAsFlux(lab: Lab, dryRun: boolean): Promise<readonly KubeObject[]> {
  const applied: KubeObject[] = []
  for (const object of sentByFlux) {
    const resource = await lab.cluster.resourceFor(object.apiVersion, object.kind, { signal: lab.signal })
    const options = { signal: lab.signal, fieldManager: 'kustomize-controller', force: true, dryRun }
    applied.push(await lab.cluster.apply(resource, object, options))
  }
  return applied
}

/** A status as Flux leaves it: everything was applied, and one object more that the files no longer have. */
async function leaveStatus(lab: Lab, revision: string): Promise<void> {
  const entries = [
    { id: 'lab_config__ConfigMap', v: 'v1' },
    { id: 'lab_stale__ConfigMap', v: 'v1' },
    { id: 'lab_web__Service', v: 'v1' },
    { id: 'lab_web_apps_Deployment', v: 'v1' },
  ]
  const ready = { type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' }
  const condition = {
    ...ready,
    message: `Applied revision: ${revision}`,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  const status = {
    observedGeneration: 1,
    lastAppliedRevision: 'main@sha1:0',
    lastAttemptedRevision: 'main@sha1:0',
    inventory: { entries },
    conditions: [{ ...condition, observedGeneration: 1 }],
  }
  await lab.cluster.patch(
    resourceOf(kustomizationDefinition),
    { namespace: labNamespace, name: 'app' },
    {
      signal: lab.signal,
      fieldManager: 'gotk-kustomize-controller',
      subresource: 'status',
      patch: { kind: 'merge', body: { status } },
    },
  )
}

test('takes over from Flux without a write to what Flux applied, and prunes by its inventory', async () => {
  await using lab = await startLab()
  const before = await applyAsFlux(lab, false)
  await lab.create(
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stale, namespace: lab, labels: ${JSON.stringify(owner)}}\n`,
  )
  const revision = await lab.publish(files)
  await lab.create(kustomization)
  await leaveStatus(lab, revision)
  lab.startController()
  await lab.applied('app', revision)
  expect(await liveObjects(lab)).toEqual(before)
  const configMaps = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
  const stale = lab.cluster.get(
    configMaps,
    { namespace: labNamespace, name: 'stale' },
    { signal: lab.signal },
  )
  await expect(stale).rejects.toSatisfy((error) => isApiError(error, 'NotFound'))
})

test('leaves nothing for Flux to do when that takes over', async () => {
  await using lab = await startLab()
  const end = lab.startController()
  const revision = await lab.publish(files)
  await lab.create(kustomization)
  await lab.applied('app', revision)
  await end()
  const before = await liveObjects(lab)
  // Flux compares what a dry run would give with what is there, and sends nothing when both are the same.
  expect(await applyAsFlux(lab, true)).toEqual(before)
})

import { helmReleaseDefinition, type Kustomization, resourceOf } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import { type Lab, startLab } from '../src/lab/lab.ts'

const kustomization = (
  name: string,
  dependsOn: string,
  spec = '',
) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: lab, annotations: {toolkit.sluice.dev/depends-on: '${dependsOn}'}}
spec:
  interval: 10m
  prune: true
  path: ./app
  sourceRef: {kind: GitRepository, name: app}
${spec}`

const release = (annotations: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: db, namespace: lab, annotations: ${annotations}}
spec:
  interval: 10m
  chart: {spec: {chart: db, sourceRef: {kind: HelmRepository, name: charts}}}
`
const files = { 'app/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: lab}\n' }

const readyOf = ({ status }: Kustomization) => status?.conditions?.find(({ type }) => type === 'Ready')
const says = (text: string) => (object: Kustomization) => readyOf(object)?.message.includes(text) ?? false

async function makeReady({ cluster, signal }: Lab): Promise<void> {
  const ready = { type: 'Ready', status: 'True', reason: 'InstallSucceeded', message: 'installed' }
  const conditions = [{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z' }]
  await cluster.patch(
    resourceOf(helmReleaseDefinition),
    { namespace: 'lab', name: 'db' },
    {
      signal,
      fieldManager: 'lab',
      subresource: 'status',
      patch: { kind: 'merge', body: { status: { observedGeneration: 1, conditions } } },
    },
  )
}

test('waits for a HelmRelease and a source, and runs as soon as they are ready', async () => {
  await using lab = await startLab()
  lab.startController()
  const revision = await lab.publish(files)
  await lab.create(kustomization('app', 'GitRepository/app, HelmRelease/lab/db'))
  const missing = await lab.until('app', says('not found'))
  expect(readyOf(missing)).toMatchObject({
    reason: 'DependencyNotReady',
    message: `dependency 'HelmRelease/lab/db' not found: helmreleases.helm.toolkit.fluxcd.io "db" not found`,
  })
  await lab.create(release('{}'))
  await lab.until('app', says("dependency 'HelmRelease/lab/db' is not ready"))
  await makeReady(lab)
  await lab.applied('app', revision)
})

test('prints the cycle that keeps objects of several kinds waiting', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.publish(files)
  await lab.create(release('{toolkit.sluice.dev/depends-on: Kustomization/web}'))
  await lab.create(kustomization('web', 'GitRepository/app', '  dependsOn: [{name: app}]\n'))
  await lab.create(kustomization('app', 'HelmRelease/db'))
  const app = await lab.until('app', says('cycle'))
  expect(readyOf(app)?.message).toBe(
    "dependency 'HelmRelease/lab/db' is not ready: dependency cycle: Kustomization/lab/app -> HelmRelease/lab/db -> Kustomization/lab/web -> Kustomization/lab/app",
  )
  const web = await lab.until('web', says('cycle'))
  expect(readyOf(web)?.message).toMatch(/^dependency 'lab\/app' is not ready: dependency cycle: Kustom/)
})

test.each([
  ['Nothing/x', "'Nothing' is no kind that can be waited for", 'DependencyNotReady', {}],
  ['app', "'app' is not of the form Kind/name or Kind/namespace/name", 'DependencyNotReady', {}],
  [
    'GitRepository/other/app',
    "can't access 'GitRepository/other/app', cross-namespace references have been blocked",
    'AccessDenied',
    { noCrossNamespaceRefs: true },
  ],
])('refuses %s until the annotation is another', async (dependsOn, message, reason, options) => {
  await using lab = await startLab()
  lab.startController({ options })
  const revision = await lab.publish(files)
  await lab.create(kustomization('app', dependsOn))
  const app = await lab.until('app', says(message))
  expect(readyOf(app)?.reason).toBe(reason)
  expect(app.status?.conditions?.some(({ type }) => type === 'Stalled')).toBe(true)
  const resource = await lab.cluster.resourceFor(app.apiVersion, app.kind, lab)
  await lab.cluster.patch(
    resource,
    { namespace: 'lab', name: 'app' },
    {
      signal: lab.signal,
      fieldManager: 'lab',
      patch: {
        kind: 'merge',
        body: { metadata: { annotations: { 'toolkit.sluice.dev/depends-on': 'GitRepository/app' } } },
      },
    },
  )
  await lab.applied('app', revision)
})

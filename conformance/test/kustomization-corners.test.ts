import type { KubeObject } from '@sluice/ports'
import type { Kustomization } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import { type Lab, startLab } from '../src/lab/lab.ts'

const config = (name: string, data = '{}', annotations = '{}', rest = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: lab, annotations: ${annotations}}\ndata: ${data}\n${rest}`

const kustomization = (
  name: string,
  spec = '',
  prune = true,
): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: lab}
spec:
  interval: 10m
  path: ./${name}
  prune: ${prune}
  sourceRef: {kind: GitRepository, name: app}
${spec}`

const message = (object: KubeObject, type = 'Ready') => {
  const { conditions = [] } = object['status'] as {
    readonly conditions?: readonly { readonly type: string; readonly message: string }[]
  }
  return conditions.find((condition) => condition.type === type)?.message
}

const runsOf = ({ status }: Kustomization): number => status?.history?.[0]?.totalReconciliations ?? 0

const failedWith = (text: string) => (object: KubeObject) => message(object)?.includes(text) === true

async function names(lab: Lab): Promise<string[]> {
  const found = (await lab.list('v1', 'ConfigMap')).map(({ metadata: { name = '' } }) => name)
  return found.filter((name) => name !== 'kube-root-ca.crt').toSorted()
}

async function dataOf(lab: Lab, name: string): Promise<unknown> {
  return (await lab.list('v1', 'ConfigMap')).find(({ metadata }) => metadata.name === name)?.['data']
}

test.each([
  ['deletes with deletionPolicy Delete though it prunes nothing', '  deletionPolicy: Delete\n', []],
  ['leaves all without prune', '', ['a']],
] as const)('%s', async (_, spec, left) => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(kustomization('app', spec, false))
  await lab.applied('app', await lab.publish({ 'app/all.yaml': config('a') }))
  await lab.remove('app')
  expect(await names(lab)).toEqual(left)
})

const fixed = (name: string, value: string, annotations = '{}'): string =>
  config(name, `{value: ${value}}`, annotations, 'immutable: true\n')

const threefold = (value: string) => ({
  'whole/all.yaml': fixed('whole', value),
  'single/all.yaml': fixed('single', value, '{kustomize.toolkit.fluxcd.io/force: enabled}'),
  'never/all.yaml': fixed('never', value),
})

test('recreates what is immutable where that is asked for, and nowhere else', async () => {
  await using lab = await startLab()
  lab.startController()
  const first = await lab.publish(threefold('one'))
  await lab.create(kustomization('whole', '  force: true\n'))
  await lab.create(kustomization('single'))
  await lab.create(kustomization('never'))
  for (const name of ['whole', 'single', 'never']) await lab.applied(name, first)
  const second = await lab.publish(threefold('two'))
  await lab.applied('whole', second)
  await lab.applied('single', second)
  const never = await lab.until('never', failedWith('immutable'))
  expect(message(never)).toBe(
    'ConfigMap/lab/never dry-run failed (Invalid): ConfigMap "never" is invalid: data: Forbidden: field is immutable when `immutable` is set\n',
  )
  expect([await dataOf(lab, 'whole'), await dataOf(lab, 'single'), await dataOf(lab, 'never')]).toEqual([
    { value: 'two' },
    { value: 'two' },
    { value: 'one' },
  ])
})

const pair = (value: string) => ({
  'app/all.yaml': `${config('a', `{value: ${value}}`)}---\n${config('b', `{value: ${value}}`)}`,
})

test('leaves alone what is not to be reconciled', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(kustomization('app'))
  await lab.applied('app', await lab.publish(pair('one')))
  const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
  const annotations = { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' }
  await lab.cluster.patch(
    resource,
    { namespace: 'lab', name: 'a' },
    {
      signal: lab.signal,
      fieldManager: 'operator',
      patch: { kind: 'merge', body: { metadata: { annotations } } },
    },
  )
  await lab.applied('app', await lab.publish(pair('two')))
  expect([await dataOf(lab, 'a'), await dataOf(lab, 'b')]).toEqual([{ value: 'one' }, { value: 'two' }])
  await lab.remove('app')
  expect(await names(lab)).toEqual(['a'])
})

test('tells what it cannot delete once its account is gone', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(`apiVersion: v1
kind: ServiceAccount
metadata: {name: team, namespace: lab}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: team}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: team, namespace: lab}]
`)
  await lab.create(kustomization('app', '  serviceAccountName: team\n'))
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n'
  await lab.applied('app', await lab.publish({ 'app/all.yaml': `${config('a')}---\n${namespace}` }))
  const accounts = await lab.cluster.resourceFor('v1', 'ServiceAccount', { signal: lab.signal })
  await lab.cluster.delete(accounts, { namespace: 'lab', name: 'team' }, { signal: lab.signal })
  await lab.remove('app')
  expect(await names(lab)).toContain('a')
  const messages = (await lab.list('v1', 'Event')).map((event) => event['message'])
  expect(messages).toContain('unable to prune objects: \nNamespace/other\nConfigMap/lab/a')
})

test('keeps in its inventory what it could not prune', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(`apiVersion: v1
kind: ServiceAccount
metadata: {name: team, namespace: lab}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: team, namespace: lab}
rules: [{apiGroups: [''], resources: [configmaps], verbs: [get, list, watch, create, update, patch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: team, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: team}
subjects: [{kind: ServiceAccount, name: team, namespace: lab}]
`)
  await lab.create(kustomization('app', '  serviceAccountName: team\n'))
  await lab.applied('app', await lab.publish({ 'app/all.yaml': `${config('a')}---\n${config('b')}` }))
  await lab.publish({ 'app/all.yaml': config('b') })
  const app = await lab.until('app', failedWith('delete failed'))
  expect(message(app)).toBe(
    'delete failed, errors: ConfigMap/lab/a delete failed: configmaps "a" is forbidden: User "system:serviceaccount:lab:team" cannot delete resource "configmaps" in API group "" in the namespace "lab";',
  )
  expect(app.status?.inventory?.entries.map(({ id }) => id)).toEqual(['lab_b__ConfigMap', 'lab_a__ConfigMap'])
  expect(app.status?.history?.[0]?.lastReconciledStatus).toBe('PruneFailed')
})

test('fails early on a set whose pods fail for good', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(`apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: lab, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
`)
  const pods = await lab.cluster.resourceFor('v1', 'Pod', { signal: lab.signal })
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } }
  const status = {
    phase: 'Running',
    containerStatuses: [
      { name: 'db', ready: false, restartCount: 3, image: 'db', imageID: '', state: waiting },
    ],
  }
  await lab.cluster.patch(
    pods,
    { namespace: 'lab', name: 'db-0' },
    {
      signal: lab.signal,
      fieldManager: 'kubelet',
      subresource: 'status',
      patch: { kind: 'merge', body: { status } },
    },
  )
  await lab.create(kustomization('app', '  wait: true\n  timeout: 5m\n'))
  await lab.publish({
    'app/all.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: lab}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}, matchExpressions: [{key: app, operator: In, values: [db]}]}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}
`,
  })
  const app = await lab.until('app', failedWith('health check failed'))
  expect(message(app, 'Healthy')).toBe(
    "failed early due to stalled resources: [StatefulSet/lab/db status: 'Failed']",
  )
})

test('tells at once that its source is gone, unless it has tried what that gave last', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(kustomization('app'))
  await lab.create(kustomization('lost'))
  await lab.applied('app', await lab.publish({ 'app/all.yaml': config('a') }))
  await lab.until('lost', failedWith('path not found'))
  const sources = await lab.cluster.resourceFor('source.toolkit.fluxcd.io/v1', 'GitRepository', {
    signal: lab.signal,
  })
  await lab.cluster.delete(sources, { namespace: 'lab', name: 'app' }, { signal: lab.signal })
  await lab.until('lost', failedWith('"app" not found'))
  expect(message(await lab.until('app', () => true))).toContain('Applied revision')
})

test('does not wait for itself', async () => {
  await using lab = await startLab()
  lab.startController()
  const itself =
    '{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, name: app, namespace: lab}'
  await lab.create(kustomization('app', `  healthChecks: [${itself}]\n`))
  const app = await lab.applied('app', await lab.publish({ 'app/all.yaml': config('a') }))
  expect(message(app, 'Healthy')).toMatch(/^Health check passed in /)
})

const otherSources = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: app, namespace: lab}
spec: {url: oci://registry.invalid/app, interval: 1h}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: Bucket
metadata: {name: app, namespace: lab}
spec: {bucketName: app, endpoint: s3.invalid, interval: 1h}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: ExternalArtifact
metadata: {name: app, namespace: lab}
spec: {sourceRef: {apiVersion: example.com/v1, kind: Made, name: app}}
`

test('applies from sources of every kind, and tells where an image came from', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(otherSources)
  const origin = 'main@sha1:0123456789012345678901234567890123456789'
  for (const kind of ['OCIRepository', 'Bucket', 'ExternalArtifact']) {
    // One after the other: each is a revision of its own.
    const name = kind.toLowerCase()
    await lab.create(kustomization(name).replace('GitRepository', kind))
    const revision = await lab.publish(
      { [`${name}/all.yaml`]: config(name) },
      { kind, metadata: { 'org.opencontainers.image.revision': origin } },
    )
    const { status } = await lab.applied(name, revision)
    expect(status?.lastAppliedOriginRevision).toBe(origin)
    expect(status?.history?.[0]?.metadata).toEqual({ revision, originRevision: origin })
  }
  expect(await names(lab)).toEqual(['bucket', 'externalartifact', 'ocirepository'])
  const finished = (await lab.list('v1', 'Event')).filter((event) =>
    String(event['message']).startsWith('Reconciliation finished'),
  )
  expect(finished.map(({ metadata }) => metadata.annotations)).toContainEqual(
    expect.objectContaining({
      'kustomize.toolkit.fluxcd.io/originRevision': origin,
      'kustomize.toolkit.fluxcd.io/commit_status': 'update',
    }),
  )
})

test('ends its history after five outcomes, the latest first', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(kustomization('app'))
  const revisions: string[] = []
  for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) {
    revisions.push(await lab.publish({ 'app/all.yaml': config('x', `{value: ${value}}`) }))
    await lab.applied('app', revisions.at(-1) ?? '')
  }
  const { status } = await lab.applied('app', revisions.at(-1) ?? '')
  expect(status?.history?.map(({ metadata }) => metadata?.['revision'])).toEqual(
    revisions.slice(1).toReversed(),
  )
})

test('takes back at its interval what another one took', async () => {
  await using lab = await startLab()
  lab.startController()
  const revision = await lab.publish({ 'app/all.yaml': config('shared') })
  for (const name of ['first', 'second']) {
    const both = kustomization(name).replace(`./${name}`, './app').replace('interval: 10m', 'interval: 1m')
    await lab.create(both)
    await lab.applied(name, revision)
  }
  const configuredBy = async (): Promise<string[]> =>
    (await lab.list('v1', 'Event'))
      .filter((event) => event['message'] === 'ConfigMap/lab/shared configured')
      .map((event) => (event['involvedObject'] as { readonly name: string }).name)
      .toSorted()
  await lab.until('first', (object) => runsOf(object) >= 3)
  await lab.until('second', (object) => runsOf(object) >= 3)
  expect(await configuredBy()).toEqual(['first', 'second'])
})

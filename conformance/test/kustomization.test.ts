import type { JsonObject, KubeObject } from '@sluice/ports'
import type { Kustomization } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import { type Lab, startLab } from '../src/lab/lab.ts'

const config = (name: string, data = '{}', annotations = '{}') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: lab, annotations: ${annotations}}\ndata: ${data}\n`

function kustomization(name: string, spec = ''): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: lab}
spec:
  interval: 10m
  path: ./${name}
  prune: true
  sourceRef: {kind: GitRepository, name: app}
${spec}`
}

const message = (object: KubeObject, type = 'Ready') => {
  const { conditions = [] } = object['status'] as {
    readonly conditions?: readonly { readonly type: string; readonly message: string }[]
  }
  return conditions.find((condition) => condition.type === type)?.message
}

async function configMaps(lab: Lab): Promise<Record<string, unknown>> {
  return Object.fromEntries(
    (await lab.list('v1', 'ConfigMap')).map((item) => [item.metadata.name, item['data']]),
  )
}

const runsOf = ({ status }: Kustomization) => status?.history?.[0]?.totalReconciliations ?? 0

const failedWith = (text: string) => (object: KubeObject) => message(object)?.includes(text) === true

test('checks health and readiness by expressions', async () => {
  await using lab = await startLab()
  lab.startController()
  const revision = await lab.publish({
    'one/all.yaml': config('one', '{phase: Done}'),
    'two/all.yaml': config('two', '{phase: Broken}'),
  })
  const exprs = `  wait: true
  timeout: 30s
  healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: data.phase == 'Done', failed: data.phase == 'Broken'}]
`
  await lab.create(kustomization('one', exprs))
  await lab.create(kustomization('two', exprs))
  await lab.create(
    kustomization(
      'three',
      `  dependsOn: [{name: one, readyExpr: "dep.metadata.name == 'one' && self.metadata.name == 'x'"}]\n`,
    ),
  )
  await lab.create(kustomization('four', '  dependsOn: [{name: one, readyExpr: dep.metadata.name}]\n'))
  await lab.create(
    kustomization('five', "  healthCheckExprs: [{apiVersion: v1, kind: Secret, current: ''}]\n"),
  )
  await lab.applied('one', revision)
  await lab.until(
    'two',
    failedWith("failed early due to stalled resources: [ConfigMap/lab/two status: 'Failed']"),
  )
  await lab.until('three', failedWith("dependency 'lab/one' is not ready according to readyExpr eval"))
  const four = await lab.until('four', failedWith('expected bool, got dyn'))
  expect(message(four)).toBe(
    'Reconciliation failed terminally due to configuration error: terminal error: failed to evaluate dependency one: CEL expression output type mismatch: expected bool, got dyn',
  )
  expect(message(four, 'Stalled')).toBe(message(four))
  await lab.until('five', failedWith('healthchecks[0]: expression Current not specified'))
})

test('substitutes variables of the own namespace, in order', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(`${config('first', '{a: "1", b: "1"}')}---\n${config('second', '{b: "2"}')}`)
  const revision = await lab.publish({
    'app/all.yaml': config('out', `{value: "v\${a}\${b}\${c:=3}"}`),
    'skip/all.yaml': config('skip', `{value: "\${a}"}`, '{kustomize.toolkit.fluxcd.io/substitute: disabled}'),
    'bad/all.yaml': config('bad', `{value: "\${nowhere}"}`),
    'gone/all.yaml': config('gone', `{value: "\${a}"}`),
  })
  const from = `  postBuild:
    substituteFrom:
      - {kind: ConfigMap, name: first}
      - {kind: ConfigMap, name: second}
      - {kind: Secret, name: absent, optional: true}
`
  await lab.create(kustomization('app', from))
  await lab.create(kustomization('skip', from))
  await lab.create(kustomization('bad', from))
  await lab.create(kustomization('gone', from.replace('optional: true', 'optional: false')))
  await lab.applied('app', revision)
  await lab.applied('skip', revision)
  expect(await configMaps(lab)).toMatchObject({ out: { value: 'v123' }, skip: { value: '${a}' } })
  await lab.until('bad', failedWith('variable not set (strict mode): "nowhere"'))
  await lab.until('gone', failedWith("substitute from 'Secret/absent' error"))
})

test('acts with the rights of the service account alone', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(`apiVersion: v1
kind: ServiceAccount
metadata: {name: team, namespace: lab}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: team, namespace: lab}
rules: [{apiGroups: [''], resources: [configmaps], verbs: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: team, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: team}
subjects: [{kind: ServiceAccount, name: team, namespace: lab}]
`)
  const revision = await lab.publish({
    'inside/all.yaml': config('inside'),
    'outside/all.yaml': config('outside').replace('namespace: lab', 'namespace: default'),
  })
  await lab.create(kustomization('inside', '  serviceAccountName: team\n'))
  await lab.create(kustomization('outside', '  serviceAccountName: team\n'))
  await lab.applied('inside', revision)
  const outside = await lab.until('outside', failedWith('Forbidden'))
  expect(message(outside)).toBe(
    'ConfigMap/default/outside dry-run failed (Forbidden): configmaps "outside" is forbidden: User "system:serviceaccount:lab:team" cannot patch resource "configmaps" in API group "" in the namespace "default"\n',
  )
})

test.each([
  { spec: '', left: [] },
  { spec: '  deletionPolicy: WaitForTermination\n', left: [] },
  { spec: '  deletionPolicy: Orphan\n', left: ['a'] },
])('deletes by policy: $spec', async ({ spec, left }) => {
  await using lab = await startLab()
  lab.startController()
  const revision = await lab.publish({
    'app/all.yaml': `${config('a')}---\n${config('kept', '{}', '{kustomize.toolkit.fluxcd.io/prune: disabled}')}`,
  })
  await lab.create(kustomization('app', spec))
  await lab.applied('app', revision)
  await lab.remove('app')
  expect(
    Object.keys(await configMaps(lab))
      .filter((name) => name !== 'kube-root-ca.crt')
      .toSorted(),
  ).toEqual([...left, 'kept'].toSorted())
})

const annotated = (value: string) => ({
  'app/all.yaml': ['IfNotPresent', 'Ignore', 'Merge', 'Override']
    .map((ssa) => config(ssa.toLowerCase(), `{value: ${value}}`, `{kustomize.toolkit.fluxcd.io/ssa: ${ssa}}`))
    .join('---\n'),
})

test('heeds the annotations of objects', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(kustomization('app'))
  await lab.applied('app', await lab.publish(annotated('one')))
  const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
  for (const name of ['merge', 'override']) {
    await lab.cluster.patch(
      resource,
      { namespace: 'lab', name },
      {
        signal: lab.signal,
        fieldManager: 'kubectl-edit',
        patch: { kind: 'merge', body: { data: { mine: 'x' } } },
      },
    )
  }
  await lab.applied('app', await lab.publish(annotated('two')))
  const { ifnotpresent, merge, override, ...others } = await configMaps(lab)
  expect({ ifnotpresent, merge, override }).toEqual({
    ifnotpresent: { value: 'one' },
    merge: { value: 'two', mine: 'x' },
    override: { value: 'two' },
  })
  expect(others).not.toHaveProperty('ignore')
})

test('ends health checks when a new revision comes, if asked to', async () => {
  await using lab = await startLab()
  lab.startController({ options: { gates: { cancelHealthCheckOnNewRevision: true } } })
  const exprs = `  wait: true
  timeout: 24h
  healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: data.phase == 'Done'}]
`
  await lab.publish({ 'app/all.yaml': config('a', '{phase: Never}') })
  await lab.create(kustomization('app', exprs))
  await lab.until('app', (object) => message(object, 'Reconciling')?.startsWith('Running health') === true)
  const revision = await lab.publish({ 'app/all.yaml': config('a', '{phase: Done}') })
  await lab.applied('app', revision)
  const messages = (await lab.list('v1', 'Event')).map((event) => event['message'])
  expect(messages).toContain(
    'Health checks canceled due to new reconciliation triggered by GitRepository/lab/app',
  )
})

const shared = (value: string) => ({
  'app/all.yaml': config('a', `{ours: ${value}, theirs: initial}`),
})

test('leaves ignored fields alone and heeds suspension', async () => {
  await using lab = await startLab()
  lab.startController()
  const ignore = '  ignore: [{paths: [/data/theirs], target: {kind: ConfigMap}}]\n'
  await lab.create(kustomization('app', ignore))
  await lab.applied('app', await lab.publish(shared('one')))
  const patchOf = async (apiVersion: string, kind: string, name: string, body: JsonObject) => {
    const resource = await lab.cluster.resourceFor(apiVersion, kind, { signal: lab.signal })
    const patch = { kind: 'merge', body } as const
    const key = { namespace: 'lab', name }
    await lab.cluster.patch(resource, key, { signal: lab.signal, fieldManager: 'operator', patch })
  }
  await patchOf('v1', 'ConfigMap', 'a', { data: { theirs: 'changed' } })
  const second = await lab.publish(shared('two'))
  await lab.applied('app', second)
  expect(await configMaps(lab)).toMatchObject({ a: { ours: 'two', theirs: 'changed' } })

  const flux = 'kustomize.toolkit.fluxcd.io/v1'
  await patchOf(flux, 'Kustomization', 'app', { spec: { suspend: true } })
  const third = await lab.publish(shared('three'))
  await lab.create(kustomization('other'))
  await lab.until('other', failedWith('kustomization path not found'))
  expect(await configMaps(lab)).toMatchObject({ a: { ours: 'two' } })
  await patchOf(flux, 'Kustomization', 'app', { spec: { suspend: false } })
  await lab.applied('app', third)
  expect(await configMaps(lab)).toMatchObject({ a: { ours: 'three', theirs: 'changed' } })
})

test('waits for named objects and prunes what a failed revision would not', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(
    kustomization(
      'app',
      '  timeout: 30s\n  retryInterval: 5m\n  healthChecks: [{apiVersion: v1, kind: ConfigMap, name: gate, namespace: lab}]\n',
    ),
  )
  const first = await lab.publish({ 'app/all.yaml': config('a') })
  await lab.until('app', failedWith("timeout waiting for: [ConfigMap/lab/gate status: 'NotFound']"))
  await lab.create(config('gate'))
  await lab.applied('app', first)
  await lab.publish({
    'app/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: lab}\ndata: [wrong]\n',
  })
  await lab.until('app', failedWith('ConfigMap/lab/a dry-run failed'))
  expect(await configMaps(lab)).toHaveProperty('a')
  const last = await lab.publish({ 'app/all.yaml': config('b') })
  await lab.applied('app', last)
  expect(await configMaps(lab)).not.toHaveProperty('a')
  expect(await configMaps(lab)).toHaveProperty('b')
})

test('runs what depends on others once they are ready, and not at each run of theirs', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.create(kustomization('late', '  dependsOn: [{name: early}]\n'))
  await lab.create(kustomization('early').replace('interval: 10m', 'interval: 1m'))
  const revision = await lab.publish({ 'early/all.yaml': config('e'), 'late/all.yaml': config('l') })
  await lab.applied('late', revision)
  // By now the alarms of waiting have rung.
  await lab.until('early', (object) => runsOf(object) >= 4)
  const before = runsOf(await lab.applied('late', revision))
  await lab.until('early', (object) => runsOf(object) >= 6)
  expect(runsOf(await lab.applied('late', revision))).toBe(before)
})

import type { Kustomization } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import { type Lab, startLab } from '../src/lab/lab.ts'

const plan = 'toolkit.sluice.dev/plan'
const kustomization = (annotations: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: lab, annotations: ${annotations}}
spec:
  interval: 10m
  prune: true
  path: ./app
  sourceRef: {kind: GitRepository, name: app}
`
const config = (name: string, data: string, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: lab}\n${more}data: ${data}\n`

const conditionOf = (type: string, { status }: Kustomization) =>
  status?.conditions?.find((it) => it.type === type)
const planned = (text: string) => (object: Kustomization) =>
  conditionOf('Planned', object)?.message.startsWith(text) ?? false

async function annotate({ cluster, signal }: Lab, value: string | null): Promise<void> {
  const resource = await cluster.resourceFor('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', { signal })
  const body = { metadata: { annotations: { [plan]: value } } }
  const key = { namespace: 'lab', name: 'app' }
  await cluster.patch(resource, key, { signal, fieldManager: 'lab', patch: { kind: 'merge', body } })
}

async function configMaps(lab: Lab): Promise<Readonly<Record<string, unknown>>> {
  const objects = await lab.list('v1', 'ConfigMap')
  return Object.fromEntries(
    objects
      .filter(({ metadata }) => metadata.namespace === 'lab' && metadata.name !== 'kube-root-ca.crt')
      .map((it) => [it.metadata.name, it['data']]),
  )
}

test('tells the next change and applies nothing until the annotation is gone', async () => {
  await using lab = await startLab()
  lab.startController()
  const first = await lab.publish({
    'app/a.yaml': config('a', '{x: "1", y: "1"}'),
    'app/old.yaml': config('old', '{x: "1"}'),
  })
  await lab.create(kustomization('{}'))
  await lab.applied('app', first)
  await annotate(lab, 'enabled')
  const quiet = await lab.until('app', planned(`Drift from revision ${first}`))
  expect(conditionOf('Planned', quiet)).toMatchObject({ status: 'False', reason: 'NoChanges' })
  expect(conditionOf('Ready', quiet)).toMatchObject({
    status: 'True',
    message: `Drift from revision ${first}: nothing to change`,
  })
  const second = await lab.publish({
    'app/a.yaml': config('a', '{x: "2", z: "1"}'),
    'app/ns.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: {name: fresh}\n---\n${config('in', '{}').replace('namespace: lab', 'namespace: fresh')}`,
  })
  const told = await lab.until('app', planned(`Plan for revision ${second}`))
  expect(conditionOf('Ready', told)).toMatchObject({ status: 'Unknown', reason: 'Planned' })
  expect(conditionOf('Planned', told)?.message.split('\n')).toEqual([
    `Plan for revision ${second}: 2 to create, 1 to configure, 1 to delete`,
    'Namespace/fresh created',
    'ConfigMap/fresh/in created',
    'ConfigMap/lab/a configured: data.x, data.y, data.z',
    'ConfigMap/lab/old deleted',
  ])
  expect(told.status?.lastAppliedRevision).toBe(first)
  expect(await configMaps(lab)).toEqual({ a: { x: '1', y: '1' }, old: { x: '1' } })
  await annotate(lab, null)
  const applied = await lab.applied('app', second)
  expect(conditionOf('Planned', applied)).toBeUndefined()
  expect(await configMaps(lab)).toEqual({ a: { x: '2', z: '1' } })
})

test('tells of drift at once, by whom and once, and leaves it', async () => {
  await using lab = await startLab()
  lab.startController()
  const revision = await lab.publish({ 'app/a.yaml': config('a', '{x: "1"}') })
  await lab.create(kustomization(`{${plan}: enabled}`))
  await lab.until('app', planned('Plan for revision'))
  expect(await configMaps(lab)).toEqual({})
  await annotate(lab, null)
  await lab.applied('app', revision)
  await annotate(lab, 'enabled')
  await lab.until('app', planned('Drift from revision'))
  const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', lab)
  const change = { kind: 'merge', body: { data: { x: 'mine' } } } as const
  const key = { namespace: 'lab', name: 'a' }
  const write = { signal: lab.signal, fieldManager: 'someone' }
  await lab.cluster.patch(resource, key, { ...write, patch: change })
  const told = await lab.until('app', (it) => conditionOf('Planned', it)?.status === 'True')
  expect(conditionOf('Planned', told)?.message).toBe(
    `Drift from revision ${revision}: 1 to configure\nConfigMap/lab/a configured: data.x (seen: data.x by someone)`,
  )
  expect(await configMaps(lab)).toEqual({ a: { x: 'mine' } })
})

test('tells which objects would be refused', async () => {
  await using lab = await startLab()
  lab.startController()
  await lab.publish({ 'app/a.yaml': `${config('a', '{}')}---\n${config('Bad_', '{}')}` })
  await lab.create(kustomization(`{${plan}: enabled}`))
  const told = await lab.until('app', (it) => conditionOf('Ready', it)?.status === 'False')
  expect(conditionOf('Ready', told)?.message).toMatch(/^ConfigMap\/lab\/Bad_ dry-run failed \(Invalid\)/)
  expect(conditionOf('Planned', told)?.message).toMatch(
    /: 1 to create, 1 refused\nConfigMap\/lab\/a created\n/,
  )
  expect(await configMaps(lab)).toEqual({})
})

import type { HelmRelease } from '@sluice/toolkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HelmControllerLab, helmControllerLab } from '../src/lab/helm-controller.ts'
import { labChart, type ReleaseLab, releaseNamespace, startReleaseLab } from '../src/lab/release-lab.ts'

const plan = 'toolkit.sluice.dev/plan'
const release = (name: string, annotations: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: ${releaseNamespace}, annotations: ${annotations}}
spec: {interval: 24h, chartRef: {kind: HelmChart, name: chart}}
`
const config = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`
const fixed = (name: string, value: string): string =>
  `${config(name, `{value: "${value}"}`)}immutable: true\n`
const fixedFiles = (value: string) => ({
  'a.yaml': fixed('a', value),
  'templates/more/b.yaml': fixed('b', value),
})
const hook = `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}
`

let lab: ReleaseLab
let controller: HelmControllerLab
let stop: () => Promise<void>

beforeEach(async () => {
  lab = await startReleaseLab()
  controller = await helmControllerLab(lab)
  stop = controller.startController()
})
afterEach(async () => {
  await stop()
  await lab[Symbol.asyncDispose]()
})

const conditionOf = (type: string, object: HelmRelease | undefined) =>
  object?.status?.conditions?.find((it) => it.type === type)
const planned = (text: string) => (object: HelmRelease | undefined) =>
  conditionOf('Planned', object)?.message.startsWith(text) ?? false
const isReady = (object: HelmRelease | undefined): boolean => conditionOf('Ready', object)?.status === 'True'

async function found(name: string): Promise<HelmRelease> {
  return (await lab.find('helm.toolkit.fluxcd.io/v2', 'HelmRelease', name)) as HelmRelease
}

async function annotate(name: string, value: string | null): Promise<void> {
  const resource = await lab.cluster.resourceFor('helm.toolkit.fluxcd.io/v2', 'HelmRelease', lab)
  const patch = { kind: 'merge', body: { metadata: { annotations: { [plan]: value } } } } as const
  const write = { signal: lab.signal, fieldManager: 'lab', patch }
  await lab.cluster.patch(resource, { namespace: releaseNamespace, name }, write)
}

test('a release that is planned is told of and not made, until the annotation is gone', async () => {
  await controller.publish(labChart({ 'a.yaml': config('a', '{x: "1"}') }, '1.0.0'))
  await lab.create(release('app', `{${plan}: enabled}`))
  await controller.until('app', planned('Plan for release lab/app with chart app@1.0.0: 1 to create'))
  expect(await lab.find('v1', 'ConfigMap', 'a')).toBeUndefined()
  expect(conditionOf('Ready', await found('app'))).toMatchObject({ status: 'Unknown', reason: 'Planned' })
  await annotate('app', null)
  await controller.until('app', isReady)
  expect(conditionOf('Planned', await found('app'))).toBeUndefined()
  expect(await lab.find('v1', 'ConfigMap', 'a')).toBeDefined()
})

test('a plan of an upgrade names fields, hooks and what goes', async () => {
  const old = { 'a.yaml': config('a', '{x: "1"}'), 'b.yaml': config('b', '{}') }
  await controller.publish(labChart(old, '1.0.0'))
  await lab.create(release('app', '{}'))
  await controller.until('app', isReady)
  await annotate('app', 'enabled')
  await controller.until('app', planned('Drift from release lab/app.v1 with chart app@1.0.0'))
  expect(conditionOf('Planned', await found('app'))).toMatchObject({ status: 'False', reason: 'NoChanges' })
  const next = { 'a.yaml': config('a', '{x: "2"}'), 'c.yaml': config('c', '{}'), 'hook.yaml': hook }
  await controller.publish(labChart(next, '2.0.0'))
  await controller.until('app', planned('Plan for release'))
  const told = await found('app')
  expect(conditionOf('Planned', told)?.message.split('\n')).toEqual([
    'Plan for release lab/app with chart app@2.0.0: 1 to create, 1 to configure, 1 to delete, 1 to run',
    'ConfigMap/lab/c created',
    'ConfigMap/lab/a configured: data.x',
    'ConfigMap/lab/b deleted',
    'Job/lab/migrate runs (pre-upgrade)',
  ])
  expect(told.status?.history?.map(({ chartVersion }) => chartVersion)).toEqual(['1.0.0'])
  expect((await lab.find('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '1' })
  expect(await controller.events('app')).toContainEqual(expect.stringMatching(/^Planned: Plan for release/))
})

test('a plan tells of drift, by whom, and leaves it', async () => {
  await controller.publish(labChart({ 'a.yaml': config('a', '{x: "1"}') }, '1.0.0'))
  await lab.create(release('app', '{}'))
  await controller.until('app', isReady)
  await annotate('app', 'enabled')
  await controller.until('app', planned('Drift from release'))
  const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', lab)
  const patch = { kind: 'merge', body: { data: { x: 'mine' } } } as const
  const write = { signal: lab.signal, fieldManager: 'someone', patch }
  await lab.cluster.patch(resource, { namespace: releaseNamespace, name: 'a' }, write)
  await controller.until('app', (it) => conditionOf('Planned', it)?.status === 'True')
  expect(conditionOf('Planned', await found('app'))?.message).toBe(
    'Drift from release lab/app.v1 with chart app@1.0.0: 1 to configure\nConfigMap/lab/a configured: data.x (seen: data.x by someone)',
  )
  expect((await lab.find('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: 'mine' })
})

test('a plan tells what would be refused', async () => {
  await controller.publish(labChart({ 'a.yaml': `${config('a', '{}')}---\n${config('Bad_', '{}')}` }))
  await lab.create(release('app', `{${plan}: enabled}`))
  await controller.until('app', (it) => conditionOf('Ready', it)?.status === 'False')
  const told = await found('app')
  expect(conditionOf('Ready', told)?.message).toMatch(/^ConfigMap\/lab\/Bad_ dry-run failed \(Invalid\)/)
  expect(conditionOf('Planned', told)?.message).toMatch(
    /: 1 to create, 1 refused\nConfigMap\/lab\/a created\n/,
  )
})

test('a failure names the template of every object that was refused, if asked to', async () => {
  await controller.publish(labChart(fixedFiles('1'), '1.0.0'))
  await lab.create(release('app', '{toolkit.sluice.dev/explain-errors: enabled}'))
  await controller.until('app', isReady)
  await controller.publish(labChart(fixedFiles('2'), '2.0.0'))
  await controller.until('app', (it) => conditionOf('Released', it)?.status === 'False')
  const { message = '' } = conditionOf('Released', await found('app')) ?? {}
  expect(message).toMatch(/^Helm upgrade failed for release lab\/app with chart app@2\.0\.0: /)
  expect(message).toMatch(/\nNot applied:\napp\/templates\/a\.yaml: ConfigMap\/lab\/a \(immutable field\)\n/)
  expect(message).toMatch(/\napp\/templates\/more\/b\.yaml: ConfigMap\/lab\/b: .*\(immutable field\)$/)
})

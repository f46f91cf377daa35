import { type FakeClock, fakeClock } from '@sluice/ports/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ApiServer, createApiServer } from '../src/index.ts'
import { type Client, inProcessClient } from './in-process-client.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'
const events = '/api/v1/namespaces/default/events'
let clock: FakeClock
let server: ApiServer
let ask: Client

beforeEach(async () => {
  clock = fakeClock(Date.parse('2026-01-01T00:00:00Z'))
  server = await createApiServer({ clock })
  ask = inProcessClient(server)
})
afterEach(() => server.close())

/** Lets the server's controllers work, for some time of its clock. */
async function pass(ms = 1_000): Promise<void> {
  await clock.advance(ms)
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
}

async function owner(): Promise<string> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner' } }
  return (await ask('POST', configMaps, { body })).body.metadata.uid ?? ''
}

async function dependent(name: string, uid: string, blocks = false): Promise<void> {
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, blockOwnerDeletion: blocks }
  const metadata = {
    name,
    ownerReferences: [reference],
    ...(blocks ? { finalizers: ['example.com/wait'] } : {}),
  }
  await ask('POST', configMaps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata } })
}

const remove = (name: string, propagationPolicy: string): Promise<unknown> =>
  ask('DELETE', `${configMaps}/${name}`, { body: { propagationPolicy } })
const code = async (name: string): Promise<number> => (await ask('GET', `${configMaps}/${name}`)).code

test('background: the owner goes at once, what it owns after it', async () => {
  await dependent('child', await owner())
  await remove('owner', 'Background')
  expect(await code('owner')).toBe(404)
  await pass()
  expect(await code('child')).toBe(404)
})

test('foreground: the owner stays until what blocks it is gone', async () => {
  await dependent('child', await owner(), true)
  await remove('owner', 'Foreground')
  await pass()
  const { metadata } = (await ask('GET', `${configMaps}/owner`)).body
  expect(metadata.finalizers).toEqual(['foregroundDeletion'])
  expect((await ask('GET', `${configMaps}/child`)).body.metadata.deletionTimestamp).toBeDefined()
  await ask('PATCH', `${configMaps}/child`, {
    contentType: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  })
  await pass()
  expect([await code('owner'), await code('child')]).toEqual([404, 404])
})

test('orphan: what the owner owned stays, and belongs to nobody', async () => {
  await dependent('child', await owner())
  await remove('owner', 'Orphan')
  await pass()
  expect(await code('owner')).toBe(404)
  expect((await ask('GET', `${configMaps}/child`)).body.metadata.ownerReferences).toBeUndefined()
})

test('what names an owner that never was goes', async () => {
  await dependent('stray', '00000000-0000-4000-8000-000000000000')
  await pass()
  expect(await code('stray')).toBe(404)
})

function event(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name },
    involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'x' },
    reason: 'Tested',
    type: 'Normal',
  }
}

test('events go an hour after they were last written', async () => {
  for (const name of ['old', 'renewed']) await ask('POST', events, { body: event(name) })
  await pass(40 * 60_000)
  await ask('PATCH', `${events}/renewed`, {
    contentType: 'application/merge-patch+json',
    body: { count: 2 },
  })
  await pass(21 * 60_000)
  const codes = async () => [
    (await ask('GET', `${events}/old`)).code,
    (await ask('GET', `${events}/renewed`)).code,
  ]
  expect(await codes()).toEqual([404, 200])
  await pass(40 * 60_000)
  expect(await codes()).toEqual([404, 404])
})

test('a namespace has its account and CA, gives them back, and empties before it goes', async () => {
  await ask('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } },
  })
  await pass()
  const inside = '/api/v1/namespaces/ns'
  expect((await ask('GET', `${inside}/serviceaccounts/default`)).code).toBe(200)
  await ask('DELETE', `${inside}/configmaps/kube-root-ca.crt`)
  await pass()
  expect((await ask('GET', `${inside}/configmaps/kube-root-ca.crt`)).code).toBe(200)
  const held = { name: 'held', finalizers: ['example.com/wait'] }
  await ask('POST', `${inside}/configmaps`, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: held } })
  await ask('DELETE', inside)
  await pass()
  expect((await ask('GET', inside)).body['status']).toMatchObject({ phase: 'Terminating' })
  const late = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } }
  expect((await ask('POST', `${inside}/configmaps`, { body: late })).message).toContain('is being terminated')
  await ask('PATCH', `${inside}/configmaps/held`, {
    contentType: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  })
  await pass()
  expect((await ask('GET', inside)).code).toBe(404)
})

import { ApiError, createCluster, type Transport } from '@sluice/cluster'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { type FakeClock, fakeClock, seededRandom } from '@sluice/ports/testing'
import { type LeaderElectionOptions, LeadershipLostError, runAsLeader } from '@sluice/runtime'
import { expect, test } from 'vitest'
import { memoryServer } from '../../cluster/test/memory-transport.ts'

const collection = '/apis/coordination.k8s.io/v1/leases'

function setup() {
  const server = memoryServer([
    { groupVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'leases' },
    { groupVersion: 'v1', kind: 'Event', name: 'events' },
  ])
  const clock = fakeClock(1_700_000_000_000)
  const options = (identity: string): LeaderElectionOptions => ({
    cluster: createCluster(server.transport),
    clock,
    random: seededRandom(1),
    log: silentLogger,
    identity,
    namespace: 'flux-system',
    name: 'source-controller-leader-election',
  })
  return { server, clock, options }
}

/** Leads until told to stop, noting when. */
function candidate(log: string[], options: LeaderElectionOptions) {
  const stop = new AbortController()
  const ended = runAsLeader(
    (signal) =>
      new Promise((resolve) => {
        log.push(`${options.identity} leads`)
        signal.addEventListener('abort', () => {
          log.push(`${options.identity} stops`)
          resolve()
        })
      }),
    options,
    stop.signal,
  )
  return { stop, ended }
}

async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) await clock.advance(1_000)
}

test('one leads; when it ends in order, another takes over at once', async () => {
  const { clock, options } = setup()
  const log: string[] = []
  const one = candidate(log, options('one'))
  await pass(clock, 1)
  const two = candidate(log, options('two'))
  await pass(clock, 60)
  expect(log).toEqual(['one leads'])
  one.stop.abort()
  await one.ended
  await pass(clock, 7)
  expect(log).toEqual(['one leads', 'one stops', 'two leads'])
  two.stop.abort()
  await two.ended
})

test('a leader that vanished is replaced when its lease has run out', async () => {
  const { clock, options, server } = setup()
  const record = { holderIdentity: 'gone', leaseDurationSeconds: 35, leaseTransitions: 3 }
  server.put(collection, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'flux-system', name: 'source-controller-leader-election' },
    spec: record,
  })
  const log: string[] = []
  const two = candidate(log, options('two'))
  await pass(clock, 34)
  expect(log).toEqual([])
  await pass(clock, 8)
  expect(log).toEqual(['two leads'])
  const { body } = await server.transport.request(
    {
      method: 'GET',
      path: `/apis/coordination.k8s.io/v1/namespaces/flux-system/leases/source-controller-leader-election`,
    },
    { signal: two.stop.signal },
  )
  expect(body).toMatchObject({
    spec: { holderIdentity: 'two', leaseDurationSeconds: 35, leaseTransitions: 4 },
  })
  two.stop.abort()
  await two.ended
})

test('a leader that cannot renew stops before others may begin', async () => {
  const { clock, options, server } = setup()
  const log: string[] = []
  const one = candidate(log, options('one'))
  const failure = one.ended.catch((error: unknown) => error)
  await pass(clock, 1)
  server.fail(/leases/, new ApiError({ code: 503, reason: 'ServiceUnavailable' }), 1_000)
  await pass(clock, 28)
  expect(log).toEqual(['one leads'])
  await pass(clock, 7)
  expect(log).toEqual(['one leads', 'one stops'])
  expect(await failure).toBeInstanceOf(LeadershipLostError)
})

test('a leader whose requests hang stops as well', async () => {
  const { clock, options, server } = setup()
  const log: string[] = []
  let hangs = false
  const transport: Transport = {
    ...server.transport,
    request: (request, call) =>
      hangs
        ? new Promise((_, reject) => {
            call.signal.addEventListener('abort', () => reject(call.signal.reason))
          })
        : server.transport.request(request, call),
  }
  const one = candidate(log, { ...options('one'), cluster: createCluster(transport) })
  const failure = one.ended.catch((error: unknown) => error)
  await pass(clock, 1)
  hangs = true
  await pass(clock, 40)
  expect(log).toEqual(['one leads', 'one stops'])
  expect(await failure).toBeInstanceOf(LeadershipLostError)
})

test('both ends of leading are told, and are events of the lease', async () => {
  const { clock, options, server } = setup()
  const told: boolean[] = []
  const one = candidate([], { ...options('one'), onLeading: (isLeader) => told.push(isLeader) })
  await pass(clock, 1)
  expect(told).toEqual([true])
  one.stop.abort()
  await one.ended
  expect(told).toEqual([true, false])
  const path = '/api/v1/events'
  const { body } = await server.transport.request({ method: 'GET', path }, new AbortController())
  const events = (body as { items: KubeObject[] }).items
  expect(events.map((it) => [it['reason'], it['message']])).toEqual([
    ['LeaderElection', 'one became leader'],
    ['LeaderElection', 'one stopped leading'],
  ])
})

test('who never came to lead ends quietly', async () => {
  const { clock, options } = setup()
  const log: string[] = []
  const one = candidate(log, options('one'))
  await pass(clock, 1)
  const two = candidate(log, options('two'))
  await pass(clock, 10)
  two.stop.abort()
  await expect(two.ended).resolves.toBeUndefined()
  expect(log).toEqual(['one leads'])
  one.stop.abort()
  await one.ended
})

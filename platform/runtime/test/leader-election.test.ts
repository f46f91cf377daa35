import { ApiError, createCluster } from '@sluice/cluster'
import { silentLogger } from '@sluice/ports'
import { type FakeClock, fakeClock, seededRandom } from '@sluice/ports/testing'
import { type LeaderElectionOptions, LeadershipLostError, runAsLeader } from '@sluice/runtime'
import { expect, test } from 'vitest'
import { memoryServer } from '../../cluster/test/memory-transport.ts'

const collection = '/apis/coordination.k8s.io/v1/leases'

function setup() {
  const server = memoryServer([{ groupVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'leases' }])
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

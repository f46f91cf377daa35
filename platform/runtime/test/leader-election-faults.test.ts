import { ApiError, createCluster, type Transport } from '@sluice/cluster'
import { type Random, silentLogger } from '@sluice/ports'
import { type FakeClock, fakeClock, seededRandom } from '@sluice/ports/testing'
import { runAsLeader } from '@sluice/runtime'
import { expect, test } from 'vitest'
import { memoryServer } from '../../cluster/test/memory-transport.ts'

/** How the way of one candidate to the server is. */
type Way = 'open' | 'refusing' | 'silent'

type Candidate = {
  readonly name: string
  way: Way
  isLeading: boolean
  /** Killed: what it still believes is of no consequence. */
  isDead: boolean
  hasEnded: boolean
  readonly stop: AbortController
  readonly ended: Promise<unknown>
}

const candidates = 3
const seconds = 900

/** A transport that the candidate's way stands before. */
function through(server: Transport, wayOf: () => Way): Transport {
  return {
    ...server,
    request: (request, call) => {
      switch (wayOf()) {
        case 'open':
          return server.request(request, call)
        case 'refusing':
          return Promise.reject(new ApiError({ code: 503, reason: 'ServiceUnavailable' }))
        case 'silent':
          return new Promise((_, reject) => {
            call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true })
          })
      }
    },
  }
}

function enter(
  name: string,
  server: Transport,
  { clock, random }: { clock: FakeClock; random: Random },
): Candidate {
  const stop = new AbortController()
  const self = { name, way: 'open' as Way, isLeading: false, isDead: false, hasEnded: false, stop }
  const ended = runAsLeader(
    async (signal) => {
      if (signal.aborted) return
      self.isLeading = true
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      self.isLeading = false
    },
    {
      cluster: createCluster(through(server, () => self.way)),
      clock,
      random,
      log: silentLogger,
      identity: name,
      namespace: 'flux-system',
      name: 'source-controller-leader-election',
    },
    stop.signal,
  )
    .catch((error: unknown) => error)
    .finally(() => {
      self.hasEnded = true
    })
  return Object.assign(self, { ended })
}

test.for([1, 2, 3, 4, 5, 6, 7, 8])(
  'faults of seed %d never make two lead, and someone leads in the end',
  async (seed) => {
    const random = seededRandom(seed)
    const clock = fakeClock(1_700_000_000_000)
    const { transport } = memoryServer([
      { groupVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'leases' },
      { groupVersion: 'v1', kind: 'Event', name: 'events' },
    ])
    const all: Candidate[] = []
    const living = (): readonly Candidate[] => all.filter((it) => !it.isDead && !it.hasEnded)
    const pass = async (): Promise<void> => {
      // What has ended is started again.
      while (living().length < candidates) {
        all.push(enter(`candidate-${all.length}`, transport, { clock, random }))
      }
      await clock.advance(1_000)
    }
    let most = 0
    let led = 0
    for (let second = 0; second < seconds; second += 1) {
      await pass()
      const leading = living().filter((it) => it.isLeading).length
      most = Math.max(most, leading)
      led += leading
      const unlucky = living()[Math.floor(random.float() * candidates)]
      if (unlucky) befall(unlucky, random.float())
    }
    expect(most).toBe(1)
    expect(led).toBeGreaterThan(seconds / 3)

    for (const one of living()) one.way = 'open'
    for (let second = 0; second < 60; second += 1) await pass()
    expect(living().filter((it) => it.isLeading)).toHaveLength(1)
    for (const one of living()) one.stop.abort()
    await clock.advance(60_000)
    await Promise.all(all.filter((it) => !it.isDead).map((it) => it.ended))
  },
)

/** @param dice from 0 to 1: mostly, nothing happens. */
function befall(candidate: Candidate, dice: number): void {
  if (dice < 0.02) candidate.way = 'silent'
  else if (dice < 0.04) candidate.way = 'refusing'
  else if (dice < 0.12) candidate.way = 'open'
  else if (dice < 0.125) kill(candidate)
  else if (dice < 0.13) candidate.stop.abort()
}

/** Nothing of it reaches the server any more. */
function kill(candidate: Candidate): void {
  candidate.way = 'silent'
  candidate.isDead = true
}

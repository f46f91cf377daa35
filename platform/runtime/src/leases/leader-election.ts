import type { Cluster } from '@sluice/cluster'
import { type Clock, type Logger, type Random, ToolkitError } from '@sluice/ports'
import { eventWriter } from '../events/event-writer.ts'
import { heldLease } from './lease.ts'

export type LeaderElectionOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Names this process among all that may lead, such as its host name and a UUID. */
  readonly identity: string
  readonly namespace: string
  /** `source-controller-leader-election` and the like. */
  readonly name: string
  /** How long others wait after the last renewal. Default: `35_000`. */
  readonly leaseDurationMs?: number
  /** How long renewing may fail before the lead is given up. Default: `30_000`. */
  readonly renewDeadlineMs?: number
  /** Pause between two looks at the lease. Default: `5_000`. */
  readonly retryPeriodMs?: number
  /** Whether the lease is set free at the end, so that another can take it at once. Default: `true`. */
  readonly releaseOnCancel?: boolean
  /** Told when this process begins and ends to lead. */
  readonly onLeading?: (isLeader: boolean) => void
}

/** Another process leads now; this one must do nothing more. */
export class LeadershipLostError extends ToolkitError {
  override readonly name = 'LeadershipLostError'

  constructor(name: string) {
    super('LEADERSHIP_LOST', `leader election lost: ${name}`)
  }
}

/** A lease is set free within this time, or left to run out. */
const releaseWithinMs = 3_000

/**
 * Runs `lead` once this process holds the lease, for as long as it does. Both ends of it are events of the lease.
 *
 * Source: https://kubernetes.io/docs/concepts/architecture/leases/; client-go tools/leaderelection
 * @throws {LeadershipLostError} when the lease could not be renewed in time; the signal given to `lead` has aborted with
 * it then.
 */
export async function runAsLeader(
  lead: (signal: AbortSignal) => Promise<void>,
  options: LeaderElectionOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, name, retryPeriodMs = 5_000, releaseOnCancel = true, onLeading = () => {} } = options
  const { leaseDurationMs = 35_000, renewDeadlineMs = 30_000 } = options
  const lease = heldLease({ ...options, leaseDurationMs })
  const tell = leaseEvents(options)
  if (!(await acquire())) return
  log.info('became leader', { lease: name, identity: options.identity })
  onLeading(true)
  const announced = tell('became leader', signal)

  const leading = new AbortController()
  const renewing = new AbortController()
  const stop = (): void => leading.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  // The lease is held until the work has ended, which may take a while after it was told to.
  const renewal = keepRenewing(renewing.signal, () => leading.abort(new LeadershipLostError(name)))
  const failures = await lead(leading.signal).then(
    () => [],
    (error: unknown) => [error],
  )
  signal.removeEventListener('abort', stop)
  renewing.abort()
  const isLost = await renewal
  onLeading(false)
  await announced
  // The process may be about to end: what is said last has a time of its own.
  await within({ clock, ms: releaseWithinMs, otherwise: undefined }, async (last) => {
    if (releaseOnCancel && !isLost) await lease.release(last)
    await tell('stopped leading', last)
  })
  if (isLost) throw new LeadershipLostError(name)
  for (const failure of failures) throw failure

  async function acquire(): Promise<boolean> {
    while (!signal.aborted) {
      const bound = { clock, ms: renewDeadlineMs, otherwise: false }
      if (await within(bound, (bounded) => lease.tryHold(bounded), signal)) return true
      await pause(signal)
    }
    return false
  }

  /** Whether the lead was lost before `until` aborted. */
  async function keepRenewing(until: AbortSignal, onLost: () => void): Promise<boolean> {
    let renewedAt = clock.now()
    while (!until.aborted) {
      // Never beyond the deadline: others count from the last renewal too.
      await pause(until, renewedAt + renewDeadlineMs - clock.now())
      if (until.aborted) return false
      const leftMs = renewedAt + renewDeadlineMs - clock.now()
      const askedAt = clock.now()
      // A request that hangs must not make this process believe that it still leads.
      const bound = { clock, ms: leftMs, otherwise: false }
      const isHeld = leftMs > 0 && (await within(bound, (bounded) => lease.tryHold(bounded), until))
      if (isHeld) renewedAt = askedAt
      if (until.aborted) return false
      if (clock.now() - renewedAt >= renewDeadlineMs) {
        onLost()
        return true
      }
    }
    return false
  }

  async function pause(until: AbortSignal, atMostMs = Number.POSITIVE_INFINITY): Promise<void> {
    try {
      const ms = retryPeriodMs * (1 + options.random.float() / 5)
      await clock.sleep(Math.max(1, Math.min(ms, atMostMs)), until)
    } catch (error) {
      if (!until.aborted) throw error
    }
  }
}

/**
 * Does `work` with a signal that aborts after `ms`, or with `outer`. What has not ended then, although it was told to, is
 * left to itself and counts as `otherwise`: whether a request hangs must not decide how long a lead lasts.
 *
 * @param work must not fail
 */
async function within<T>(
  { clock, ms, otherwise }: { readonly clock: Clock; readonly ms: number; readonly otherwise: T },
  work: (bounded: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const timeUp = new AbortController()
  const done = new AbortController()
  const stop = (): void => timeUp.abort()
  outer?.addEventListener('abort', stop, { once: true })
  if (outer?.aborted) stop()
  const left = new Promise<T>((resolve) => {
    timeUp.signal.addEventListener('abort', () => resolve(otherwise), { once: true })
  })
  const alarm = clock.sleep(ms, done.signal).then(stop, () => undefined)
  try {
    return await Promise.race([work(timeUp.signal), left])
  } finally {
    outer?.removeEventListener('abort', stop)
    done.abort()
    await alarm
  }
}

/** Events of the lease, as client-go records them. Failures are logged, never more. */
function leaseEvents(
  options: LeaderElectionOptions,
): (what: 'became leader' | 'stopped leading', signal: AbortSignal) => Promise<void> {
  const { clock, log, identity, namespace, name } = options
  const write = eventWriter(options)
  const object = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name },
  }
  return async (what, signal) => {
    const message = `${identity} ${what}`
    const event = { type: 'Normal', reason: 'LeaderElection', message } as const
    try {
      await write({ component: identity, object, event, at: clock.now() }, { signal })
    } catch (error) {
      if (!signal.aborted) log.error(error, 'unable to record event', { lease: name })
    }
  }
}

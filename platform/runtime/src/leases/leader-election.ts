import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { type Clock, type KubeObject, type Logger, type Random, ToolkitError } from '@sluice/ports'
import { formatMicroTime, type LeaseRecord, recordOf } from './lease-record.ts'

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
}

/** Another process leads now; this one must do nothing more. */
export class LeadershipLostError extends ToolkitError {
  override readonly name = 'LeadershipLostError'

  constructor(name: string) {
    super('LEADERSHIP_LOST', `leader election lost: ${name}`)
  }
}

const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}

type Seen = { readonly record: LeaseRecord; readonly at: number }

/**
 * Runs `lead` once this process holds the lease, for as long as it does.
 *
 * Clocks of other processes are not trusted: a lease is free when it has not changed for its duration as seen from here.
 *
 * Source: https://kubernetes.io/docs/concepts/architecture/leases/; client-go tools/leaderelection
 * @throws {LeadershipLostError} when the lease could not be renewed in time; the signal given to `lead` has aborted then.
 */
export async function runAsLeader(
  lead: (signal: AbortSignal) => Promise<void>,
  options: LeaderElectionOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, name, retryPeriodMs = 5_000, releaseOnCancel = true } = options
  const election = elections(options)
  if (!(await acquire())) return
  log.info('became leader', { lease: name, identity: options.identity })

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
  if (await renewal) throw new LeadershipLostError(name)
  if (releaseOnCancel) await election.release()
  for (const failure of failures) throw failure

  async function acquire(): Promise<boolean> {
    while (!signal.aborted) {
      if (await election.tryHold(signal)) return true
      await pause(signal)
    }
    return false
  }

  /** Whether the lead was lost before `until` aborted. */
  async function keepRenewing(until: AbortSignal, onLost: () => void): Promise<boolean> {
    let renewedAt = clock.now()
    const { renewDeadlineMs = 30_000 } = options
    while (!until.aborted) {
      await pause(until)
      if (until.aborted) return false
      if (await election.tryHold(until)) renewedAt = clock.now()
      if (clock.now() - renewedAt >= renewDeadlineMs) {
        onLost()
        return true
      }
    }
    return false
  }

  async function pause(until: AbortSignal): Promise<void> {
    try {
      await clock.sleep(retryPeriodMs * (1 + options.random.float() / 5), until)
    } catch (error) {
      if (!until.aborted) throw error
    }
  }
}

function elections(options: LeaderElectionOptions): {
  tryHold(signal: AbortSignal): Promise<boolean>
  release(): Promise<void>
} {
  const { cluster, clock, log, identity, namespace, name, leaseDurationMs = 35_000 } = options
  const key = { namespace, name }
  let seen: Seen | undefined

  return {
    tryHold: async (signal) => {
      try {
        return await hold(signal)
      } catch (error) {
        // Someone else was faster, or the server is away for a moment.
        if (!isApiError(error, 'Conflict') && !isApiError(error, 'AlreadyExists') && !signal.aborted) {
          log.error(error, 'cannot hold the lease', { lease: name })
        }
        return false
      }
    },
    release: async () => {
      // The process is about to end: this request has a signal, and with it a life, of its own.
      const { signal } = new AbortController()
      try {
        const lease = await cluster.get(leases, key, { signal })
        if (recordOf(lease).holderIdentity !== identity) return
        const spec = { ...recordOf(lease), holderIdentity: '', leaseDurationSeconds: 1 }
        await cluster.update(leases, { ...lease, spec }, { signal, fieldManager: name })
      } catch (error) {
        log.error(error, 'cannot release the lease', { lease: name })
      }
    },
  }

  async function hold(signal: AbortSignal): Promise<boolean> {
    const lease = await read(signal)
    const now = clock.now()
    const write = { signal, fieldManager: name }
    if (!lease) {
      const spec = recordFor({}, now)
      await cluster.create(
        leases,
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: key, spec },
        write,
      )
      return true
    }
    const record = recordOf(lease)
    if (!seen || JSON.stringify(seen.record) !== JSON.stringify(record)) seen = { record, at: now }
    const holder = record.holderIdentity ?? ''
    const theirsMs = (record.leaseDurationSeconds ?? 0) * 1_000
    if (holder !== '' && holder !== identity && now < seen.at + theirsMs) return false
    await cluster.update(leases, { ...lease, spec: recordFor(record, now) }, write)
    return true
  }

  async function read(signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await cluster.get(leases, key, { signal })
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      throw error
    }
  }

  function recordFor(before: LeaseRecord, now: number): LeaseRecord {
    const isMine = before.holderIdentity === identity
    const time = formatMicroTime(now)
    const isFirst = before.holderIdentity === undefined
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.round(leaseDurationMs / 1_000),
      acquireTime: isMine ? (before.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: (before.leaseTransitions ?? 0) + (isMine || isFirst ? 0 : 1),
    }
  }
}

import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import type { Clock, KubeObject, Logger } from '@sluice/ports'
import { formatMicroTime, type LeaseRecord, recordOf } from './lease-record.ts'

export type LeaseOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Logger
  /** Names this process among all that may hold the lease. */
  readonly identity: string
  readonly namespace: string
  readonly name: string
  /** How long others wait after the last renewal. */
  readonly leaseDurationMs: number
}

/** A lease of `coordination.k8s.io` that one process holds at a time. */
export interface HeldLease {
  /** Takes or renews the lease. Whether it is held now; failures are logged. */
  tryHold(signal: AbortSignal): Promise<boolean>
  /** Lets others take it at once, if it is held. Failures are logged. */
  release(signal: AbortSignal): Promise<void>
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
 * Clocks of other processes are not trusted: a lease is free when it has not changed for its duration as seen from here.
 *
 * Source: https://kubernetes.io/docs/concepts/architecture/leases/; client-go tools/leaderelection
 */
export function heldLease(options: LeaseOptions): HeldLease {
  const { cluster, clock, log, identity, namespace, name } = options
  const key = { namespace, name }
  let seen: Seen | undefined
  /** The lease as this process wrote it last. */
  let mine: KubeObject | undefined

  return {
    tryHold: async (signal) => {
      try {
        return (await renew(signal)) || (await hold(signal))
      } catch (error) {
        // Someone else was faster, or the server is away for a moment.
        if (!isApiError(error, 'Conflict') && !isApiError(error, 'AlreadyExists') && !signal.aborted) {
          log.error(error, 'cannot hold the lease', { lease: name })
        }
        return false
      }
    },
    release: async (signal) => {
      try {
        const lease = await cluster.get(leases, key, { signal })
        if (recordOf(lease).holderIdentity !== identity) return
        const spec = released(recordOf(lease), clock.now())
        await cluster.update(leases, { ...lease, spec }, { signal, fieldManager: name })
      } catch (error) {
        log.error(error, 'cannot release the lease', { lease: name })
      }
    },
  }

  /** Who holds the lease need not look at it first: another one's write would be a conflict. */
  async function renew(signal: AbortSignal): Promise<boolean> {
    const known = mine
    mine = undefined
    if (!known) return false
    const spec = heldBy(options, recordOf(known), clock.now())
    try {
      mine = await cluster.update(leases, { ...known, spec }, { signal, fieldManager: name })
      return true
    } catch (error) {
      if (isApiError(error, 'Conflict') || isApiError(error, 'NotFound')) return false
      throw error
    }
  }

  async function hold(signal: AbortSignal): Promise<boolean> {
    const lease = await read(signal)
    const now = clock.now()
    const write = { signal, fieldManager: name }
    if (!lease) {
      const spec = heldBy(options, {}, now)
      mine = await cluster.create(
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
    mine = await cluster.update(leases, { ...lease, spec: heldBy(options, record, now) }, write)
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
}

/** The record of a process that takes the lease now, or renews it. */
function heldBy({ identity, leaseDurationMs }: LeaseOptions, before: LeaseRecord, now: number): LeaseRecord {
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

/** The record of a lease that was set free. */
function released({ leaseTransitions = 0 }: LeaseRecord, now: number): LeaseRecord {
  const time = formatMicroTime(now)
  return {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: time,
    renewTime: time,
    leaseTransitions,
  }
}

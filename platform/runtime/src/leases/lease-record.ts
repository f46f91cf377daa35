import type { KubeObject } from '@sluice/ports'

/** What a Lease of `coordination.k8s.io/v1` says. Times are RFC 3339 with microseconds. */
export type LeaseRecord = {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

export function recordOf(lease: KubeObject): LeaseRecord {
  const { spec } = lease
  return typeof spec === 'object' && spec !== null ? spec : {}
}

/** A time as Leases have it. */
export function formatMicroTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`
}

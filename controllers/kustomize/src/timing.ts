import { parseDurationMs } from '@sluice/go'
import type { KustomizationSpec } from '@sluice/toolkit'

const minTimeoutMs = 30_000

/** How often the object is reconciled, in milliseconds. */
export function intervalMs({ interval }: KustomizationSpec): number {
  return parseDurationMs(interval)
}

/** The pause after a failure. */
export function retryIntervalMs(spec: KustomizationSpec): number {
  return spec.retryInterval === undefined ? intervalMs(spec) : parseDurationMs(spec.retryInterval)
}

/**
 * How long applying and waiting may take: what the specification says, else the interval less half a minute, and never
 * less than half a minute.
 */
export function timeoutMs(spec: KustomizationSpec): number {
  const asked = spec.timeout === undefined ? intervalMs(spec) - minTimeoutMs : parseDurationMs(spec.timeout)
  return Math.max(asked, minTimeoutMs)
}

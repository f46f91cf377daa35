import { formatDuration } from '@sluice/go'

/** A time in milliseconds as `1m0s`, as messages have it. */
export function durationText(ms: number): string {
  return formatDuration(BigInt(Math.round(ms * 1e6)))
}

/** How long something took, at least a millisecond: the clock tells no less, and nothing takes no time. */
export function elapsedText(ms: number): string {
  return durationText(Math.max(ms, 1))
}

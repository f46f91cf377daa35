const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Milliseconds of a duration in the form that the CRDs admit, such as `1m30s`; `fallbackMs` when there is none or, from a
 * cluster that does not check, one of another form.
 */
export function durationMs(text: string | undefined, fallbackMs: number): number {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return fallbackMs
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, value = '0', unit = 's']) => sum + Number(value) * (unitMs[unit] ?? 0),
    0,
  )
}

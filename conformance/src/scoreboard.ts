import type { Case } from './suite.ts'

export type Result = { readonly case: Case; readonly failure?: string }

/** What differs between a run and the list of failures that are known. */
export type Surprises = { readonly newFailures: readonly Result[]; readonly newPasses: readonly Result[] }

/** Passed and failed by feature, worst first, as lines of text. */
export function scoreboard(results: readonly Result[]): string[] {
  const byFeature = new Map<string, { passed: number; failed: number }>()
  for (const { case: it, failure } of results) {
    for (const feature of it.features) {
      const count = byFeature.get(feature) ?? { passed: 0, failed: 0 }
      if (failure === undefined) count.passed += 1
      else count.failed += 1
      byFeature.set(feature, count)
    }
  }
  const rows = [...byFeature].toSorted(([a, x], [b, y]) => y.failed - x.failed || a.localeCompare(b))
  const width = Math.max(0, ...rows.map(([feature]) => feature.length))
  return rows.map(([feature, { passed, failed }]) => {
    const total = passed + failed
    return `${feature.padEnd(width)}  ${String(passed).padStart(5)} / ${String(total).padEnd(5)}${failed > 0 ? `  ${failed} failed` : ''}`
  })
}

/** Compares a run with the names of the cases that are known to fail. */
export function surprises(results: readonly Result[], known: ReadonlySet<string>): Surprises {
  return {
    newFailures: results.filter(({ case: it, failure }) => failure !== undefined && !known.has(it.name)),
    newPasses: results.filter(({ case: it, failure }) => failure === undefined && known.has(it.name)),
  }
}

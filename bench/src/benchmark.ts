/** Receives the figures of a benchmark, one a line. */
export type Report = {
  /** Prints `what: value unit`. */
  readonly figure: (what: string, value: number, unit: string) => void
  /** Prints the figure, and beside it the goal that the issue set and whether it was met. */
  readonly goal: (what: string, value: number, goal: Goal) => void
}

export type Goal = { readonly unit: string; readonly atMost?: number; readonly atLeast?: number }

/** A benchmark: measures and reports. Real tools it compares with run in the same process tree, in the same run. */
export type Benchmark = (report: Report) => Promise<void>

/** A report that writes lines of text. */
export function textReport(write: (line: string) => void): Report {
  const figure = (what: string, value: number, unit: string): void =>
    write(`${what}: ${round(value)} ${unit}`)
  return {
    figure,
    goal: (what, value, { unit, atMost, atLeast }) => {
      figure(what, value, unit)
      const met = (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast)
      const bound = atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`
      write(`goal ${what} ${bound} ${unit}: ${met ? 'met' : 'missed'}`)
    },
  }
}

/** Median and 95th percentile of samples. */
export function percentiles(samples: readonly number[]): { readonly p50: number; readonly p95: number } {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95) }
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

import { ChartError } from '../load/chart-error.ts'

/**
 * An index as text, taken apart into its charts' versions but not read: an index may have many megabytes, and what
 * stands there is only needed version by version.
 */
export type IndexSource = {
  /** The document without `entries`. */
  readonly header: Readonly<Record<string, unknown>>
  readonly entries: ReadonlyMap<string, readonly IndexItem[]>
}

/** Gives a version of a chart as the index has it. Reading it again gives it again. */
export type IndexItem = () => unknown

/** What an index may have. Beyond it is only there to keep the reader busy. */
const maxIndexVersions = 1_000_000

/** @throws {ChartError} `CHART_INDEX` when an index has more versions than it may have */
export function checkVersionCount(count: number): void {
  if (count <= maxIndexVersions) return
  throw new ChartError('CHART_INDEX', `the index has more than ${maxIndexVersions} versions of charts`)
}

/** Collects the versions of an index that is being taken apart. */
export class IndexCollector {
  readonly entries: Map<string, IndexItem[]> = new Map()
  #count = 0

  /** Begins a chart. Returns whether it is new. */
  addChart(name: string): boolean {
    if (this.entries.has(name)) return false
    this.entries.set(name, [])
    return true
  }

  /** Adds to the chart `name`. @throws {ChartError} when there are too many */
  add(name: string, item: IndexItem): void {
    this.#count += 1
    checkVersionCount(this.#count)
    this.entries.get(name)?.push(item)
  }
}

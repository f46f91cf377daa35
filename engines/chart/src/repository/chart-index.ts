import { ChartError } from '../load/chart-error.ts'
import type { WireIndex } from './index-fields.ts'
import { IndexWriter, versionJson } from './index-writer.ts'
import { type IndexedChart, type ReadVersion, validVersions, type Warn } from './indexed-chart.ts'
import { type OpenIndex, openIndex, readWholeIndex, UnusualIndexError } from './open-index.ts'

/** The index of a chart repository. */
export type ChartIndex = {
  /** The versions of each chart, highest first. */
  readonly entries: ReadonlyMap<string, readonly IndexedChart[]>
}

export type ReadIndexOptions = { readonly warn?: Warn }

/**
 * Reads `index.yaml`, which may be JSON. Versions that break the rules of Chart.yaml are left out with a warning.
 * A YAML index must not have unknown fields or repeated keys; JSON may.
 *
 * Of the index its text is held, and of each version what a choice is made by.
 *
 * Source: Helm 4.3, loading of index files, with its messages.
 * @throws {ChartError} `CHART_INDEX`
 */
export function readChartIndex(bytes: Uint8Array, options: ReadIndexOptions = {}): ChartIndex {
  return reading(bytes, options, (index, warn) => {
    const entries = new Map<string, readonly IndexedChart[]>()
    for (const [name, readers] of index.entries) {
      entries.set(name, validVersions(name, readers, { warn, keep: chartOf }))
    }
    checkHeader(index.header)
    return { entries }
  })
}

/**
 * Reads an index and writes it as JSON: the form in which a repository is stored, without the versions that
 * {@link readChartIndex} leaves out and what it does not know, in Go's order of fields.
 *
 * @throws {ChartError} `CHART_INDEX`
 */
export function normalizeChartIndex(bytes: Uint8Array, options: ReadIndexOptions = {}): Uint8Array {
  return reading(bytes, options, (index, warn) => {
    const writer = new IndexWriter()
    for (const [name, readers] of index.entries) {
      writer.add(name, validVersions(name, readers, { warn, keep: versionJson }))
    }
    checkHeader(index.header)
    return writer.finish(index.header)
  })
}

/**
 * The versions of one chart in an index that was found valid before. Where it is JSON nothing else in it is read.
 *
 * @returns `undefined` when there is no such chart
 * @throws {ChartError} `CHART_INDEX`
 */
export function readChartVersions(
  bytes: Uint8Array,
  name: string,
  options: ReadIndexOptions = {},
): readonly IndexedChart[] | undefined {
  return reading(bytes, options, ({ entries, isJson }, warn) => {
    // In YAML a chart may be part of a text, which shows when all others are read.
    const others = isJson ? [] : [...entries.values()].flat()
    for (const read of others) read()
    const readers = entries.get(name)
    return readers && validVersions(name, readers, { warn, keep: chartOf })
  })
}

function chartOf({ chart }: ReadVersion): IndexedChart {
  return chart
}

function checkHeader({ apiVersion }: Omit<WireIndex, 'entries'>): void {
  if (apiVersion === '') throw new ChartError('CHART_INDEX', 'no API version specified')
}

/** Works with an index as it lies, and if that does not do, as a whole. */
function reading<T>(
  bytes: Uint8Array,
  { warn = () => {} }: ReadIndexOptions,
  work: (index: OpenIndex, warn: Warn) => T,
): T {
  if (bytes.length === 0) throw new ChartError('CHART_INDEX', 'empty index.yaml file')
  try {
    return withWarnings(warn, (collect) => work(openIndex(bytes), collect))
  } catch (error) {
    if (!(error instanceof UnusualIndexError)) throw bounded(error)
  }
  try {
    return withWarnings(warn, (collect) => work(readWholeIndex(bytes), collect))
  } catch (error) {
    throw bounded(error)
  }
}

function bounded(cause: unknown): unknown {
  if (!(cause instanceof RangeError)) return cause
  return new ChartError('CHART_INDEX', 'the index nests too deeply', { cause })
}

/** More warnings than anybody reads are only counted. */
const maxWarnings = 1_000

/** Gives warnings once the work is done: what is begun anew would warn twice. */
function withWarnings<T>(warn: Warn, work: (collect: Warn) => T): T {
  const warnings: Parameters<Warn>[] = []
  let count = 0
  const result = work((...warning) => {
    count += 1
    if (count <= maxWarnings) warnings.push(warning)
  })
  for (const warning of warnings) warn(...warning)
  if (count > maxWarnings) {
    warn('further invalid entries of the index are skipped', { count: count - maxWarnings })
  }
  return result
}

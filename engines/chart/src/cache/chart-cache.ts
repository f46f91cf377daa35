import { helmFunctions, type SprigPorts, TemplateCache } from '@sluice/template'
import type { Chart } from '../chart.ts'
import type { ChartFile } from '../load/chart-files.ts'
import { type LoadOptions, loadChartArchive, loadChartFiles } from '../load/load-chart.ts'
import { chartSizeBytes } from './chart-size.ts'

export type ChartCacheOptions = Omit<LoadOptions, 'warn'> & {
  /** Of the renders that {@link ChartCache.templates} is for; only the names of their functions matter. */
  readonly ports: SprigPorts
  /** Of the charts together, see {@link chartSizeBytes}. Default: 256 MiB. */
  readonly maxBytes?: number
  /** UTF-16 units of the sources of compiled templates. Default: 16 Mi. */
  readonly maxTemplateLength?: number
}

/**
 * Loaded charts by the digest of their archives, and the compiled templates of those that were rendered. When a bound is
 * reached, what was used longest ago goes. Charts are shared: nobody changes them, and rendering does not either.
 */
export interface ChartCache {
  /** For the option `templates` of {@link renderChart}. */
  readonly templates: TemplateCache
  readonly sizeBytes: number
  readonly count: number
  /** The chart, if it is there: whoever has its digest can spare themselves the archive. */
  get(digest: string): Chart | undefined
  /**
   * The chart of an archive, or of the files in one, loaded if it is not there yet. The digest is trusted: the caller has
   * verified it. A chart that is larger than the bound is not kept. Failures are not kept either.
   *
   * @throws {ChartError}
   */
  load(digest: string, content: ChartContent, options?: Pick<LoadOptions, 'warn'>): Chart
}

/** An archive, or the files of one. */
type ChartContent = Uint8Array | readonly ChartFile[]

/**
 * Makes an empty cache of charts.
 *
 * @example
 * const charts = chartCache({ compression, ports })
 * const chart = charts.get(digest) ?? charts.load(digest, await download())
 * renderChart(chart, { release, values, ports, templates: charts.templates })
 */
export function chartCache({
  ports,
  maxBytes = 256 * 1024 * 1024,
  maxTemplateLength = 16 * 1024 * 1024,
  ...loading
}: ChartCacheOptions): ChartCache {
  const charts = new Map<string, { readonly chart: Chart; readonly sizeBytes: number }>()
  let held = 0

  function get(digest: string): Chart | undefined {
    const entry = charts.get(digest)
    if (!entry) return undefined
    charts.delete(digest)
    charts.set(digest, entry)
    return entry.chart
  }

  function load(digest: string, content: ChartContent, options: Pick<LoadOptions, 'warn'> = {}): Chart {
    const known = get(digest)
    if (known) return known
    const settings = { ...loading, ...options }
    const chart =
      content instanceof Uint8Array ? loadChartArchive(content, settings) : loadChartFiles(content, settings)
    const sizeBytes = chartSizeBytes(chart)
    if (sizeBytes > maxBytes) return chart
    charts.set(digest, { chart, sizeBytes })
    held += sizeBytes
    shrink()
    return chart
  }

  function shrink(): void {
    for (const [digest, { sizeBytes }] of charts) {
      if (held <= maxBytes) return
      charts.delete(digest)
      held -= sizeBytes
    }
  }

  return {
    templates: new TemplateCache(helmFunctions(ports), { maxLength: maxTemplateLength }),
    get sizeBytes() {
      return held
    },
    get count() {
      return charts.size
    },
    get,
    load,
  }
}

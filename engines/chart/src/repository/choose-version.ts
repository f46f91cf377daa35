import { parseConstraint, parseVersion } from '@sluice/go'
import { ChartError } from '../load/chart-error.ts'
import type { ChartIndex } from './chart-index.ts'
import type { IndexedChart, Warn } from './indexed-chart.ts'

/**
 * The version of a chart that `range` stands for: the one so named, else the highest within the range. An empty range is
 * the highest that is no pre-release.
 *
 * Source: Helm 4.3, with its messages. Flux chooses by rules of its own.
 * @throws {ChartError} `CHART_NOT_FOUND`
 * @throws {SemverError} for a malformed range
 */
export function chooseChartVersion(
  { entries }: ChartIndex,
  { name, range, warn = () => {} }: { readonly name: string; readonly range: string; readonly warn?: Warn },
): IndexedChart {
  const versions = entries.get(name)
  if (!versions) throw new ChartError('CHART_NOT_FOUND', 'no chart name found')
  if (versions.length === 0) throw new ChartError('CHART_NOT_FOUND', 'no chart version found')
  const constraint = parseConstraint(range === '' ? '*' : range)
  const exact = range === '' ? undefined : versions.find(({ version }) => version === range)
  if (exact) return exact
  const chosen = versions.find(({ version }) => constraint.check(parseVersion(version)))
  if (!chosen) throw new ChartError('CHART_NOT_FOUND', `no chart version found for ${name}-${range}`)
  if (range !== '' && !isRange(range)) {
    warn('unable to find exact version requested; falling back to closest available version', {
      chart: name,
      requested: range,
      selected: chosen.version,
    })
  }
  return chosen
}

/** Whether the text asks for more than one version. */
function isRange(text: string): boolean {
  if (/[\^~<>=!*]|\|\|| - /.test(text)) return true
  const [core = ''] = text.split(/[-+]/, 1)
  return /x/i.test(core)
}

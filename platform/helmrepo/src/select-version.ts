import type { ChartVersion } from '@sluice/chart'
import {
  compareVersions,
  parseConstraint,
  SemverError,
  type SemverVersion,
  tryParseFluxVersion,
} from '@sluice/go'
import { HelmRepositoryError } from './helm-repository-error.ts'

/**
 * The version that `range` stands for: the very one if there is one so named, else the highest within the range; of equal
 * ones, which differ in build metadata, the youngest. An empty range is `*`, the latest that is no pre-release.
 *
 * @throws {HelmRepositoryError} `HELM_REFERENCE`
 */
export function selectChartVersion(
  versions: readonly ChartVersion[] | undefined,
  name: string,
  range: string,
): ChartVersion {
  if (!versions) throw new HelmRepositoryError('HELM_REFERENCE', 'no chart name found')
  if (versions.length === 0) throw new HelmRepositoryError('HELM_REFERENCE', 'no chart version found')
  const exact = range === '' ? undefined : versions.find(({ version }) => version === range)
  return exact ?? highest(versions, name, range)
}

function highest(versions: readonly ChartVersion[], name: string, range: string): ChartVersion {
  const constraint = parseRange(range === '' ? '*' : range)
  let best: { readonly chart: ChartVersion; readonly version: SemverVersion } | undefined
  for (const chart of versions) {
    const version = tryParseFluxVersion(chart.version)
    if (!version || !constraint.check(version)) continue
    const order = best ? compareVersions(version, best.version) : 1
    if (order > 0 || (order === 0 && best && chart.created > best.chart.created)) best = { chart, version }
  }
  if (best) return best.chart
  throw new HelmRepositoryError('HELM_REFERENCE', `no '${name}' chart with version matching '${range}' found`)
}

function parseRange(range: string): ReturnType<typeof parseConstraint> {
  try {
    return parseConstraint(range)
  } catch (error) {
    if (!(error instanceof SemverError)) throw error
    throw new HelmRepositoryError('HELM_REFERENCE', error.message)
  }
}

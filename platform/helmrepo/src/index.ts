/**
 * Repositories of Helm charts, over HTTP and in registries.
 *
 * @example
 * const index = parseChartIndex(await fetchChartIndex({ url }, options))
 * const version = selectChartVersion(index.entries.get('podinfo'), 'podinfo', '6.x')
 * const archive = await downloadChart(version, { url }, options)
 */
export { parseChartIndex, storableIndex, versionsOfChart } from './chart-index.ts'
export { HelmRepositoryError, type HelmRepositoryErrorCode } from './helm-repository-error.ts'
export {
  downloadChart,
  fetchChartIndex,
  type HelmFetchOptions,
  type HttpChartRepository,
} from './http-repository.ts'
export { downloadOciChart, findOciChartVersion, type OciChart, ociTagOf } from './oci-charts.ts'
export { selectChartVersion } from './select-version.ts'

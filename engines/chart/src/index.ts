/**
 * Helm charts.
 *
 * @example
 * const files = archiveFiles(archive, { compression, limits: defaultChartLimits })
 * files.map(({ name }) => name) // ['Chart.yaml', 'values.yaml', 'templates/deployment.yaml']
 */
export { ChartError, type ChartErrorCode } from './load/chart-error.ts'
export {
  archiveFiles,
  type ChartFile,
  type ChartLimits,
  defaultChartLimits,
  directoryFiles,
} from './load/chart-files.ts'

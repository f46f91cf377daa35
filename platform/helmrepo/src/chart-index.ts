import { ChartError, type ChartIndex, readChartIndex } from '@sluice/chart'
import { HelmRepositoryError } from './helm-repository-error.ts'

/**
 * Reads `index.yaml`, which may be JSON.
 *
 * @throws {HelmRepositoryError} `HELM_INDEX`
 */
export function parseChartIndex(bytes: Uint8Array): ChartIndex {
  try {
    return readChartIndex(bytes)
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw new HelmRepositoryError('HELM_INDEX', cause.message)
  }
}

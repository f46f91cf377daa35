import {
  ChartError,
  type ChartIndex,
  type ChartVersion,
  normalizeChartIndex,
  readChartIndex,
  readChartVersions,
} from '@sluice/chart'
import { HelmRepositoryError } from './helm-repository-error.ts'

/**
 * Reads `index.yaml`, which may be JSON.
 *
 * @throws {HelmRepositoryError} `HELM_INDEX`
 */
export function parseChartIndex(bytes: Uint8Array): ChartIndex {
  return explaining(() => readChartIndex(bytes))
}

/**
 * The index as JSON, without the versions that are not valid: what is stored of a repository.
 *
 * @throws {HelmRepositoryError} `HELM_INDEX`
 */
export function storableIndex(bytes: Uint8Array): Uint8Array {
  return explaining(() => normalizeChartIndex(bytes))
}

/**
 * The versions of one chart in a stored index, without reading the others.
 *
 * @returns `undefined` when there is no such chart
 * @throws {HelmRepositoryError} `HELM_INDEX`
 */
export function versionsOfChart(bytes: Uint8Array, name: string): readonly ChartVersion[] | undefined {
  return explaining(() => readChartVersions(bytes, name))
}

function explaining<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw new HelmRepositoryError('HELM_INDEX', cause.message)
  }
}

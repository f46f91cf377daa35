import type { Chart } from '../chart.ts'
import { ChartError } from './chart-error.ts'
import { contentTypeOf, isGzip } from './content-type.ts'
import { type LoadOptions, loadChartArchive } from './load-chart.ts'

const sniffedBytes = 512

/**
 * Loads a packed chart that was given as a file, with the messages of Helm's command line.
 *
 * @param name of the file, for messages
 * @throws {ChartError}
 */
export function loadChartFile(name: string, data: Uint8Array, options: LoadOptions): Chart {
  requireArchive(name, data)
  try {
    return loadChartArchive(data, options)
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw new ChartError(cause.code, commandLineText(cause, name), { cause })
  }
}

/**
 * Tells whoever gives something else instead of an archive what it is.
 *
 * @throws {ChartError} `CHART_ARCHIVE`
 */
export function requireArchive(name: string, data: Uint8Array): void {
  if (isGzip(data)) return
  // Helm looks at a buffer that short files do not fill, so those count as binary.
  const buffer = new Uint8Array(sniffedBytes)
  buffer.set(data.subarray(0, sniffedBytes))
  const message = /\.ya?ml$/.test(name)
    ? `file '${name}' seems to be a YAML file, but expected a gzipped archive`
    : `file '${name}' does not appear to be a gzipped archive; got '${contentTypeOf(buffer)}'`
  throw new ChartError('CHART_ARCHIVE', message)
}

function commandLineText({ code, message }: ChartError, name: string): string {
  if (message === 'gzip: invalid header') {
    return `file '${name}' does not appear to be a valid chart file (details: ${message})`
  }
  if (code === 'CHART_ARCHIVE' || code === 'CHART_TOO_LARGE') return 'unable to load chart archive'
  return code === 'CHART_MISSING' ? 'unable to detect chart version, no Chart.yaml found' : message
}

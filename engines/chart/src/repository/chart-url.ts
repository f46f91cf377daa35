import { GoError, type GoUrl, goUrlText, parseGoUrl, resolveGoUrl } from '@sluice/go'
import { ChartError } from '../load/chart-error.ts'

/**
 * Where a chart lies: addresses of an index are relative to the repository, whose query they get.
 *
 * @throws {ChartError} `CHART_URL`
 */
export function resolveChartUrl(repositoryUrl: string, reference: string): string {
  const parsed = parse(reference)
  if (parsed.scheme !== '') return reference
  const base = parse(repositoryUrl)
  const folder = { ...base, path: asFolder(base.path), rawPath: asFolder(base.rawPath) }
  return goUrlText({ ...resolveGoUrl(folder, parsed), rawQuery: base.rawQuery })
}

function asFolder(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

function parse(url: string): GoUrl {
  try {
    return parseGoUrl(url)
  } catch (cause) {
    if (!(cause instanceof GoError)) throw cause
    throw new ChartError('CHART_URL', `failed to parse ${url} as URL: ${cause.message}`, { cause })
  }
}

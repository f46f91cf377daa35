import { parseVersion, type TarEntry, writeTar } from '@sluice/go'
import type { Compression } from '@sluice/ports'
import { parseJson, printYaml } from '@sluice/yaml'
import type { Chart } from '../chart.ts'
import { ChartError } from '../load/chart-error.ts'
import { validateMetadata } from '../load/metadata.ts'
import { lockObject, metadataObject } from './metadata-object.ts'

export type PackageOptions = {
  readonly compression: Compression
  /** Replaces the chart's version. */
  readonly version?: string
  /** Replaces the chart's version of the application. */
  readonly appVersion?: string
}

/** A packed chart and the name that its file has by convention. */
export type PackagedChart = { readonly fileName: string; readonly archive: Uint8Array }

const encoder = new TextEncoder()

/**
 * Packs a chart as `helm package` does, subcharts unpacked within it. The same chart always gives the same bytes: files
 * have no times.
 *
 * @throws {ChartError}
 * @throws {SemverError} for a malformed version
 */
export function packageChart(
  chart: Chart,
  { compression, version = '', appVersion = '' }: PackageOptions,
): PackagedChart {
  const metadata = {
    ...chart.metadata,
    ...(version === '' ? {} : { version }),
    ...(appVersion === '' ? {} : { appVersion }),
  }
  parseVersion(metadata.version)
  requireDependencies(chart)
  return {
    fileName: `${metadata.name}-${metadata.version}.tgz`,
    archive: archiveChart({ ...chart, metadata }, { compression }),
  }
}

/** Packs a chart with what it has, whatever it depends on. @throws {ChartError} for metadata that is invalid */
export function archiveChart(
  chart: Chart,
  { compression }: { readonly compression: Compression },
): Uint8Array {
  const packed = { ...chart, metadata: validateMetadata(chart.metadata) }
  return compression.gzip(concatenated(writeTar(chartEntries(packed, ''))))
}

/** Fails for dependencies that Chart.yaml names and the chart does not have. @throws {ChartError} `CHART_MISSING` */
export function requireDependencies({ metadata, dependencies }: Chart): void {
  const there = new Set(dependencies.map((it) => it.metadata.name))
  const missing = metadata.dependencies.filter(({ name }) => !there.has(name)).map(({ name }) => name)
  if (missing.length === 0) return
  throw new ChartError(
    'CHART_MISSING',
    `found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  )
}

function* chartEntries(chart: Chart, parent: string): Generator<TarEntry> {
  const { metadata, lock, schema } = chart
  const base = `${parent}${metadata.name}/`
  const entry = (name: string, content: Uint8Array): TarEntry => ({
    kind: 'file',
    path: base + name,
    mode: 0o644,
    content,
  })
  const isV1 = metadata.apiVersion === 'v1'
  // Charts of the old version have their dependencies in requirements.yaml.
  const written = isV1 ? { ...metadata, dependencies: [] } : metadata
  yield entry('Chart.yaml', encoder.encode(printYaml(metadataObject(written))))
  if (lock && metadata.apiVersion === 'v2') {
    yield entry('Chart.lock', encoder.encode(printYaml(lockObject(lock))))
  }
  for (const { name, data } of chart.raw) {
    if (name === 'values.yaml') yield entry(name, data)
  }
  if (schema) {
    requireJson(schema)
    yield entry('values.schema.json', schema)
  }
  for (const { name, data } of [...chart.templates, ...chart.files]) yield entry(name, data)
  for (const dependency of chart.dependencies) yield* chartEntries(dependency, `${base}charts/`)
}

function requireJson(schema: Uint8Array): void {
  try {
    parseJson(new TextDecoder().decode(schema))
  } catch (cause) {
    throw new ChartError('CHART_INVALID', 'failed to save: invalid JSON in values.schema.json', { cause })
  }
}

function concatenated(chunks: Iterable<Uint8Array>): Uint8Array {
  const parts = [...chunks]
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

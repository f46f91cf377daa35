import {
  archiveChart,
  archiveFiles,
  type Chart,
  ChartError,
  type ChartFile,
  type ChartLimits,
  decodeMetadata,
  loadChartArchive,
  loadChartDirectory,
  type Metadata,
  validateMetadata,
} from '@sluice/chart'
import { hostCompression } from '@sluice/host'
import { type FileTree, ToolkitError } from '@sluice/ports'
import { parseYaml, printYaml, YamlError } from '@sluice/yaml'
import { isTable, type ValuesTable } from '../shared/merge-values.ts'

const valuesFile = 'values.yaml'

/** A chart that cannot be read. */
export class ChartLoadError extends ToolkitError {
  override readonly name = 'ChartLoadError'

  constructor(message: string, options?: ErrorOptions) {
    super('CHART_LOAD', message, options)
  }
}

/**
 * Whether a chart lies at a path unpacked.
 *
 * @param place how errors call the root of the tree
 * @throws {ChartLoadError} when nothing is there
 */
export function isChartDirectory(tree: FileTree, path: string, place = ''): boolean {
  const entry = path === '' ? ({ kind: 'directory' } as const) : tree.stat(path)
  if (entry?.kind === 'directory' || entry?.kind === 'file') return entry.kind === 'directory'
  throw new ChartLoadError(`stat ${place}${path}: no such file or directory`)
}

/**
 * What Chart.yaml says, of a directory or a packed chart; the rest is not looked at.
 *
 * `place` is how errors call the root of the tree.
 *
 * Source: fluxcd/source-controller internal/helm/chart, LoadChartMetadata.
 * @throws {ToolkitError}
 */
export function metadataAt(
  tree: FileTree,
  path: string,
  { limits, place }: { readonly limits: ChartLimits; readonly place: string },
): Metadata {
  if (!isChartDirectory(tree, path, place)) return metadataOfArchive(tree.read(path), limits)
  const at = (name: string): string => (path === '' ? name : `${path}/${name}`)
  if (tree.stat(at('Chart.yaml'))?.kind !== 'file') {
    throw new ChartLoadError(`open ${place}${at('Chart.yaml')}: no such file or directory`)
  }
  const requirements =
    tree.stat(at('requirements.yaml'))?.kind === 'file' ? tree.read(at('requirements.yaml')) : undefined
  return metadataIn(tree.read(at('Chart.yaml')), requirements)
}

/** What the Chart.yaml of a packed chart says. @throws {ToolkitError} */
export function metadataOfArchive(archive: Uint8Array, limits: ChartLimits): Metadata {
  const files = archiveFiles(archive, { compression: hostCompression, limits })
  const data = find(files, 'Chart.yaml')
  if (!data) throw new ChartLoadError("no 'Chart.yaml' found")
  return metadataIn(data, find(files, 'requirements.yaml'))
}

/** Loads a chart with all that it has. @throws {ToolkitError} */
export function loadChartAt(tree: FileTree, path: string, limits: ChartLimits): Chart {
  return isChartDirectory(tree, path)
    ? loadChartDirectory(tree, path, { compression: hostCompression, limits })
    : loadPackedChart(tree.read(path), limits)
}

/** @throws {ToolkitError} */
export function loadPackedChart(archive: Uint8Array, limits: ChartLimits): Chart {
  return loadChartArchive(archive, { compression: hostCompression, limits })
}

/** The text of a chart's file; nothing when there is none. */
export function chartFile({ raw }: Chart, name: string): Uint8Array | undefined {
  return find(raw, name)
}

/**
 * The chart with other default values.
 *
 * @returns nothing when the file would be the same.
 * @throws {ChartLoadError} when the chart has no values of its own.
 */
export function withValues(chart: Chart, values: ValuesTable): Chart | undefined {
  const own = chartFile(chart, valuesFile)
  if (!own) throw new ChartLoadError(`failed to locate values file: ${valuesFile}`)
  const data = new TextEncoder().encode(Object.keys(values).length === 0 ? '' : printYaml(values))
  if (Buffer.compare(own, data) === 0) return undefined
  const raw = chart.raw.map((file) => (file.name === valuesFile ? { name: valuesFile, data } : file))
  return { ...chart, raw }
}

/** Packs a chart as `helm package` does: one directory with the chart's name, dependencies unpacked below it. */
export function packChart(chart: Chart, version: string): Uint8Array {
  return archiveChart(
    { ...chart, metadata: { ...chart.metadata, version } },
    { compression: hostCompression },
  )
}

/** Parses a values file. @throws {ChartLoadError} when it is no mapping. */
export function parseValues(data: Uint8Array, name: string): ValuesTable {
  const value = parse(data, name)
  if (value === null || value === undefined) return {}
  if (isTable(value)) return value
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw unreadable(
    name,
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
  )
}

function parse(data: Uint8Array, name: string): unknown {
  try {
    return parseYaml(new TextDecoder().decode(data))
  } catch (cause) {
    if (!(cause instanceof YamlError)) throw cause
    throw unreadable(name, `error converting YAML to JSON: ${cause.message}`)
  }
}

function unreadable(name: string, why: string): ChartLoadError {
  return new ChartLoadError(`unmarshaling values from '${name}' failed: ${why}`)
}

function metadataIn(chartYaml: Uint8Array, requirements: Uint8Array | undefined): Metadata {
  const decoded = inFile("'Chart.yaml'", () => decodeMetadata(chartYaml))
  const known = decoded.apiVersion === '' ? { ...decoded, apiVersion: 'v1' } : decoded
  const metadata = requirements?.length
    ? inFile("'requirements.yaml'", () => decodeMetadata(requirements, known))
    : known
  return validateMetadata(metadata)
}

function inFile<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof ChartError) || cause.message.startsWith('validation: ')) throw cause
    throw new ChartLoadError(`cannot load ${name}`, { cause })
  }
}

function find(files: readonly ChartFile[], name: string): Uint8Array | undefined {
  return files.find((file) => file.name === name)?.data
}

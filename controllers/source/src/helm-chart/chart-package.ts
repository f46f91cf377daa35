import { archiveFiles, type ChartFile, type ChartLimits, directoryFiles } from '@sluice/chart'
import { parseVersion, SemverError, writeTar } from '@sluice/go'
import { gzip, hostCompression } from '@sluice/host'
import { type FileTree, ToolkitError } from '@sluice/ports'
import { parseYaml, printYaml, YamlError, type YamlValue } from '@sluice/yaml'
import { isTable, type ValuesTable } from '../shared/merge-values.ts'

/** A chart as files, with what Chart.yaml says. */
export type LoadedChart = {
  readonly name: string
  readonly version: string
  readonly metadata: ValuesTable
  readonly files: readonly ChartFile[]
}

/** The fields of Chart.yaml that Helm knows; a packed chart has no others. */
const metadataFields: ReadonlySet<string> = new Set(
  [
    'name home sources version description keywords maintainers icon apiVersion',
    'condition tags appVersion deprecated annotations kubeVersion dependencies type',
  ].flatMap((line) => line.split(' ')),
)
/** What comes first in an archive, in this order. Source: Helm, chartutil save. */
const leading = ['Chart.lock', 'requirements.yaml', 'requirements.lock', 'values.yaml', 'values.schema.json']

/** A chart that cannot be read. */
export class ChartLoadError extends ToolkitError {
  override readonly name = 'ChartLoadError'

  constructor(message: string, options?: ErrorOptions) {
    super('CHART_LOAD', message, options)
  }
}

/** Reads a packed chart. @throws {ToolkitError} */
export function readChartArchive(archive: Uint8Array, limits: ChartLimits): LoadedChart {
  return loadFiles(archiveFiles(archive, { compression: hostCompression, limits }))
}

/** Reads the chart in a directory of a tree, or a packed one that lies there. @throws {ToolkitError} */
export function readChartAt(tree: FileTree, path: string, limits: ChartLimits): LoadedChart {
  const entry = path === '' ? ({ kind: 'directory' } as const) : tree.stat(path)
  switch (entry?.kind) {
    case 'file':
      return readChartArchive(tree.read(path), limits)
    case 'directory':
      return loadFiles(directoryFiles(tree, path, { limits }))
    case 'link':
    case undefined:
      throw new ChartLoadError(`stat ${path}: no such file or directory`)
  }
}

/** The text of a chart's file; nothing when there is none. */
export function chartFile({ files }: LoadedChart, name: string): Uint8Array | undefined {
  return files.find((file) => file.name === name)?.data
}

/** Parses a values file. @throws {ChartLoadError} when it is no mapping. */
export function parseValues(data: Uint8Array, what: string): ValuesTable {
  const value = parse(data, what)
  if (value === null || value === undefined) return {}
  if (!isTable(value)) throw new ChartLoadError(`unmarshaling values from '${what}' failed: not a mapping`)
  return value
}

/** What a chart is packed with beyond what it has. */
export type PackageOptions = {
  readonly version: string
  /** Replace the chart's own. */
  readonly values?: ValuesTable | undefined
  /** Files of dependencies, below `charts/`. */
  readonly added: readonly ChartFile[]
}

/** Packs a chart as `helm package` does: one directory with the chart's name. */
export async function packChart(
  chart: LoadedChart,
  { version, values, added }: PackageOptions,
): Promise<Uint8Array> {
  const encoder = new TextEncoder()
  const known = Object.entries(chart.metadata).filter(([key]) => metadataFields.has(key))
  const metadata = { ...Object.fromEntries(known), version }
  const files = new Map(chart.files.map(({ name, data }) => [name, data]))
  files.set('Chart.yaml', encoder.encode(printYaml(metadata)))
  if (values) files.set('values.yaml', encoder.encode(printYaml(values)))
  for (const { name, data } of added) files.set(name, data)
  const names = ['Chart.yaml', ...leading.filter((name) => files.has(name))]
  const rest = [...files.keys()].filter((name) => !names.includes(name))
  const [templates, others, subcharts] = groupFiles(rest)
  const ordered = [...names, ...templates, ...others, ...subcharts]
  const entries = ordered.map((name) => ({
    kind: 'file' as const,
    path: `${chart.name}/${name}`,
    mode: 0o644,
    content: files.get(name) ?? new Uint8Array(),
  }))
  const chunks: Uint8Array[] = []
  for await (const chunk of gzip(writeTar(entries))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function groupFiles(names: readonly string[]): readonly [string[], string[], string[]] {
  const templates = names.filter((name) => name.startsWith('templates/'))
  const subcharts = names.filter((name) => name.startsWith('charts/'))
  return [templates, names.filter((name) => !/^(?:templates|charts)\//.test(name)), subcharts]
}

function loadFiles(files: readonly ChartFile[]): LoadedChart {
  const data = files.find(({ name }) => name === 'Chart.yaml')?.data
  if (!data) throw new ChartLoadError('Chart.yaml file is missing')
  const metadata = parse(data, 'Chart.yaml')
  if (!isTable(metadata)) throw new ChartLoadError('cannot load Chart.yaml: not a mapping')
  const { name, version, apiVersion } = metadata
  const invalid = (why: string): ChartLoadError => new ChartLoadError(`validation: ${why}`)
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    throw invalid('chart.metadata.apiVersion is required')
  }
  if (typeof name !== 'string' || name === '') throw invalid('chart.metadata.name is required')
  if (/[/\\\0]/.test(name) || name.startsWith('.')) {
    throw invalid(`chart.metadata.name ${JSON.stringify(name)} is invalid`)
  }
  if (typeof version !== 'string' || version === '') throw invalid('chart.metadata.version is required')
  if (!isVersion(version)) throw invalid(`chart.metadata.version ${JSON.stringify(version)} is invalid`)
  return { name, version, metadata, files }
}

function parse(data: Uint8Array, what: string): YamlValue | undefined {
  try {
    return parseYaml(new TextDecoder().decode(data))
  } catch (cause) {
    if (!(cause instanceof YamlError)) throw cause
    throw new ChartLoadError(`unmarshaling values from '${what}' failed`, { cause })
  }
}

function isVersion(version: string): boolean {
  try {
    parseVersion(version)
    return true
  } catch (error) {
    if (error instanceof SemverError) return false
    throw error
  }
}

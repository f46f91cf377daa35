import type { Compression, FileTree } from '@sluice/ports'
import type { Chart, Lock, Metadata } from '../chart.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { ChartError } from './chart-error.ts'
import {
  archiveFiles,
  type ChartFile,
  type ChartLimits,
  type DirectoryOptions,
  defaultChartLimits,
  directoryFiles,
} from './chart-files.ts'
import { decodeLock } from './lock-file.ts'
import { decodeApiVersion, decodeMetadata, validateMetadata } from './metadata.ts'
import { parseValues } from './values-file.ts'

export type LoadOptions = {
  readonly compression: Compression
  /** Default: Helm's. */
  readonly limits?: ChartLimits
  /** Takes Helm's warnings about outdated files. */
  readonly warn?: (text: string) => void
}

const maxSubchartDepth = 32

/** Loads a packed chart. @throws {ChartError} */
export function loadChartArchive(archive: Uint8Array, options: LoadOptions): Chart {
  return loadFiles(archiveFiles(archive, withLimits(options)), { ...withLimits(options), depth: 0 })
}

/** Loads a chart again from its files, as {@link Chart.raw} has them. @throws {ChartError} */
export function loadChartFiles(files: readonly ChartFile[], options: LoadOptions): Chart {
  return loadFiles(files, { ...withLimits(options), depth: 0 })
}

/** Loads the chart in the directory `root` of a tree. @throws {ChartError} */
export function loadChartDirectory(
  tree: FileTree,
  root: string,
  { location, ...options }: LoadOptions & Pick<DirectoryOptions, 'location'>,
): Chart {
  const file = root === '' ? 'Chart.yaml' : `${root}/Chart.yaml`
  if (location !== undefined && !tree.stat(file)) {
    const path = `${location}/Chart.yaml`
    throw new ChartError(
      'CHART_MISSING',
      `unable to detect chart at ${path}: open ${path}: no such file or directory`,
    )
  }
  const context = withLimits(options)
  const files = directoryFiles(tree, root, { ...context, ...(location !== undefined && { location }) })
  return loadFiles(files, { ...context, depth: 0 })
}

type Context = Required<LoadOptions> & { readonly depth: number }

function withLimits({
  compression,
  limits = defaultChartLimits,
  warn = () => {},
}: LoadOptions): Required<LoadOptions> {
  return { compression, limits, warn }
}

type Parts = {
  metadata: Metadata | undefined
  lock: Lock | undefined
  values: MutableValues | undefined
  schema: Uint8Array | undefined
  readonly templates: ChartFile[]
  readonly files: ChartFile[]
  /** Files below `charts/` by the first name there. */
  readonly subcharts: Map<string, ChartFile[]>
}

function loadFiles(files: readonly ChartFile[], context: Context): Chart {
  if (context.depth === 0) checkApiVersion(files)
  const parts: Parts = {
    metadata: chartYaml(files),
    lock: undefined,
    values: undefined,
    schema: undefined,
    templates: [],
    files: [],
    subcharts: new Map(),
  }
  for (const file of files) place(file, parts, context)
  if (!parts.metadata) throw new ChartError('CHART_MISSING', 'Chart.yaml file is missing')
  const metadata = validateMetadata(parts.metadata)
  const { lock, values, schema, templates, subcharts } = parts
  const dependencies = [...subcharts].flatMap(([name, subfiles]) =>
    loadSubchart(name, subfiles, { metadata, context }),
  )
  return { metadata, lock, values, schema, templates, files: parts.files, raw: files, dependencies }
}

/** How the chart at the top is written is seen before anything else in it; of those below nobody asks. */
function checkApiVersion(files: readonly ChartFile[]): void {
  const file = files.find(({ name }) => name === 'Chart.yaml')
  const apiVersion = file ? inFile(file.name, () => decodeApiVersion(file.data)) : ''
  if (!['', 'v1', 'v2', 'v3'].includes(apiVersion)) {
    throw new ChartError('CHART_INVALID', 'unsupported chart version')
  }
}

/** The last Chart.yaml counts, laid over those before it. */
function chartYaml(files: readonly ChartFile[]): Metadata | undefined {
  let metadata: Metadata | undefined
  for (const file of files) {
    if (file.name !== 'Chart.yaml') continue
    const decoded = inFile('Chart.yaml', () => decodeMetadata(file.data, metadata))
    metadata = decoded.apiVersion === '' ? { ...decoded, apiVersion: 'v1' } : decoded
  }
  return metadata
}

function place(file: ChartFile, parts: Parts, { warn }: Context): void {
  const { name, data } = file
  const isV1 = (parts.metadata?.apiVersion ?? '') === 'v1'
  if (name === 'Chart.yaml') return
  if (name === 'Chart.lock') {
    parts.lock = inFile(name, () => decodeLock(data))
  } else if (name === 'values.yaml') {
    parts.values = inFile(name, () => parseValues(data))
  } else if (name === 'values.schema.json') {
    parts.schema = data
  } else if (name === 'requirements.yaml') {
    if (!isV1) warn(outdated('Dependencies are handled', 'dependencies', 'Chart.yaml'))
    parts.metadata = inFile(name, () => decodeMetadata(data, parts.metadata))
    if (isV1) parts.files.push(file)
  } else if (name === 'requirements.lock') {
    if (!isV1) warn(outdated('Dependency locking is handled', 'locking', 'Chart.lock'))
    parts.lock = inFile(name, () => decodeLock(data))
    if (isV1) parts.files.push(file)
  } else if (name.startsWith('templates/')) {
    parts.templates.push(file)
  } else if (name.startsWith('charts/') && !name.endsWith('.prov')) {
    placeSubchart({ name: name.slice('charts/'.length), data }, parts.subcharts)
  } else {
    parts.files.push(file)
  }
}

function outdated(what: string, kind: string, file: string): string {
  return `Warning: ${what} in ${file} since apiVersion "v2". We recommend migrating ${kind} to ${file}.`
}

function placeSubchart(file: ChartFile, subcharts: Map<string, ChartFile[]>): void {
  const [first = ''] = file.name.split('/', 1)
  const files = subcharts.get(first)
  if (files) files.push(file)
  else subcharts.set(first, [file])
}

function loadSubchart(
  name: string,
  files: readonly ChartFile[],
  { metadata, context }: { readonly metadata: Metadata; readonly context: Context },
): Chart[] {
  if (name.startsWith('_') || name.startsWith('.')) return []
  const inner = { ...context, depth: context.depth + 1 }
  if (inner.depth > maxSubchartDepth) {
    throw new ChartError('CHART_TOO_LARGE', `subcharts nest deeper than ${maxSubchartDepth}`)
  }
  try {
    if (!name.endsWith('.tgz')) {
      return [
        loadFiles(
          files.flatMap((file) => below(file)),
          inner,
        ),
      ]
    }
    const [archive] = files
    if (archive?.name !== name) {
      throw new ChartError('CHART_INVALID', `tar in ${metadata.name}: expected ${name}, got ${archive?.name}`)
    }
    return [loadFiles(archiveFiles(archive.data, context), inner)]
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw new ChartError(
      'CHART_INVALID',
      `error unpacking subchart ${name} in ${metadata.name}: ${cause.message}`,
      { cause },
    )
  }
}

/** A file that lies directly in `charts/` belongs to no chart. */
function below({ name, data }: ChartFile): ChartFile[] {
  const slash = name.indexOf('/')
  return slash < 0 ? [] : [{ name: name.slice(slash + 1), data }]
}

function inFile<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Error) || cause.message.startsWith('validation: ')) throw cause
    throw new ChartError('CHART_INVALID', `cannot load ${name}: ${cause.message}`, { cause })
  }
}

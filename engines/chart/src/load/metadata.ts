import { type GoValue, isPrint, parseVersion, quote } from '@sluice/go'
import { parseYaml } from '@sluice/yaml'
import type { Dependency, Maintainer, Metadata } from '../chart.ts'
import { ChartError } from './chart-error.ts'
import {
  anything,
  decodeStruct,
  type FieldType,
  flag,
  listOf,
  pointerTo,
  type StructType,
  structOf,
  text,
  textMap,
  yamlDecodingPrefix,
} from './go-struct.ts'

const maintainer = structOf<Maintainer>('Maintainer', { name: text, email: text, url: text }, 'v2.Maintainer')

const dependencyFields = {
  name: text,
  version: text,
  repository: text,
  condition: text,
  tags: listOf(text),
  enabled: flag,
  'import-values': listOf(anything),
  alias: text,
}
export type WireDependency = Omit<Dependency, 'importValues'> & {
  readonly 'import-values': readonly GoValue[]
}
/** A dependency as it is written. */
export const dependency: FieldType<WireDependency> = structOf<WireDependency>(
  'Dependency',
  dependencyFields,
  'v2.Dependency',
)

export type WireMetadata = Omit<Metadata, 'dependencies' | 'maintainers'> & {
  readonly dependencies: readonly (WireDependency | undefined)[]
  readonly maintainers: readonly (Maintainer | undefined)[]
}

/** The fields of Chart.yaml as they are written. */
export const metadataFields: StructType<WireMetadata> = {
  name: text,
  home: text,
  sources: listOf(text),
  version: text,
  description: text,
  keywords: listOf(text),
  maintainers: listOf(pointerTo(maintainer), '[]*v2.Maintainer'),
  icon: text,
  apiVersion: text,
  condition: text,
  tags: text,
  appVersion: text,
  deprecated: flag,
  annotations: textMap,
  kubeVersion: text,
  dependencies: listOf(pointerTo(dependency), '[]*v2.Dependency'),
  type: text,
}

/**
 * Reads Chart.yaml, or the dependencies of a requirements.yaml laid over what Chart.yaml said.
 *
 * @throws {ChartError} `CHART_INVALID` with the text of Go's decoder, without the file's name.
 */
export function decodeMetadata(yaml: Uint8Array, base?: Metadata): Metadata {
  const value = parseChartYaml(yaml)
  const decoded = metadataOf(decodeYamlStruct(value))
  if (!base) return decoded
  const given = new Set(isRecord(value) ? Object.keys(value) : [])
  return { ...base, ...Object.fromEntries(Object.entries(decoded).filter(([key]) => given.has(key))) }
}

/** Metadata from its fields. @throws {ChartError} `CHART_INVALID`, `validation: …` for items that are null. */
export function metadataOf(wire: WireMetadata): Metadata {
  return {
    ...wire,
    maintainers: wire.maintainers.map(requireMaintainer),
    dependencies: wire.dependencies.map(requireDependency),
  }
}

/**
 * Of a Chart.yaml only what says how the rest of it is to be read. Empty when absent.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/chart/loader: a chart at the top is looked at before it is loaded.
 * @throws {ChartError} as {@link decodeMetadata}
 */
export function decodeApiVersion(yaml: Uint8Array): string {
  const type = { name: 'chartBase', type: 'loader.chartBase' }
  const value = parseChartYaml(yaml)
  return fromYaml(() => decodeStruct(value, { apiVersion: text }, type)).apiVersion
}

function decodeYamlStruct(value: unknown): WireMetadata {
  return fromYaml(() => decodeStruct(value, metadataFields, { name: 'Metadata', type: 'v2.Metadata' }))
}

function fromYaml<T>(decode: () => T): T {
  try {
    return decode()
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw new ChartError('CHART_INVALID', yamlDecodingPrefix + cause.message, { cause })
  }
}

function parseChartYaml(yaml: Uint8Array): unknown {
  try {
    return parseYaml(yaml)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new ChartError('CHART_INVALID', `error converting YAML to JSON: ${message}`, { cause })
  }
}

function requireMaintainer(it: Maintainer | undefined): Maintainer {
  if (!it) throw invalid('maintainers must not contain empty or null nodes')
  return it
}

/** @throws {ChartError} when a dependency is null */
export function requireDependency(it: WireDependency | undefined): Dependency {
  if (!it) throw invalid('dependencies must not contain empty or null nodes')
  const { 'import-values': importValues, ...rest } = it
  return { ...rest, importValues }
}

const aliasFormat = /^[a-zA-Z0-9_-]+$/

/**
 * Checks the rules for Chart.yaml and cleans its texts of what cannot be printed.
 *
 * @throws {ChartError} `CHART_INVALID`, `validation: …`
 */
export function validateMetadata(raw: Metadata): Metadata {
  const metadata = sanitizeMetadata(raw)
  const { apiVersion, name, version, type } = metadata
  if (apiVersion === '') throw invalid('chart.metadata.apiVersion is required')
  if (name === '') throw invalid('chart.metadata.name is required')
  if (name === '.' || name === '..') throw invalid(`chart.metadata.name ${quote(name)} is not allowed`)
  if (name.includes('/')) throw invalid(`chart.metadata.name ${quote(name)} is invalid`)
  if (version === '') throw invalid('chart.metadata.version is required')
  if (!isVersion(version)) throw invalid(`chart.metadata.version ${quote(version)} is invalid`)
  if (!['', 'application', 'library'].includes(type)) {
    throw invalid('chart.metadata.type must be application or library')
  }
  checkDependencies(metadata.dependencies)
  return metadata
}

function checkDependencies(dependencies: readonly Dependency[]): void {
  const names = new Set<string>()
  for (const { name, alias } of dependencies) {
    if (alias !== '' && !aliasFormat.test(alias)) {
      throw invalid(`dependency ${quote(name)} has disallowed characters in the alias`)
    }
    const key = alias === '' ? name : alias
    if (names.has(key)) throw invalid(`more than one dependency with name or alias ${quote(key)}`)
    names.add(key)
  }
}

/** The metadata without what cannot be printed. */
export function sanitizeMetadata(metadata: Metadata): Metadata {
  // Nearly every chart is plain as it is.
  if (isPlain.test(textsOf(metadata))) return metadata
  return {
    ...metadata,
    name: printable(metadata.name),
    description: printable(metadata.description),
    home: printable(metadata.home),
    icon: printable(metadata.icon),
    condition: printable(metadata.condition),
    tags: printable(metadata.tags),
    appVersion: printable(metadata.appVersion),
    kubeVersion: printable(metadata.kubeVersion),
    sources: metadata.sources.map(printable),
    keywords: metadata.keywords.map(printable),
    maintainers: metadata.maintainers.map(({ name, email, url }) => ({
      name: printable(name),
      email: printable(email),
      url: printable(url),
    })),
    dependencies: metadata.dependencies.map((it) => ({
      ...it,
      name: printable(it.name),
      version: printable(it.version),
      repository: printable(it.repository),
      condition: printable(it.condition),
      tags: it.tags.map(printable),
    })),
  }
}

const isPlain = /^[\x20-\x7e]*$/

/** All that is looked at, in one text. */
function textsOf(metadata: Metadata): string {
  const { name, description, home, icon, condition, tags, appVersion, kubeVersion } = metadata
  let texts = name + description + home + icon + condition + tags + appVersion + kubeVersion
  for (const source of metadata.sources) texts += source
  for (const keyword of metadata.keywords) texts += keyword
  for (const it of metadata.maintainers) texts += it.name + it.email + it.url
  for (const it of metadata.dependencies) {
    texts += it.name + it.version + it.repository + it.condition
    for (const tag of it.tags) texts += tag
  }
  return texts
}

/** Every kind of space becomes a blank; what cannot be printed goes. */
function printable(value: string): string {
  if (isPlain.test(value)) return value
  let result = ''
  for (const char of value) {
    if (/\s/u.test(char)) result += ' '
    else if (isPrint(char.codePointAt(0) ?? 0)) result += char
  }
  return result
}

function isVersion(version: string): boolean {
  try {
    parseVersion(version)
    return true
  } catch {
    // Only whether it is one matters here; the text of the error is the metadata's.
    return false
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string): ChartError {
  return new ChartError('CHART_INVALID', `validation: ${message}`)
}

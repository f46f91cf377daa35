import { compareVersions, GoError, parseVersion, type SemverVersion } from '@sluice/go'
import type { LogFields } from '@sluice/ports'
import { parseYaml } from '@sluice/yaml'
import type { Metadata } from '../chart.ts'
import { ChartError } from '../load/chart-error.ts'
import { decodeStruct, yamlDecodingPrefix } from '../load/go-struct.ts'
import { metadataOf, sanitizeMetadata, validateMetadata } from '../load/metadata.ts'
import { indexFields, type WireIndex, type WireVersion } from './index-fields.ts'

/** A version of a chart that a repository has. */
export type ChartVersion = {
  readonly name: string
  readonly version: string
  /** Absolute, or relative to the repository. */
  readonly urls: readonly string[]
  /** SHA-256 of the archive as the index has it, which may begin with `sha256:`. */
  readonly digest: string | undefined
  /** RFC 3339; the year 1 or empty when absent. */
  readonly created: string
}

/** A version of a chart with all that an index says about it. */
export type IndexedChart = ChartVersion & { readonly metadata: Metadata; readonly removed: boolean }

/** The index of a chart repository. */
export type ChartIndex = {
  /** The versions of each chart, highest first. */
  readonly entries: ReadonlyMap<string, readonly IndexedChart[]>
  /** The whole document as it was read, to be stored. */
  readonly document: unknown
}

/** Takes Helm's warnings. */
export type Warn = (message: string, fields: LogFields) => void

/**
 * Reads `index.yaml`, which may be JSON. Versions that break the rules of Chart.yaml are left out with a warning.
 * A YAML index must not have unknown fields or repeated keys; JSON may.
 *
 * Source: Helm 4.3, loading of index files, with its messages.
 * @throws {ChartError} `CHART_INDEX`
 */
export function readChartIndex(
  bytes: Uint8Array,
  { warn = () => {} }: { readonly warn?: Warn } = {},
): ChartIndex {
  if (bytes.length === 0) throw new ChartError('CHART_INDEX', 'empty index.yaml file')
  const { document, wire } = decodeIndex(bytes)
  const entries = new Map<string, readonly IndexedChart[]>()
  for (const [name, versions] of wire.entries) entries.set(name, validVersions(name, versions, warn))
  if (wire.apiVersion === '') throw new ChartError('CHART_INDEX', 'no API version specified')
  return { entries, document }
}

type Decoded = { readonly document: unknown; readonly wire: WireIndex }

const ofIndex = { name: 'IndexFile', type: 'repo.IndexFile' }

function decodeIndex(bytes: Uint8Array): Decoded {
  // A byte order mark makes it YAML, where more is checked.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const json = parseIfJson(text)
  if (json !== undefined) {
    const rules = { convertsScalars: false, isStrict: false }
    return decoding('', () => ({
      document: json,
      wire: decodeStruct(json, indexFields, { ...ofIndex, rules }),
    }))
  }
  const document = decoding('error converting YAML to JSON: ', () =>
    parseYaml(bytes, { strict: true, maxLength: maxIndexLength }),
  )
  const rules = { convertsScalars: true, isStrict: true }
  return decoding(yamlDecodingPrefix, () => ({
    document,
    wire: decodeStruct(document, indexFields, { ...ofIndex, rules }),
  }))
}

const maxIndexLength = 128 * 1024 * 1024

/** The value of a text in JSON, which is read much faster as what it is; some indexes have many megabytes. */
function parseIfJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function decoding<T>(prefix: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof RangeError) throw cause
    throw new ChartError('CHART_INDEX', prefix + cause.message, { cause })
  }
}

type Sortable = { readonly chart: IndexedChart; readonly semver: SemverVersion }

function validVersions(
  name: string,
  versions: readonly (WireVersion | undefined)[],
  warn: Warn,
): readonly IndexedChart[] {
  const valid: Sortable[] = []
  for (const wire of versions) {
    if (!wire) {
      warn('skipping loading invalid entry for chart: empty entry', { name })
      continue
    }
    try {
      const chart = indexedChart(wire)
      valid.push({ chart, semver: parseVersion(chart.version) })
    } catch (error) {
      if (!(error instanceof ChartError || error instanceof GoError)) throw error
      const { version } = wire
      warn('skipping loading invalid entry for chart', { name, version, error: error.message })
    }
  }
  return valid.toSorted((a, b) => compareVersions(b.semver, a.semver)).map(({ chart }) => chart)
}

function indexedChart(wire: WireVersion): IndexedChart {
  const {
    urls,
    created,
    removed,
    digest,
    checksum: _,
    engine: __,
    tillerVersion: ___,
    url: ____,
    ...fields
  } = wire
  const metadata = acceptedMetadata(metadataOf(fields))
  const { name, version } = metadata
  return { name, version, urls, digest: digest === '' ? undefined : digest, created, removed, metadata }
}

/** Some servers strip the aliases of dependencies, so names that repeat are no reason to refuse. */
function acceptedMetadata(raw: Metadata): Metadata {
  const metadata = { ...raw, apiVersion: raw.apiVersion === '' ? 'v1' : raw.apiVersion }
  try {
    return validateMetadata(metadata)
  } catch (error) {
    if (!(error instanceof ChartError && error.message.startsWith(repeatedDependency))) throw error
    return sanitizeMetadata(metadata)
  }
}

const repeatedDependency = 'validation: more than one dependency with name or alias'

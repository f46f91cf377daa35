import { parseYaml } from '@sluice/yaml'
import { ChartError } from '../load/chart-error.ts'
import { type DecodeRules, decodeQuickly, decodeStruct, yamlDecodingPrefix } from '../load/go-struct.ts'
import { indexFields, versionFields, type WireIndex, type WireVersion } from './index-fields.ts'
import { checkVersionCount, type IndexItem } from './index-source.ts'
import { splitJsonIndex } from './json-index.ts'
import { splitYamlIndex } from './yaml-index.ts'

/** Reads a version of a chart; `undefined` where the index has null. @throws {UnusualIndexError} */
export type VersionReader = () => WireVersion | undefined

/** An index whose versions are still to be read. */
export type OpenIndex = {
  readonly header: Omit<WireIndex, 'entries'>
  readonly entries: ReadonlyMap<string, readonly VersionReader[]>
  /** Whether each version stands for itself. */
  readonly isJson: boolean
}

/** Something in an index can only be judged when it is read as a whole. */
export class UnusualIndexError extends ChartError {
  constructor(options?: ErrorOptions) {
    super('CHART_INDEX', 'the index has to be read as a whole', options)
  }
}

const jsonRules: DecodeRules = { convertsScalars: false, isStrict: false, keepsOrder: true }
const yamlRules: DecodeRules = { convertsScalars: true, isStrict: true }
const ofIndex = { name: 'IndexFile', type: 'repo.IndexFile' }
const ofVersion = { name: 'ChartVersion', type: 'repo.ChartVersion' }

/**
 * Opens an index as it lies, if it has the form in which programs write it.
 *
 * @throws {UnusualIndexError} when it has another one
 */
export function openIndex(bytes: Uint8Array): OpenIndex {
  const text = textOf(bytes)
  const isJson = /^\s*\{/.test(text)
  const source = isJson ? splitJsonIndex(text) : splitYamlIndex(text)
  const rules = isJson ? jsonRules : yamlRules
  const header = source && decodeQuickly(source.header, indexFields, rules)
  if (!header) throw new UnusualIndexError()
  const entries = new Map<string, readonly VersionReader[]>()
  for (const [name, items] of source.entries) {
    const readers = items.map((item) => () => versionOf(item, rules))
    entries.set(name, readers)
  }
  return { header, entries, isJson }
}

function versionOf(item: IndexItem, rules: DecodeRules): WireVersion | undefined {
  try {
    const value = item()
    if (value === null) return undefined
    return (
      decodeQuickly(value, versionFields, rules) ??
      decodeStruct(value, versionFields, { ...ofVersion, rules })
    )
  } catch (cause) {
    throw new UnusualIndexError({ cause })
  }
}

/** Reads an index as a whole, with the errors that Helm finds. @throws {ChartError} `CHART_INDEX` */
export function readWholeIndex(bytes: Uint8Array): OpenIndex {
  const { entries, ...header } = decodeIndex(bytes)
  let count = 0
  for (const versions of entries.values()) count += versions.length
  checkVersionCount(count)
  const readers = [...entries].map(([name, versions]) => [name, versions.map((it) => () => it)] as const)
  return { header, entries: new Map(readers), isJson: true }
}

function decodeIndex(bytes: Uint8Array): WireIndex {
  const json = parseIfJson(textOf(bytes))
  if (json !== undefined) {
    return decoding('', () => decodeStruct(json, indexFields, { ...ofIndex, rules: jsonRules }))
  }
  const document = decoding('error converting YAML to JSON: ', () =>
    parseYaml(bytes, { strict: true, maxLength: maxIndexLength }),
  )
  return decoding(yamlDecodingPrefix, () =>
    decodeStruct(document, indexFields, { ...ofIndex, rules: yamlRules }),
  )
}

const maxIndexLength = 128 * 1024 * 1024

function textOf(bytes: Uint8Array): string {
  // A byte order mark makes it YAML, where more is checked.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** The value of a text in JSON, which is read much faster as what it is. */
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

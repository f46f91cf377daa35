import type { GoValue } from '@sluice/go'
import { compareUtf8 } from '@sluice/ports'
import * as events from '../parse/events.ts'
import { Parser } from '../parse/parser.ts'
import { YamlError } from '../yaml-error.ts'
import { Composer } from './compose.ts'
import { goShape, plainShape, type Shape, type YamlValue } from './shape.ts'
import { earlierError, openSource } from './source.ts'

/** Bounds and rules of reading. */
export type ReadOptions = {
  /** Whether a repeated key is an error; otherwise the last one counts. Default false. */
  readonly strict?: boolean
  /** Collections within collections. Default 1,000 (Go: 10,000, more than callers' recursion bears). */
  readonly maxDepth?: number
  /** UTF-16 units of a text, bytes of a byte array. Default 64 Mi. */
  readonly maxLength?: number
}

/** One document of a stream. */
export type YamlDocument = {
  readonly value: YamlValue
  /** Line on which it begins, from 1. */
  readonly line: number
  /** Whether it has content: not only comments or nothing between two `---`. */
  readonly empty: boolean
}

const defaultMaxDepth = 1_000
const defaultMaxLength = 64 * 1024 * 1024

/**
 * Reads the first document of `input` as `sigs.k8s.io/yaml` does: YAML 1.1 words and numbers, JSON's values.
 * An empty text is `null`. Integers beyond 2^53 are bigints.
 *
 * Source: sigs.k8s.io/yaml 1.6, YAMLToJSON and YAMLToJSONStrict.
 * @throws {YamlError}
 */
export function parseYaml(input: string | Uint8Array, options: ReadOptions = {}): YamlValue {
  return readFirst(input, plainShape, options)
}

/**
 * As {@link parseYaml}, into values for templates: mappings are Maps, numbers all float64, or json.Number with
 * the literal that the JSON would have.
 *
 * @throws {YamlError}
 */
export function parseYamlGo(
  input: string | Uint8Array,
  { numbers = 'float64', ...options }: ReadOptions & { readonly numbers?: 'float64' | 'json.Number' } = {},
): GoValue {
  return readFirst(input, goShape(numbers), options)
}

/**
 * Reads every document of a stream. Documents without content are among them, with value `null`.
 *
 * @throws {YamlError} whose line counts from the beginning of the stream
 */
export function parseYamlDocuments(input: string | Uint8Array, options: ReadOptions = {}): YamlDocument[] {
  const documents: YamlDocument[] = []
  read(input, options, (parser, strict) => {
    while (parser.next() === events.DOCUMENT_START) {
      const line = parser.line + 1
      const value = compose(parser, plainShape, strict)
      documents.push({ value, line, empty: value === null && parser.value === '' })
    }
  })
  return documents
}

function readFirst<T, M extends T>(input: string | Uint8Array, shape: Shape<T, M>, options: ReadOptions): T {
  let value = null as T
  read(input, options, (parser, strict) => {
    if (parser.next() === events.DOCUMENT_START) value = compose(parser, shape, strict)
  })
  return value
}

function read(
  input: string | Uint8Array,
  { strict = false, maxDepth = defaultMaxDepth, maxLength = defaultMaxLength }: ReadOptions,
  documents: (parser: Parser, strict: boolean) => void,
): void {
  if (input.length > maxLength) {
    throw new YamlError('YAML_LIMIT', `yaml: text of ${input.length} exceeds the limit of ${maxLength}`)
  }
  const source = openSource(input)
  const parser = new Parser(source.text, maxDepth)
  try {
    documents(parser, strict)
  } catch (error) {
    throw earlierError(source, error, parser.scanner.offset)
  }
  if (source.bad) throw source.bad.error
}

function compose<T, M extends T>(parser: Parser, shape: Shape<T, M>, strict: boolean): T {
  const { value, nonFinite } = new Composer(parser, shape, strict).document()
  if (nonFinite) {
    const found = findNonFinite(value)
    if (found !== undefined) {
      throw new YamlError('YAML_INVALID_VALUE', `json: unsupported value: ${found}`)
    }
  }
  return value
}

/** The first number that JSON lacks, keys in the order of Go's encoder. */
function findNonFinite(value: unknown): string | undefined {
  if (typeof value === 'number') return nonFiniteName(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = findNonFinite(item)
      if (found !== undefined) return found
    }
    return undefined
  }
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  for (const [, item] of entries.toSorted(([a], [b]) => compareUtf8(a, b))) {
    const found = findNonFinite(item)
    if (found !== undefined) return found
  }
  return undefined
}

function nonFiniteName(value: number): string | undefined {
  if (Number.isFinite(value)) return undefined
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

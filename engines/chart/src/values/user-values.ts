import { parseJsonGo } from '@sluice/yaml'
import { mergeOver, parseValues } from '../load/values-file.ts'
import { type MutableValue, type MutableValues, parseSet, type SetMode } from './set-parser.ts'
import { isTable, ValuesError } from './tables.ts'

/** Values files and `--set…` flags, as the command line has them. */
export type UserValues = {
  /** Paths, read by `read`; later ones win. */
  readonly files?: readonly string[]
  readonly setJson?: readonly string[]
  readonly set?: readonly string[]
  readonly setString?: readonly string[]
  readonly setFile?: readonly string[]
  readonly setLiteral?: readonly string[]
}

/**
 * What the user gave, merged in Helm's order: files, then `--set-json`, `--set`, `--set-string`, `--set-file` and
 * `--set-literal`.
 *
 * @param read gives a file's content; its error's message becomes part of ours
 * @throws {ValuesError} in Helm's words
 */
export function userValues(given: UserValues, read: (path: string) => Uint8Array): MutableValues {
  let values: MutableValues = new Map()
  for (const path of given.files ?? []) {
    const content = read(path)
    values = mergeOver(
      values,
      inWords(`failed to parse ${path}`, () => parseValues(content)),
    )
  }
  for (const text of given.setJson ?? []) values = withJson(values, text)
  const readText = (path: string): string => new TextDecoder().decode(read(path))
  const flags: readonly (readonly [string, readonly string[] | undefined, SetMode])[] = [
    ['--set', given.set, { kind: 'typed' }],
    ['--set-string', given.setString, { kind: 'string' }],
    ['--set-file', given.setFile, { kind: 'file', read: readText }],
    ['--set-literal', given.setLiteral, { kind: 'literal' }],
  ]
  for (const [flag, texts, mode] of flags) {
    for (const text of texts ?? []) inWords(`failed parsing ${flag} data`, () => parseSet(values, text, mode))
  }
  return values
}

/** An object is merged whole, anything else is `path=JSON`. */
function withJson(values: MutableValues, text: string): MutableValues {
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) {
    const table = attempt(() => parseJsonGo(trimmed))
    if (!isTable(table)) {
      throw new ValuesError(`failed parsing --set-json data JSON: ${text}`)
    }
    return mergeOver(values, table)
  }
  const parsed = attempt(() => {
    parseSet(values, text, { kind: 'json', decode: decodeJson })
    return true
  })
  if (!parsed) throw new ValuesError(`failed parsing --set-json data ${text}`)
  return values
}

/** The result, or nothing when the text is not what it should be: Helm's message names only the text. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Reads one JSON value at the start of a text. */
function decodeJson(text: string): { readonly value: MutableValue; readonly length: number } {
  const length = jsonLength(text)
  const value = parseJsonGo(text.slice(0, length))
  return { value, length: Array.from(text.slice(0, length)).length }
}

const scalar = /^\s*(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)/

/** Where the first JSON value of a text ends, in UTF-16 units. Whether it is valid is the parser's to say. */
function jsonLength(text: string): number {
  // A number or a word ends where it cannot go on, whatever follows.
  const found = scalar.exec(text)
  if (found) return found[0].length
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (inString) {
      if (char === '\\') at += 1
      else if (char === '"') {
        inString = false
        if (depth === 0) return at + 1
      }
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      depth -= 1
      if (depth <= 0) return at + 1
    } else if (depth === 0 && /[,\s]/.test(char) && text.slice(0, at).trim() !== '') return at
  }
  return text.length
}

function inWords<T>(words: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof ValuesError) throw cause
    throw new ValuesError(`${words}: ${cause.message}`, { cause })
  }
}

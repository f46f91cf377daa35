import { atoi, GoInt, type GoValue, NumError, quote, quoteRune } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'
import { type RuneReader, readUntil, runeReader } from './rune-reader.ts'

/** Values of a chart while they are being put together. */
export type MutableValues = Map<string, MutableValue>
export type MutableValue = GoValue | MutableValues | MutableValue[]

/** How the right side of `=` is read. */
export type SetMode =
  /** `--set`: `true`, `null` and integers have their types, `{a,b}` is a list. */
  | { readonly kind: 'typed' }
  /** `--set-string`: text, in lists too. */
  | { readonly kind: 'string' }
  /** `--set-file`: the text is the path of a file whose content is the value. */
  | { readonly kind: 'file'; readonly read: (path: string) => string }
  /** `--set-json`: a JSON value. `decode` reads one at the start of a text and tells its length in code points. */
  | {
      readonly kind: 'json'
      readonly decode: (text: string) => { readonly value: MutableValue; readonly length: number }
    }
  /** `--set-literal`: everything up to the end of the flag, without escapes. */
  | { readonly kind: 'literal' }

/** A `--set…` flag is malformed. The message is Helm's. */
export class SetError extends ToolkitError {
  override readonly name = 'SetError'
  override readonly isWhole = true

  constructor(message: string, options?: ErrorOptions) {
    super('CHART_SET', message, options)
  }
}

const maxIndex = 65_536
const maxNestedLevel = 30

/**
 * Merges one `--set`, `--set-string`, `--set-file`, `--set-json` or `--set-literal` flag into `values`.
 *
 * Source: the grammar of Helm 4.3 (recorded behaviour): `a.b=1,l[0].c=x,m={1,2}`.
 * @throws {SetError}
 */
export function parseSet(values: MutableValues, text: string, mode: SetMode): void {
  const parser: Parser = { reader: runeReader(text), mode }
  let more = true
  while (more) more = readKey(parser, values, 0)
}

type Parser = { readonly reader: RuneReader; readonly mode: SetMode }

/** Reads one `key=value`. Returns whether there may be another one. */
function readKey(parser: Parser, values: MutableValues, level: number): boolean {
  const { reader, mode } = parser
  const isLiteral = mode.kind === 'literal'
  const { text: key, stop } = readUntil(reader, isLiteral ? '=[.' : '=[,.', { escapes: !isLiteral })
  switch (stop) {
    case undefined:
      if (key === '') return false
      throw new SetError(`key ${quote(key)} has no value`)
    case '[': {
      const index = readIndex(parser)
      if (index === undefined) return false
      const { list, more } = readItem(parser, { list: listAt(values, key), index, level })
      put(values, key, list)
      return more
    }
    case '=': {
      const { value, more } = readValue(parser)
      put(values, key, value)
      return more
    }
    case '.':
      return readNested(parser, values, { key, level: level + 1 })
    default:
      put(values, key, '')
      throw new SetError(`key ${quote(key)} has no value (cannot end with ,)`)
  }
}

function readNested(
  parser: Parser,
  values: MutableValues,
  { key, level }: { readonly key: string; readonly level: number },
): boolean {
  checkLevel(level)
  const existing = values.has(key) ? values.get(key) : new Map<string, MutableValue>()
  if (!(existing instanceof Map)) throw conversionError(existing, 'map[string]interface {}')
  const inner: MutableValues = existing
  const more = readKey(parser, inner, level)
  if (inner.size === 0) {
    if (more) throw new SetError(`key map ${quote(key)} has no value`)
    return more
  }
  put(values, key, inner)
  return more
}

type Item = { readonly list: MutableValue[]; readonly index: number; readonly level: number }
/** `more` is false when the flag ended before the item had a value, which is no error. */
type ItemResult = { readonly list: MutableValue[]; readonly more: boolean }

/** Reads what follows `[index]` and puts it into the list. */
function readItem(parser: Parser, { list, index, level }: Item): ItemResult {
  if (index < 0) throw new SetError(`negative ${index} index not allowed`)
  const isLiteral = parser.mode.kind === 'literal'
  const { text, stop } = readUntil(parser.reader, '[.=', { escapes: !isLiteral })
  if (text !== '') {
    const runes = Array.from(text, (rune) => quoteRune(rune.codePointAt(0) ?? 0))
    throw new SetError(`unexpected data at end of array index: [${runes.join(' ')}]`)
  }
  switch (stop) {
    case undefined:
      return { list, more: false }
    case '=':
      return { list: putAt(list, index, readValue(parser).value), more: true }
    case '[':
      return readInnerItem(parser, { list, index, level })
    default:
      return readItemKey(parser, { list, index, level })
  }
}

/** `[0][1]`: an item of a list that is an item itself. */
function readInnerItem(parser: Parser, { list, index, level }: Item): ItemResult {
  const nextIndex = readIndex(parser)
  if (nextIndex === undefined) return { list, more: false }
  const existing = list[index] ?? []
  if (!Array.isArray(existing)) throw conversionError(existing, '[]interface {}')
  const inner = readItem(parser, { list: existing as MutableValue[], index: nextIndex, level })
  return inner.more ? { list: putAt(list, index, inner.list), more: true } : { list, more: false }
}

/** `[0].key`: a key of a table that is an item. What is there and no table is replaced at once. */
function readItemKey(parser: Parser, { list, index, level }: Item): ItemResult {
  const existing = list[index]
  const inner: MutableValues = existing instanceof Map ? existing : new Map()
  if (index < list.length) list[index] = inner
  // A flag that ends in the key leaves no trace of an item that was not there.
  if (!readKey(parser, inner, level)) return { list, more: false }
  return { list: putAt(list, index, inner), more: true }
}

/** The number between brackets; `undefined` when the closing one is missing, which ends the flag silently. */
function readIndex({ reader, mode }: Parser): number | undefined {
  const { text, stop } = readUntil(reader, ']', { escapes: mode.kind !== 'literal' })
  if (stop === undefined) return undefined
  try {
    return Number(atoi(text))
  } catch (cause) {
    if (!(cause instanceof NumError)) throw cause
    throw new SetError(`error parsing index: ${cause.message}`, { cause })
  }
}

type ValueResult = { readonly value: MutableValue; readonly more: boolean }

function readValue(parser: Parser): ValueResult {
  const { reader, mode } = parser
  if (mode.kind === 'literal') {
    const value = reader.rest()
    reader.skip(Number.MAX_SAFE_INTEGER)
    return { value, more: true }
  }
  if (mode.kind === 'json') return readJson(reader, mode)
  const first = reader.next()
  if (first === undefined) return { value: '', more: false }
  if (first === '{') return { value: readList(parser), more: true }
  reader.back()
  const { text } = readUntil(reader, ',', { escapes: true })
  return { value: valueOf(text, mode), more: true }
}

function readJson(reader: RuneReader, { decode }: SetMode & { readonly kind: 'json' }): ValueResult {
  if (skipSeparator(reader)) return { value: null, more: true }
  const { value, length } = decode(reader.rest())
  reader.skip(length)
  skipSeparator(reader)
  return { value, more: true }
}

/** Skips blanks and one comma. Returns whether nothing stood before the comma or the end. */
function skipSeparator(reader: RuneReader): boolean {
  for (;;) {
    const rune = reader.next()
    if (rune === undefined || rune === ',') return true
    if (/\s/.test(rune)) continue
    reader.back()
    return false
  }
}

function readList({ reader, mode }: Parser): MutableValue[] {
  const list: MutableValue[] = []
  for (;;) {
    const { text, stop } = readUntil(reader, ',}', { escapes: true })
    if (stop === undefined) throw new SetError("list must terminate with '}'")
    list.push(valueOf(text, mode))
    if (stop === ',') continue
    const after = reader.next()
    if (after !== undefined && after !== ',') reader.back()
    return list
  }
}

function valueOf(text: string, mode: SetMode): MutableValue {
  if (mode.kind === 'file') return mode.read(text)
  return mode.kind === 'typed' ? typedValue(text) : text
}

const minInt64 = -(2n ** 63n)
const maxInt64 = 2n ** 63n - 1n

function typedValue(text: string): MutableValue {
  const lower = text.toLowerCase()
  if (lower === 'true') return true
  if (lower === 'false') return false
  if (lower === 'null') return null
  // A leading zero marks an identifier, not a number.
  if (text === '0' || /^[+-]?[1-9]\d*$|^[+-]0+\d*$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''))
    if (value >= minInt64 && value <= maxInt64) return new GoInt('int64', value)
  }
  return text
}

function listAt(values: MutableValues, key: string): MutableValue[] {
  const existing = values.has(key) ? values.get(key) : []
  if (!Array.isArray(existing)) throw conversionError(existing, '[]interface {}')
  return existing
}

/** An empty key is dropped, as Helm does. */
function put(values: MutableValues, key: string, value: MutableValue): void {
  if (key !== '') values.set(key, value)
}

function putAt(list: MutableValue[], index: number, value: MutableValue): MutableValue[] {
  if (index > maxIndex) {
    throw new SetError(`index of ${index} is greater than maximum supported index of ${maxIndex}`)
  }
  while (list.length <= index) list.push(null)
  list[index] = value
  return list
}

function checkLevel(level: number): void {
  if (level > maxNestedLevel) {
    throw new SetError(
      `value name nested level is greater than maximum supported nested level of ${maxNestedLevel}`,
    )
  }
}

function conversionError(value: MutableValue | undefined, wanted: string): SetError {
  return new SetError(
    `unable to parse key: interface conversion: interface {} is ${goType(value)}, not ${wanted}`,
  )
}

function goType(value: MutableValue | undefined): string {
  if (value === null || value === undefined) return 'nil'
  if (value instanceof Map) return 'map[string]interface {}'
  if (Array.isArray(value)) return '[]interface {}'
  if (value instanceof GoInt) return value.type
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'number' ? 'float64' : 'string'
}

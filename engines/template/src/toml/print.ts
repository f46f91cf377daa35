import {
  compareGoStrings,
  formatFloat,
  GoBoundsError,
  GoError,
  GoFunction,
  GoInt,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
  goTypeName,
} from '@sluice/go'
import { keyText, quotedText } from './key-text.ts'

const maxDepth = 500
type Entries = ReadonlyMap<string, GoValue>

/**
 * A value as TOML: keys sorted, plain ones before tables, tables indented by two.
 *
 * Source: behaviour of github.com/BurntSushi/toml 1.6.0, Encoder.
 * @throws {GoError} with its texts
 */
export function printToml(value: GoValue): string {
  if (value === null || value === undefined) {
    throw new GoError('reflect: call of reflect.Value.Type on zero Value')
  }
  const entries = entriesOf(value)
  if (!entries) {
    if (isTableList(value)) throw new GoError('toml: top-level values must be Go maps or structs')
    return inline(value, [], 0)
  }
  const out: string[] = []
  writeTable(out, entries, [])
  return out.join('')
}

/** Writes what a table holds; its own header stands already. */
function writeTable(out: string[], entries: Entries, path: readonly string[]): void {
  if (path.length > maxDepth) {
    throw new GoBoundsError(`a value to print is nested deeper than ${maxDepth} levels`)
  }
  const keys = [...entries.keys()].toSorted(compareGoStrings)
  const present = keys.filter((key) => !isNil(entries.get(key)))
  const isTable = (key: string): boolean =>
    entriesOf(entries.get(key)) !== undefined || isTableList(entries.get(key))
  for (const key of present.filter((it) => !isTable(it))) {
    const indent = '  '.repeat(path.length)
    out.push(`${indent}${keyText(key)} = ${inline(entries.get(key), [...path, key], path.length)}\n`)
  }
  for (const key of present.filter(isTable)) writeSubtable(out, entries.get(key), [...path, key])
}

function writeSubtable(out: string[], value: GoValue, path: readonly string[]): void {
  const indent = '  '.repeat(path.length - 1)
  const name = path.map(keyText).join('.')
  const table = entriesOf(value)
  if (table) {
    // A blank line goes before each table that stands at the left margin.
    if (path.length === 1 && out.length > 0) out.push('\n')
    out.push(`${indent}[${name}]\n`)
    writeTable(out, table, path)
    return
  }
  for (const item of itemsOf(value) ?? []) {
    const entries = entriesOf(item)
    if (!entries) throw new GoError('toml: cannot encode array with nil element')
    if (out.length > 0) out.push('\n')
    out.push(`${indent}[[${name}]]\n`)
    writeTable(out, entries, path)
  }
}

function inline(value: GoValue, path: readonly string[], depth: number): string {
  if (depth > maxDepth) throw new GoBoundsError(`a value to print is nested deeper than ${maxDepth} levels`)
  if (typeof value === 'string') return quotedText(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return floatText(value)
  if (value instanceof GoInt) return String(value.value)
  if (value instanceof GoNamed) {
    return value.type === 'json.Number' ? numberText(value.value) : quotedText(value.value)
  }
  const own = ownText(value)
  if (own !== undefined) return own
  const items = itemsOf(value)
  if (items) {
    if (items.some(isNil)) throw new GoError('toml: cannot encode array with nil element')
    return `[${items.map((item) => inline(item, path, depth + 1)).join(', ')}]`
  }
  const entries = entriesOf(value)
  if (entries) {
    const keys = [...entries.keys()].toSorted(compareGoStrings).filter((key) => !isNil(entries.get(key)))
    return `{${keys.map((key) => `${keyText(key)} = ${inline(entries.get(key), [...path, key], depth + 1)}`).join(', ')}}`
  }
  throw new GoError(`unsupported type for key '${path.map(keyText).join('.')}': ${goTypeName(value)}`)
}

/** Times print as they are, other values with a text form as that text. */
function ownText(value: GoValue): string | undefined {
  if (!(value instanceof GoObject)) return undefined
  const text = value.methods.get('MarshalText')?.call([], { spend: () => {} })
  if (typeof text !== 'string') return undefined
  return value.type === 'time.Time' ? text : quotedText(text)
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  const text = formatFloat(value, 'g', -1)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** A json.Number is written as the integer or float that it reads as. */
function numberText(text: string): string {
  if (/^-?\d{1,18}$/.test(text)) return String(BigInt(text))
  return floatText(Number(text))
}

function entriesOf(value: GoValue): Entries | undefined {
  if (value instanceof Map) return value
  if (value instanceof GoMap) return value.isNil ? new Map() : (value.entries as Map<string, GoValue>)
  return value instanceof GoObject && !value.methods.has('MarshalText') ? value.fields : undefined
}

function itemsOf(value: GoValue): readonly GoValue[] | undefined {
  if (Array.isArray(value)) return value
  if (value instanceof GoSlice) return value.items
  return value instanceof Uint8Array
    ? Array.from(value, (byte) => new GoInt('uint8', BigInt(byte)))
    : undefined
}

/** Whether a list consists of tables, so that each gets a header of its own. */
function isTableList(value: GoValue): boolean {
  const items = itemsOf(value)
  return items !== undefined && items.length > 0 && items.every((item) => entriesOf(item) !== undefined)
}

function isNil(value: GoValue): boolean {
  return value === null || value === undefined || value instanceof GoFunction || isNilTyped(value)
}

function isNilTyped(value: GoValue): boolean {
  return (value instanceof GoMap || value instanceof GoSlice) && value.isNil
}

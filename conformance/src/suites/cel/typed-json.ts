import {
  boolType,
  bytesType,
  CelError,
  type CelType,
  type CelValue,
  Double,
  Duration,
  doubleType,
  durationType,
  dynType,
  formatTimestamp,
  intType,
  ListValue,
  listType,
  MapValue,
  mapType,
  nullType,
  OpaqueValue,
  OptionalValue,
  parseDuration,
  parseTimestamp,
  stringType,
  Timestamp,
  TypeValue,
  timestampType,
  Uint,
  uintType,
} from '@sluice/cel'
import { formatFloat } from '@sluice/go'

/** A value with its type: an object with one key. */
export type TypedJson = { readonly [type: string]: unknown }

/** The plain JSON of a typed value; ints beyond what numbers hold are bigints, whole doubles are marked as such. */
export function toJson(typed: TypedJson): unknown {
  const [type = '', value] = Object.entries(typed)[0] ?? []
  switch (type) {
    case 'int': {
      const number = Number(value)
      return Number.isSafeInteger(number) ? number : BigInt(String(value))
    }
    case 'double': {
      const number = Number(value)
      return Number.isInteger(number) ? new Double(number) : number
    }
    case 'list':
      return (value as TypedJson[]).map(toJson)
    case 'map':
      return Object.fromEntries(
        (value as [TypedJson, TypedJson][]).map(([key, item]) => [String(toJson(key)), toJson(item)]),
      )
    default:
      return value
  }
}

/** The CEL value of a typed value. */
export function toValue(typed: TypedJson): CelValue {
  const [type = '', value] = Object.entries(typed)[0] ?? []
  switch (type) {
    case 'int':
      return toJson(typed) as number | bigint
    case 'uint': {
      const number = Number(value)
      return new Uint(Number.isSafeInteger(number) ? number : BigInt(String(value)))
    }
    case 'double':
      return new Double(Number(value))
    case 'bytes':
      return Uint8Array.from(Buffer.from(String(value), 'base64'))
    case 'timestamp':
      return parseTimestamp(String(value)) ?? new CelError(`no timestamp: ${String(value)}`)
    case 'duration':
      return parseDuration(String(value)) ?? new CelError(`no duration: ${String(value)}`)
    case 'list':
      return new ListValue((value as TypedJson[]).map(toValue))
    case 'map':
      return toMap(value as [TypedJson, TypedJson][])
    default:
      return value as CelValue
  }
}

class EntryMap extends MapValue {
  readonly #entries: readonly (readonly [CelValue, CelValue])[]

  constructor(entries: readonly (readonly [CelValue, CelValue])[]) {
    super()
    this.#entries = entries
  }

  get size(): number {
    return this.#entries.length
  }

  find(key: CelValue): CelValue | undefined {
    const wanted = keyOf(key)
    return wanted === undefined ? undefined : this.#entries.find(([name]) => keyOf(name) === wanted)?.[1]
  }

  findField(name: string): CelValue | undefined {
    return this.find(name)
  }

  keys(): readonly CelValue[] {
    return this.#entries.map(([key]) => key)
  }
}

function keyOf(key: CelValue): string | undefined {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'boolean') return `b${key}`
  if (typeof key === 'number' || typeof key === 'bigint') return `n${key}`
  return key instanceof Uint || key instanceof Double ? `n${key.value}` : undefined
}

function toMap(entries: readonly [TypedJson, TypedJson][]): CelValue {
  return new EntryMap(entries.map(([key, item]) => [toValue(key), toValue(item)]))
}

/** The typed form of a value, with the keys of maps sorted by their JSON. */
export function fromValue(value: CelValue): TypedJson {
  if (typeof value === 'string') return { string: value }
  if (typeof value === 'boolean') return { bool: value }
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) }
  return value === null ? { null: null } : fromObject(value)
}

const opaqueNames: ReadonlyMap<string, string> = new Map([
  ['kubernetes.Quantity', 'quantity'],
  ['kubernetes.Semver', 'semver'],
  ['kubernetes.URL', 'url'],
  ['kubernetes.NamedFormat', 'format'],
  ['net.IP', 'ip'],
  ['net.CIDR', 'cidr'],
])

function fromObject(value: Exclude<CelValue, null | string | boolean | number | bigint>): TypedJson {
  if (value instanceof Uint) return { uint: String(value.value) }
  if (value instanceof Double) return { double: shortDouble(value.value) }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  if (value instanceof TypeValue) return { type: value.type.name }
  if (value instanceof OptionalValue) {
    return { optional: value.value === undefined ? null : fromValue(value.value) }
  }
  if (value instanceof OpaqueValue) {
    return { [opaqueNames.get(value.type.name) ?? value.type.name]: String(value) }
  }
  if (value instanceof Timestamp) {
    return { timestamp: formatTimestamp(new Timestamp(value.seconds, value.nanos)) }
  }
  if (value instanceof Duration) return { duration: exactDuration(value.nanos) }
  if (value instanceof ListValue) return { list: value.items.map(fromValue) }
  if (value instanceof CelError) return { error: value.message }
  const entries = value.keys().map((key) => [fromValue(key), fromValue(value.find(key) ?? null)] as const)
  const sorted = entries
    .map((entry) => ({ entry, key: JSON.stringify(entry[0]) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return { map: sorted.map(({ entry }) => entry) }
}

function shortDouble(value: number): string {
  return Number.isFinite(value) ? formatFloat(value, 'g', -1) : String(value)
}

function exactDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}s`
}

const types: ReadonlyMap<string, CelType> = new Map([
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['string', stringType],
  ['bytes', bytesType],
  ['bool', boolType],
  ['null_type', nullType],
  ['timestamp', timestampType],
  ['duration', durationType],
  ['dyn', dynType],
])

/** Reads `list(int)` and the like. */
export function parseType(text: string): CelType {
  const known = types.get(text)
  if (known) return known
  const inner = text.slice(text.indexOf('(') + 1, -1)
  if (text.startsWith('list(')) return listType(parseType(inner))
  const [key, value] = splitTop(inner)
  return mapType(parseType(key), parseType(value))
}

function splitTop(text: string): readonly [string, string] {
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++
    else if (text[index] === ')') depth--
    else if (text[index] === ',' && depth === 0) return [text.slice(0, index), text.slice(index + 1).trim()]
  }
  return [text, '']
}

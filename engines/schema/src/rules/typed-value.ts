import {
  CelError,
  type CelType,
  type CelValue,
  Double,
  Duration,
  dynType,
  equalValues,
  type ListSemantics,
  ListValue,
  MapValue,
  OpaqueValue,
  opaqueType,
  parseDuration,
  parseTimestamp,
  Timestamp,
} from '@sluice/cel'
import { isObject, type StructuralSchema } from '../structural/structural-schema.ts'
import { withObjectMeta } from './decl-type.ts'
import { escapeName, unescapeName } from './escape.ts'

/**
 * The value of data that has a schema; data of another type is an error where it is looked at.
 *
 * Source: https://pkg.go.dev/k8s.io/apiserver/pkg/cel/common#UnstructuredToVal
 */
export function typedValue(data: unknown, schema: StructuralSchema): CelValue {
  if (data === null || data === undefined) {
    return schema.nullable ? null : new CelError('invalid data, got null for schema with nullable=false')
  }
  if (schema.intOrString) return intOrString(data)
  switch (schema.type) {
    case 'object':
      if (!isObject(data)) return wrong('a map for the provided schema with type=object')
      return new TypedObject(data, schema.embeddedResource ? withObjectMeta(schema) : schema)
    case 'array':
      return typedList(data, schema)
    case 'string':
      return typeof data === 'string'
        ? typedString(data, schema.rules.format)
        : wrong(`string, got ${goType(data)}`)
    case 'number':
      return typedNumber(data)
    case 'integer':
      return isInteger(data) ? data : wrong(`int, got ${goType(data)}`)
    case 'boolean':
      return typeof data === 'boolean' ? data : wrong(`bool, got ${goType(data)}`)
    case '':
      return schema.preserveUnknownFields ? new PreservedValue(data) : untyped
  }
}

const untyped = new CelError(
  'invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got ',
)

function wrong(expected: string): CelError {
  return new CelError(`invalid data, expected ${expected}`)
}

function isInteger(data: unknown): data is number | bigint {
  return typeof data === 'bigint' || Number.isSafeInteger(data)
}

function intOrString(data: unknown): CelValue {
  if (typeof data === 'string' || isInteger(data)) return data
  return wrong('XIntOrString value to be either a string or integer')
}

function typedNumber(data: unknown): CelValue {
  if (data instanceof Double) return data
  return typeof data === 'number' || typeof data === 'bigint'
    ? new Double(Number(data))
    : wrong(`float, got ${goType(data)}`)
}

function goType(data: unknown): string {
  if (typeof data === 'string') return 'string'
  if (typeof data === 'boolean') return 'bool'
  if (isInteger(data)) return 'int64'
  if (typeof data === 'number' || data instanceof Double) return 'float64'
  return Array.isArray(data) ? '[]interface {}' : 'map[string]interface {}'
}

function typedString(text: string, format: string): CelValue {
  switch (format) {
    case 'duration':
      return readDuration(text)
    case 'date': {
      const day = parseTimestamp(`${text}T00:00:00Z`)
      return day ?? new CelError(`Invalid date formatted string ${text}: ${unparsed(text, '2006-01-02')}`)
    }
    case 'date-time':
      return readDateTime(text)
    case 'byte':
      return readBytes(text)
    default:
      return text
  }
}

function unparsed(text: string, layout: string): string {
  const quoted = JSON.stringify(text)
  return `parsing time ${quoted} as "${layout}": cannot parse ${quoted} as "2006"`
}

function readDateTime(text: string): CelValue {
  if (text === '') return new Timestamp(0, 0)
  const hasZone = /[Zz]$|[+-]\d{2}:\d{2}$/.test(text)
  const timestamp = parseTimestamp(hasZone ? text : `${text}Z`)
  return (
    timestamp ??
    new CelError(`Invalid date-time formatted string ${text}: ${unparsed(text, '2006-01-02T15:04:05')}`)
  )
}

function readBytes(text: string): CelValue {
  const isBase64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text)
  if (!isBase64) {
    return new CelError(`Invalid byte formatted string ${text}: illegal base64 data at input byte 0`)
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

const nanosPer: readonly (readonly [names: readonly string[], nanos: bigint])[] = [
  [['ns', 'nano'], 1n],
  [['us', 'µs', 'micro'], 1_000n],
  [['ms', 'milli'], 1_000_000n],
  [['s', 'sec'], 1_000_000_000n],
  [['m', 'min'], 60_000_000_000n],
  [['h', 'hr', 'hour'], 3_600_000_000_000n],
  [['d', 'day'], 86_400_000_000_000n],
  [['w', 'wk', 'week'], 604_800_000_000_000n],
]

/** A Go duration, or numbers with units in words such as `3 days`. */
function readDuration(text: string): CelValue {
  return (
    parseWordyDuration(text) ?? new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`)
  )
}

/** Parses a Go duration, or numbers with units in words; `undefined` for anything else. */
export function parseWordyDuration(text: string): Duration | undefined {
  const exact = parseDuration(text)
  if (exact) return exact
  let total: bigint | undefined
  for (const [, count = '', word = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const unit = word.toLowerCase()
    for (const [names, nanos] of nanosPer) {
      const matches = names.some((name, index) =>
        index === names.length - 1 ? unit.startsWith(name) : unit === name,
      )
      if (matches) total = (total ?? 0n) + BigInt(count) * nanos
    }
  }
  return total === undefined ? undefined : new Duration(BigInt.asIntN(64, total))
}

const preservedType = opaqueType('unknown')

/** Data without a schema, of which only equality can be told. */
class PreservedValue extends OpaqueValue {
  readonly type: CelType = preservedType
  readonly data: unknown

  constructor(data: unknown) {
    super()
    this.data = data
  }

  equals(other: CelValue): boolean {
    return other instanceof PreservedValue && sameData(this.data, other.data)
  }

  toString(): string {
    return dynType.name
  }
}

/** Whether two JSON values are the same. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameData(item, b[index]))
  }
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a).filter((name) => a[name] !== undefined)
  const others = Object.keys(b).filter((name) => b[name] !== undefined)
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(b, name) && sameData(a[name], b[name]))
  )
}

/** An object or map whose fields have schemas; others cannot be seen but count. */
class TypedObject extends MapValue {
  readonly #data: Readonly<Record<string, unknown>>
  readonly #schema: StructuralSchema
  readonly #isObject: boolean

  constructor(data: Readonly<Record<string, unknown>>, schema: StructuralSchema) {
    super()
    this.#data = data
    this.#schema = schema
    this.#isObject = schema.properties.size > 0
  }

  get size(): number {
    return this.#names().length
  }

  find(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? this.findField(key) : new CelError('no such overload')
  }

  findField(field: string): CelValue | undefined {
    const name = this.#isObject ? unescapeName(field) : field
    if (name === undefined || !Object.hasOwn(this.#data, name)) return undefined
    const value = this.#data[name]
    if (value === undefined || (value === null && this.#isObject)) return undefined
    const schema = this.#schemaOf(name)
    return schema && typedValue(value, schema)
  }

  keys(): readonly CelValue[] {
    const known = this.#names().filter((name) => this.#schemaOf(name) !== undefined)
    return this.#isObject ? known.map((name) => escapeName(name) ?? name) : known
  }

  /** Fields without a schema are compared as they are. */
  override equals(other: MapValue): boolean {
    if (this.size !== other.size) return false
    return this.#names().every((name) => {
      if (this.#schemaOf(name)) {
        const field = this.#isObject ? (escapeName(name) ?? name) : name
        const mine = this.findField(field)
        const theirs = other.findField(field)
        if (mine === undefined || theirs === undefined) return mine === theirs
        return equalValues(mine, theirs)
      }
      return other instanceof TypedObject && other.#hasSame(name, this.#data[name])
    })
  }

  #hasSame(name: string, value: unknown): boolean {
    return !Object.hasOwn(this.#data, name) || sameData(this.#data[name], value)
  }

  #schemaOf(name: string): StructuralSchema | undefined {
    return this.#isObject ? this.#schema.properties.get(name) : this.#schema.values
  }

  #names(): readonly string[] {
    return Object.keys(this.#data).filter((name) => this.#data[name] !== undefined)
  }
}

function typedList(data: unknown, schema: StructuralSchema): CelValue {
  if (!Array.isArray(data)) return wrong('an array for the provided schema with type=array')
  const { items } = schema
  if (!items) return new CelError('invalid array type, expected Items with a non-empty Schema')
  const convert = (item: unknown): CelValue => typedValue(item, items)
  switch (schema.listType) {
    case 'map':
      return new ListValue(
        data,
        convert,
        mapListSemantics(schema.listMapKeys.map((key) => escapeName(key) ?? key)),
      )
    case 'set':
      return new ListValue(data, convert, setListSemantics)
    case 'atomic':
    case '':
      return new ListValue(data, convert)
  }
}

type Keyed = ReadonlyMap<string, CelValue>

/** Lists of objects that are known by the values of their key fields. */
function mapListSemantics(keys: readonly string[]): ListSemantics {
  const keyOf = (item: CelValue): string =>
    JSON.stringify(
      keys.map((key) => {
        const value = item instanceof MapValue ? item.findField(key) : undefined
        return value === undefined || value instanceof CelError ? null : identity(value)
      }),
    )
  return keyedSemantics((list) => new Map(list.items.map((item) => [keyOf(item), item])), true)
}

const notScalar = new CelError('listSet operations are only supported on lists of scalar values')

const setListSemantics: ListSemantics = keyedSemantics((list) => {
  const out = new Map<string, CelValue>()
  for (const item of list.items) {
    if (item instanceof ListValue || item instanceof MapValue) return notScalar
    out.set(identity(item), item)
  }
  return out
}, false)

/** A text that tells scalars of different types and values apart. */
function identity(value: CelValue): string {
  if (value instanceof Double) return `double ${value.value}`
  if (value instanceof Uint8Array) return `bytes ${value.join(' ')}`
  if (value instanceof Duration) return `duration ${value.nanos}`
  if (value instanceof Timestamp) return `timestamp ${value.seconds} ${value.nanos}`
  return `${typeof value} ${typeof value === 'object' ? '' : value}`
}

/** @param replaces whether an item of the second list takes the place of the one with the same key */
function keyedSemantics(index: (list: ListValue) => Keyed | CelError, replaces: boolean): ListSemantics {
  const semantics: ListSemantics = {
    equal: (list, other) => {
      if (list.size !== other.size) return false
      const mine = index(list)
      const theirs = index(other)
      if (mine instanceof CelError) return mine
      if (theirs instanceof CelError) return theirs
      if (mine.size !== theirs.size) return false
      return [...mine].every(([key, item]) => {
        const opposite = theirs.get(key)
        return opposite !== undefined && equalValues(item, opposite)
      })
    },
    concatenate: (list, other) => {
      const mine = index(list)
      const theirs = index(other)
      if (mine instanceof CelError) return mine
      if (theirs instanceof CelError) return theirs
      const out = new Map(mine)
      for (const [key, item] of theirs) if (replaces || !out.has(key)) out.set(key, item)
      return new ListValue([...out.values()], undefined, semantics)
    },
  }
  return semantics
}

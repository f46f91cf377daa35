import { formatFloat } from '@sluice/go'
import { ChartError } from './chart-error.ts'

/** Where a value stands: Go's name of the innermost struct, and the path of names from the top. */
export type FieldPlace = { readonly struct: string; readonly path: string }

/** What a field of a Go struct takes from JSON. `type` is Go's name of it in error texts. */
export type FieldType<T> = {
  readonly type: string
  /** The value of an absent or null field. */
  readonly zero: T
  readonly read: (value: unknown, at: FieldPlace) => T
}

/** A struct's fields by their JSON names. */
export type StructType<T> = { readonly [K in keyof T]: FieldType<T[K]> }

/** YAML's numbers and booleans become text where Go wants a string, as `sigs.k8s.io/yaml` has it. */
export const text: FieldType<string> = {
  type: 'string',
  zero: '',
  read: (value, at) => {
    if (typeof value === 'string') return value
    if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
    if (typeof value === 'number') {
      return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : formatFloat(value, 'g', -1)
    }
    throw mismatch(value, at, 'string')
  },
}

export const flag: FieldType<boolean> = {
  type: 'bool',
  zero: false,
  read: (value, at) => {
    if (typeof value === 'boolean') return value
    throw mismatch(value, at, 'bool')
  },
}

/** `[]T`; `null` items are the zero value, or `undefined` for pointers. */
export function listOf<T>(item: FieldType<T>): FieldType<readonly T[]> {
  const type = `[]${item.type}`
  return {
    type,
    zero: [],
    read: (value, at) => {
      if (!Array.isArray(value)) throw mismatch(value, at, type)
      return value.map((it: unknown) => (it === null ? item.zero : item.read(it, at)))
    },
  }
}

/** `*T`: null is `undefined`. */
export function pointerTo<T>(target: FieldType<T>): FieldType<T | undefined> {
  return { type: target.type, zero: undefined, read: target.read }
}

/** `map[string]string`. */
export const textMap: FieldType<ReadonlyMap<string, string>> = {
  type: 'map[string]string',
  zero: new Map(),
  read: (value, at) => {
    if (!isObject(value)) throw mismatch(value, at, 'map[string]string')
    return new Map(
      Object.entries(value).map(([key, item]) => [key, item === null ? '' : text.read(item, at)]),
    )
  },
}

/** A struct whose errors name its own type, such as `Metadata.name`. */
export function structOf<T>(name: string, fields: StructType<T>, type: string): FieldType<T> {
  return {
    type,
    zero: readFields({}, fields, { struct: name, path: '' }),
    read: (value, at) => {
      if (!isObject(value)) throw mismatch(value, at, type)
      return readFields(value, fields, { struct: name, path: at.path })
    },
  }
}

/**
 * Reads a struct from the object at the top. Names match without regard to case, the last in key order wins.
 *
 * @throws {ChartError} with Go's text of the JSON decoder.
 */
export function decodeStruct<T>(
  value: unknown,
  fields: StructType<T>,
  options: { readonly name: string; readonly type: string },
): T {
  if (value === null) return readFields({}, fields, { struct: options.name, path: '' })
  if (!isObject(value)) {
    throw new ChartError(
      'CHART_INVALID',
      `${prefix}cannot unmarshal ${jsonKind(value)} into Go value of type ${options.type}`,
    )
  }
  return readFields(value, fields, { struct: options.name, path: '' })
}

const prefix = 'error unmarshaling JSON: while decoding JSON: json: '

function readFields<T>(
  value: Readonly<Record<string, unknown>>,
  fields: StructType<T>,
  { struct, path }: FieldPlace,
): T {
  const byLowerCase = new Map(Object.keys(fields).map((key) => [key.toLowerCase(), key as keyof T & string]))
  const result: Partial<T> = {}
  for (const key of Object.keys(fields) as (keyof T)[]) result[key] = fields[key].zero
  for (const key of Object.keys(value).toSorted()) {
    const field = Object.hasOwn(fields, key) ? (key as keyof T & string) : byLowerCase.get(key.toLowerCase())
    if (field === undefined || value[key] === null) continue
    result[field] = fields[field].read(value[key], {
      struct,
      path: path === '' ? field : `${path}.${field}`,
    })
  }
  return result as T
}

function mismatch(value: unknown, { struct, path }: FieldPlace, type: string): ChartError {
  return new ChartError(
    'CHART_INVALID',
    `${prefix}cannot unmarshal ${jsonKind(value)} into Go struct field ${struct}.${path} of type ${type}`,
  )
}

/** JSON's name for the kind of a value, as Go's decoder says it. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'number'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

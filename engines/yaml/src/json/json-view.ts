import {
  budgetOf,
  GoComplex,
  GoFunction,
  GoInt,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
  quote,
} from '@sluice/go'
import type { YamlValue } from '../read/shape.ts'
import { JsonError } from './json-error.ts'

/** What can be printed: plain values and Go values, mixed as they come. */
export type Printable = YamlValue | GoValue

/** A number that is already a literal: a json.Number. */
export class NumberLiteral {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** The fields of a struct, which are written in their own order. */
export class StructFields extends Map<string, GoValue> {}

/** A value in JSON's terms, one level deep. */
export type JsonView =
  | null
  | boolean
  | number
  | bigint
  | string
  | NumberLiteral
  | readonly Printable[]
  | ReadonlyMap<string, Printable>
  | { readonly [key: string]: Printable }

/** Longest nesting that is printed; deeper values are cycles or attacks. */
export const maxPrintDepth = 1_000

const unlimited = budgetOf(Number.POSITIVE_INFINITY)
const numberLiteral = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/

/**
 * How Go's JSON encoder sees `value`.
 *
 * @throws {JsonError} `JSON_UNSUPPORTED` for functions, complex numbers and malformed json.Numbers
 */
export function jsonView(value: Printable): JsonView {
  if (typeof value !== 'object' || value === null) return value ?? null
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return value as JsonView
  if (value instanceof Map) return value
  if (value instanceof GoInt) return value.value
  if (value instanceof GoNamed) return value.type === 'json.Number' ? literalOf(value.value) : value.value
  if (value instanceof GoSlice) return value.isNil ? null : value.items
  if (value instanceof GoMap) return value.isNil ? null : mapView(value)
  if (value instanceof GoObject) return objectView(value)
  if (value instanceof Uint8Array) return base64(value)
  if (value instanceof GoComplex) throw unsupported('complex128')
  if (value instanceof GoFunction) throw unsupported('func')
  return value
}

/** The keys of a mapping whose value is there, in its own order. */
export function viewKeys(mapping: ReadonlyMap<string, Printable> | object): string[] {
  if (mapping instanceof Map) return [...(mapping as ReadonlyMap<string, Printable>).keys()]
  const keys = Object.keys(mapping)
  for (const key of keys) {
    if ((mapping as Record<string, Printable>)[key] === undefined) {
      return keys.filter((it) => (mapping as Record<string, Printable>)[it] !== undefined)
    }
  }
  return keys
}

/** The value of a key from {@link viewKeys}. */
export function viewGet(mapping: ReadonlyMap<string, Printable> | object, key: string): Printable {
  return mapping instanceof Map
    ? (mapping as ReadonlyMap<string, Printable>).get(key)
    : (mapping as Record<string, Printable>)[key]
}

function literalOf(text: string): NumberLiteral {
  // Go writes the zero json.Number as 0.
  if (text === '') return new NumberLiteral('0')
  if (numberLiteral.test(text)) return new NumberLiteral(text)
  throw new JsonError('JSON_UNSUPPORTED', `json: invalid number literal, trying to marshal ${quote(text)}`)
}

/** Integer keys are written as strings; other kinds of keys have no JSON form. */
function mapView({ type, entries }: GoMap): ReadonlyMap<string, Printable> {
  const view = new Map<string, Printable>()
  for (const [key, value] of entries) {
    if (typeof key === 'string') view.set(key, value)
    else if (key instanceof GoNamed) view.set(key.value, value)
    else if (key instanceof GoInt) view.set(String(key.value), value)
    else throw unsupported(type)
  }
  return view
}

/** A struct is its fields, unless its type says how it is written. */
function objectView(value: GoObject): JsonView {
  const text = value.methods.get('MarshalText')?.call([], unlimited)
  return typeof text === 'string' ? text : new StructFields(value.fields)
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function unsupported(type: string): JsonError {
  return new JsonError('JSON_UNSUPPORTED', `json: unsupported type: ${type}`)
}

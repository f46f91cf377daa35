import type { GoValue } from '@sluice/go'
import { decimalOf, typeOfValue } from '../instance.ts'
import { type Decimal, decimalNumber, isWhole } from '../number/decimal.ts'
import type { SchemaType } from './compiled.ts'

/** A schema as JSON has it. */
export type SchemaObject = ReadonlyMap<string, GoValue>

export function textAt(schema: SchemaObject, keyword: string): string | undefined {
  const value = schema.get(keyword)
  return typeof value === 'string' ? value : undefined
}

export function numberAt(schema: SchemaObject, keyword: string): Decimal | undefined {
  const value = schema.get(keyword)
  return typeOfValue(value) === 'number' ? decimalOf(value) : undefined
}

export function countAt(schema: SchemaObject, keyword: string): number | undefined {
  const value = numberAt(schema, keyword)
  return value && isWhole(value) ? decimalNumber(value) : undefined
}

export function mapAt(schema: SchemaObject, keyword: string): ReadonlyMap<string, GoValue> | undefined {
  const value = schema.get(keyword)
  return value instanceof Map ? value : undefined
}

export function listAt(schema: SchemaObject, keyword: string): readonly GoValue[] | undefined {
  const value = schema.get(keyword)
  return Array.isArray(value) ? value : undefined
}

/** The texts of a list; whatever else is in it does not count. */
export function textsOf(value: GoValue): readonly string[] {
  const items: readonly GoValue[] = Array.isArray(value) ? value : []
  return items.filter((it) => typeof it === 'string')
}

/** In the order in which messages name them. */
const typeNames: readonly SchemaType[] = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']

export function typesOf(value: GoValue): readonly SchemaType[] | undefined {
  const given: readonly string[] = typeof value === 'string' ? [value] : textsOf(value)
  const types = typeNames.filter((name) => given.includes(name))
  return types.length === 0 ? undefined : types
}

/** The entries that have a value; what is absent stays absent. */
export function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

/** As {@link present}, nothing at all when there is none. */
export function presentOrNone<T extends object>(
  fields: {
    readonly [K in keyof T]: T[K] | undefined
  },
): T | undefined {
  const kept = present<T>(fields)
  return Object.keys(kept).length === 0 ? undefined : kept
}

import {
  childPath,
  duplicate,
  type FieldError,
  indexPath,
  invalid,
  keyPath,
  showValue,
} from '../errors/field-error.ts'
import { isObject, type StructuralSchema } from '../structural/structural-schema.ts'

/** Checks that the items of lists of type `set` and the keys of lists of type `map` are unique. */
export function validateLists(value: unknown, schema: StructuralSchema, path = ''): FieldError[] {
  const errors: FieldError[] = []
  checkLists(errors, value, schema, path)
  return errors
}

function checkLists(errors: FieldError[], value: unknown, schema: StructuralSchema, path: string): void {
  if (Array.isArray(value)) {
    if (schema.listType === 'set') checkSet(errors, value, path)
    else if (schema.listType === 'map') checkMap(errors, value, schema.listMapKeys, path)
    const { items } = schema
    if (!items) return
    for (const [index, item] of value.entries()) checkLists(errors, item, items, indexPath(path, index))
  } else if (isObject(value)) {
    const { values, properties } = schema
    for (const name of Object.keys(value)) {
      const property = properties.get(name)
      if (property) checkLists(errors, value[name], property, childPath(path, name))
      else if (values) checkLists(errors, value[name], values, keyPath(path, name))
    }
  }
}

function checkSet(errors: FieldError[], list: readonly unknown[], path: string): void {
  for (const index of repeated(list)) errors.push(duplicate(indexPath(path, index), list[index]))
}

function checkMap(
  errors: FieldError[],
  list: readonly unknown[],
  keys: readonly string[],
  path: string,
): void {
  const wrong = list.findIndex((item) => item !== null && !isObject(item))
  if (wrong >= 0) {
    const detail = 'must be an object for an array of list-type map'
    errors.push(invalid(indexPath(path, wrong), list[wrong], detail))
    return
  }
  const found = list.map((item) => keysOf(item, keys))
  for (const index of repeated(found)) errors.push(duplicate(indexPath(path, index), found[index]))
}

function keysOf(item: unknown, keys: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  if (!isObject(item)) return out
  for (const key of keys) {
    if (Object.hasOwn(item, key)) out[key] = item[key]
  }
  return out
}

/** Where values appear for the second time. */
function repeated(list: readonly unknown[]): number[] {
  const counts = new Map<string, number>()
  const indexes: number[] = []
  for (const [index, value] of list.entries()) {
    const key = showValue(value)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count === 2) indexes.push(index)
  }
  return indexes
}

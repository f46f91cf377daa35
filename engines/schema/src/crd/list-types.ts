import type { JsonObject } from '@sluice/ports'
import {
  childPath,
  type FieldError,
  forbidden,
  invalid,
  keyPath,
  notSupported,
  required,
} from '../errors/field-error.ts'
import { isSet, schemaAt, textAt, textsAt } from './keywords.ts'

const listType = 'x-kubernetes-list-type'
const listMapKeys = 'x-kubernetes-list-map-keys'
const mapType = 'x-kubernetes-map-type'

/** Checks the keywords that tell how lists and maps are merged. */
export function checkListTypes(errors: FieldError[], schema: JsonObject, path: string): void {
  if ([listType, listMapKeys, mapType].every((keyword) => schema[keyword] === undefined)) return
  checkMapType(errors, schema, path)
  checkListType(errors, schema, path)
  const keys = textsAt(schema, listMapKeys)
  if (keys.length > 0 && schema[listType] !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const at = childPath(path, listType)
    errors.push(isSet(schema[listType]) ? invalid(at, schema[listType], detail) : required(at, detail))
  }
  if (schema[listType] === 'map') checkListMap(errors, schema, keys, path)
  checkKeyedItems(errors, schema, keys, path)
}

function checkMapType(errors: FieldError[], schema: JsonObject, path: string): void {
  const value = schema[mapType]
  if (value === undefined) return
  requireType(errors, schema, 'object', { path, keyword: mapType })
  if (value !== 'atomic' && value !== 'granular') {
    errors.push(notSupported(childPath(path, mapType), value, ['atomic', 'granular']))
  }
}

function requireType(
  errors: FieldError[],
  schema: JsonObject,
  expected: string,
  { path, keyword }: { readonly path: string; readonly keyword: string },
): void {
  const type = textAt(schema, 'type')
  if (type === expected) return
  const detail = `must be ${expected} if ${keyword} is specified`
  const at = childPath(path, 'type')
  errors.push(type === '' ? required(at, detail) : invalid(at, type, detail))
}

function checkListType(errors: FieldError[], schema: JsonObject, path: string): void {
  const value = schema[listType]
  if (value === undefined) return
  requireType(errors, schema, 'array', { path, keyword: listType })
  const items = schemaAt(schema, 'items')
  if (schema['type'] === 'array' && value === 'set' && items) {
    const keyword = items['type'] === 'array' ? listType : mapType
    // Lists are atomic unless they say otherwise; maps are not.
    const isAtomic = items[keyword] === 'atomic' || (keyword === listType && items[keyword] === undefined)
    if ((items['type'] === 'array' || items['type'] === 'object') && !isAtomic) {
      const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
      errors.push(invalid(childPath(childPath(path, 'items'), keyword), items[listType] ?? null, detail))
    }
  }
  if (value !== 'atomic' && value !== 'set' && value !== 'map') {
    errors.push(notSupported(childPath(path, listType), value, ['atomic', 'set', 'map']))
  }
}

function checkListMap(errors: FieldError[], schema: JsonObject, keys: readonly string[], path: string): void {
  const items = schemaAt(schema, 'items')
  const itemsPath = childPath(path, 'items')
  if (keys.length === 0) {
    errors.push(required(childPath(path, listMapKeys), 'must not be empty if x-kubernetes-list-type is map'))
  }
  if (!items) {
    errors.push(required(itemsPath, 'must have a schema if x-kubernetes-list-type is map'))
    return
  }
  if (items['type'] !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map"
    errors.push(invalid(childPath(itemsPath, 'type'), textAt(items, 'type'), detail))
    return
  }
  const properties = schemaAt(items, 'properties') ?? {}
  const seen = new Set<string>()
  for (const key of keys) {
    const property = schemaAt(properties, key)
    if (!property) {
      const detail = 'entries must all be names of item properties'
      errors.push(invalid(childPath(path, listMapKeys), keys, detail))
    } else if (property['type'] === 'array' || property['type'] === 'object') {
      const at = childPath(keyPath(childPath(itemsPath, 'properties'), key), 'type')
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      errors.push(invalid(at, items['type'], detail))
    }
    if (seen.has(key)) {
      errors.push(invalid(childPath(path, listMapKeys), keys, 'must not contain duplicate entries'))
    }
    seen.add(key)
  }
}

/** Items of sets and maps are there, and so are the keys of items. */
function checkKeyedItems(
  errors: FieldError[],
  schema: JsonObject,
  keys: readonly string[],
  path: string,
): void {
  const items = schemaAt(schema, 'items')
  const type = schema[listType]
  if (!items || (type !== 'set' && type !== 'map')) return
  const itemsPath = childPath(path, 'items')
  if (items['nullable'] === true) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${type}`
    errors.push(forbidden(childPath(itemsPath, 'nullable'), detail))
  }
  if (type !== 'map') return
  const isRequired = new Set(textsAt(items, 'required'))
  for (const key of keys) {
    const property = schemaAt(schemaAt(items, 'properties') ?? {}, key)
    if (!property) continue
    const at = keyPath(childPath(itemsPath, 'properties'), key)
    if (!isRequired.has(key) && (property['default'] ?? undefined) === undefined) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
      errors.push(required(childPath(at, 'default'), detail))
    }
    if (property['nullable'] === true) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'
      errors.push(forbidden(childPath(at, 'nullable'), detail))
    }
  }
}

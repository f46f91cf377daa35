import { cachedRegexp, RegexpError } from '@sluice/go'
import type { JsonObject } from '@sluice/ports'
import {
  childPath,
  type FieldError,
  forbidden,
  indexPath,
  invalid,
  keyPath,
  required,
} from '../errors/field-error.ts'
import { checkCompleteness } from './completeness.ts'
import { isSet, namedSchemasAt, schemaAt, schemasAt, textAt } from './keywords.ts'

type Level = 'root' | 'item' | 'field'

const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

/** Keywords that say what data is rather than which is allowed; within junctors they have no place. */
const structuralKeywords: readonly (readonly [string, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

/**
 * Checks that a schema is structural: that it describes all data outside of junctors, and metadata hardly at all.
 *
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function checkStructural(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = []
  checkLevel(errors, schema, path, 'root')
  checkCompleteness(errors, schema, path)
  return errors.toSorted((a, b) => (a.text < b.text ? -1 : 1))
}

function checkLevel(errors: FieldError[], schema: JsonObject, path: string, level: Level): void {
  const type = textAt(schema, 'type')
  const items = schemaAt(schema, 'items')
  if (type === 'array' && !items) errors.push(required(childPath(path, 'items'), 'must be specified'))
  if (items) checkLevel(errors, items, childPath(path, 'items'), 'item')
  for (const [name, property] of namedSchemasAt(schema, 'properties')) {
    checkLevel(errors, property, keyPath(childPath(path, 'properties'), name), 'field')
  }
  checkAdditional(errors, schema, path, level)
  checkIntOrString(errors, schema, path)
  const { isAnyOf, isAllOf } = intOrStringJunctors(schema)
  checkValues(errors, schema, path, { skipAnyOf: isAnyOf, skipFirstAllOf: isAllOf })
  checkType(errors, schema, path, level)
  checkHeader(errors, schema, path, level)
}

function checkAdditional(errors: FieldError[], schema: JsonObject, path: string, level: Level): void {
  const { additionalProperties } = schema
  if (additionalProperties === undefined || additionalProperties === null) return
  const at = childPath(path, 'additionalProperties')
  if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'))
  const values = schemaAt(schema, 'additionalProperties')
  if (values) checkLevel(errors, values, at, 'field')
  if (schema['x-kubernetes-embedded-resource'] === true) {
    errors.push(forbidden(at, 'must not be used if x-kubernetes-embedded-resource is set'))
  }
}

function checkIntOrString(errors: FieldError[], schema: JsonObject, path: string): void {
  if (schema['x-kubernetes-int-or-string'] !== true) return
  for (const keyword of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']) {
    if (schema[keyword] !== true) continue
    errors.push(
      invalid(childPath(path, keyword), true, 'must be false if x-kubernetes-int-or-string is true'),
    )
  }
}

function checkType(errors: FieldError[], schema: JsonObject, path: string, level: Level): void {
  const type = textAt(schema, 'type')
  const at = childPath(path, 'type')
  if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? required(at, detail) : invalid(at, type, detail))
  } else if (type === '' && !isSet(schema['x-kubernetes-int-or-string'])) {
    if (!isSet(schema['x-kubernetes-preserve-unknown-fields'])) errors.push(required(at, missingType[level]))
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(at, type, 'must be object at the root'))
  }
}

/** Checks the fields of every resource: `apiVersion`, `kind` and `metadata`. */
function checkHeader(errors: FieldError[], schema: JsonObject, path: string, level: Level): void {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const isResource = level === 'root' || isEmbedded
  const properties = schemaAt(schema, 'properties') ?? {}
  const at = (name: string): string => keyPath(childPath(path, 'properties'), name)
  for (const name of ['kind', 'apiVersion']) {
    const property = isResource ? schemaAt(properties, name) : undefined
    if (property && property.type !== 'string') {
      errors.push(invalid(childPath(at(name), 'type'), textAt(property, 'type'), 'must be string'))
    }
  }
  const metadata = schemaAt(properties, 'metadata')
  if (metadata && isResource && metadata.type !== 'object') {
    errors.push(invalid(childPath(at('metadata'), 'type'), textAt(metadata, 'type'), 'must be object'))
  }
  if (metadata && level === 'root' && !isBareMetadata(metadata)) {
    const detail =
      'must not specify anything other than name and generateName, but metadata is implicitly specified'
    errors.push(forbidden(at('metadata'), detail))
  }
  const hasFields = isSet(schema['properties']) || isSet(schema['x-kubernetes-preserve-unknown-fields'])
  if (isEmbedded && !hasFields) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(required(childPath(path, 'properties'), detail))
  }
}

/** Whether a schema of metadata says nothing but how names look. */
function isBareMetadata(metadata: JsonObject): boolean {
  const names = Object.keys(schemaAt(metadata, 'properties') ?? {})
  const others = Object.keys(metadata).filter(
    (keyword) => !['type', 'properties', 'default'].includes(keyword) && isSet(metadata[keyword]),
  )
  return others.length === 0 && names.every((name) => name === 'name' || name === 'generateName')
}

/** The two ways in which junctors may say that a value is an integer or a string. */
function intOrStringJunctors(schema: JsonObject): { readonly isAnyOf: boolean; readonly isAllOf: boolean } {
  const [first] = schemasAt(schema, 'allOf')
  return { isAnyOf: isIntOrString(schema), isAllOf: first !== undefined && isIntOrString(first) }
}

function isIntOrString(schema: JsonObject): boolean {
  return JSON.stringify(schema['anyOf']) === '[{"type":"integer"},{"type":"string"}]'
}

type Skips = { readonly skipAnyOf: boolean; readonly skipFirstAllOf: boolean }
const skipNothing: Skips = { skipAnyOf: false, skipFirstAllOf: false }

function checkValues(errors: FieldError[], schema: JsonObject, path: string, skips: Skips): void {
  for (const keyword of ['anyOf', 'allOf', 'oneOf']) {
    if (keyword === 'anyOf' && skips.skipAnyOf) continue
    for (const [index, nested] of schemasAt(schema, keyword).entries()) {
      const skipAnyOf = keyword === 'allOf' && index === 0 && skips.skipFirstAllOf
      const at = indexPath(childPath(path, keyword), index)
      checkNested(errors, nested, at, { skipAnyOf, skipFirstAllOf: false })
    }
  }
  const not = schemaAt(schema, 'not')
  if (not) checkNested(errors, not, childPath(path, 'not'), skipNothing)
  const pattern = textAt(schema, 'pattern')
  const problem = pattern === '' ? undefined : patternProblem(pattern)
  if (problem !== undefined) {
    const detail = `must be a valid regular expression, but isn't: ${problem}`
    errors.push(invalid(childPath(path, 'pattern'), pattern, detail))
  }
}

function patternProblem(pattern: string): string | undefined {
  const compiled = cachedRegexp(pattern)
  return compiled instanceof RegexpError ? compiled.message : undefined
}

/** Checks a schema within a junctor, which may only restrict values. */
function checkNested(errors: FieldError[], schema: JsonObject, path: string, skips: Skips): void {
  checkValues(errors, schema, path, skips)
  const items = schemaAt(schema, 'items')
  if (items) checkNested(errors, items, childPath(path, 'items'), skipNothing)
  for (const [name, property] of namedSchemasAt(schema, 'properties')) {
    checkNested(errors, property, keyPath(childPath(path, 'properties'), name), skipNothing)
  }
  for (const [keyword, detail] of structuralKeywords) {
    const isThere =
      keyword === 'additionalProperties' ? schema[keyword] !== undefined : isSet(schema[keyword])
    if (isThere) errors.push(forbidden(childPath(path, keyword), detail))
  }
  if (schemaAt(schemaAt(schema, 'properties') ?? {}, 'metadata')) {
    const at = keyPath(childPath(path, 'properties'), 'metadata')
    errors.push(forbidden(at, 'must not be specified in a nested context'))
  }
}

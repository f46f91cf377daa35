import type { JsonValue } from '@sluice/ports'
import type { StructuralSchema } from '@sluice/schema'
import { isList, isObject } from '../patch/json-values.ts'
import { printStep } from './field-set.ts'
import {
  fieldType,
  itemStep,
  itemType,
  keyNames,
  type Shape,
  shapeOf,
  type ValueType,
} from './typed-value.ts'

const maxErrors = 50

/**
 * What keeps a configuration from being applied: undeclared fields, wrong kinds, duplicate items. One text a
 * problem, in the words of the API server.
 */
export function checkTyped(value: JsonValue, type: ValueType): string[] {
  const errors: string[] = []
  check(value, type, { errors, above: undefined, step: '' })
  return errors
}

/** Where a value stands. Its path is put together only when there is something to say about it. */
type Place = { readonly errors: string[]; readonly above: Place | undefined; readonly step: string }

function pathOf({ above, step }: Place): string {
  return above ? pathOf(above) + printStep(step) : ''
}

function check(value: JsonValue, type: ValueType, place: Place): void {
  if (value === null || type === 'free' || type === 'opaque' || place.errors.length >= maxErrors) return
  const problem = wrongKind(value, type)
  if (problem !== undefined) {
    const path = pathOf(place)
    place.errors.push(`${path === '' ? '' : `${path}: `}${problem}`)
    return
  }
  if (isObject(value)) checkMap(value, type, place)
  else if (isList(value)) checkList(value, type, place)
}

function checkMap(
  value: { readonly [name: string]: JsonValue | undefined },
  type: StructuralSchema,
  place: Place,
): void {
  for (const name of Object.keys(value)) {
    const field = value[name]
    if (field === undefined) continue
    const inner = { errors: place.errors, above: place, step: `f:${name}` }
    const known = fieldType(type, name)
    if (!known) {
      if (type.properties.size > 0) place.errors.push(`${pathOf(inner)}: field not declared in schema`)
      continue
    }
    check(field, known, inner)
  }
}

function checkList(value: readonly JsonValue[], type: StructuralSchema, place: Place): void {
  const shape = shapeOf(type, value)
  const items = itemType(type)
  const seen = new Set<string>()
  value.forEach((item, index) => {
    const step = shape === 'scalar' ? `i:${index}` : itemStep(type, shape, item)
    if (step === undefined) {
      place.errors.push(`${pathOf(place)}: element ${index}: ${missingKey(type, shape, item)}`)
      return
    }
    if (seen.has(step)) {
      place.errors.push(`${pathOf(place)}: duplicate entries for key ${printStep(step)}`)
      return
    }
    seen.add(step)
    check(item, items, { errors: place.errors, above: place, step })
  })
}

function missingKey(type: StructuralSchema, shape: Shape, item: JsonValue): string {
  if (shape === 'keyed' && !isObject(item)) return 'associative list with keys may not have non-map elements'
  const names = keyNames(type)
  return `associative list with keys has an element that omits all key fields [${names
    .map((it) => JSON.stringify(it))
    .join(' ')}] (and doesn't have default values for any key fields)`
}

function wrongKind(value: JsonValue, type: StructuralSchema): string | undefined {
  if (type.intOrString || type.type === '') return undefined
  switch (type.type) {
    case 'object':
      return isObject(value) ? undefined : `expected map, got &{${goValue(value)}}`
    case 'array':
      return isList(value) ? undefined : `expected list, got &{${goValue(value)}}`
    case 'integer':
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goValue(value)}}`
  }
}

/** As Go's `%v` prints it. */
function goValue(value: JsonValue | undefined): string {
  if (isList(value)) return `[${value.map(goValue).join(' ')}]`
  if (isObject(value)) {
    const entries = Object.keys(value).toSorted()
    return `map[${entries.map((name) => `${name}:${goValue(value[name])}`).join(' ')}]`
  }
  return value === null ? '<nil>' : String(value)
}

/** As Go's `%T` prints it. */
function goType(value: JsonValue): string {
  if (isList(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** As Go's `%#v` prints it. */
function goSyntax(value: JsonValue | undefined): string {
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (isObject(value)) {
    const entries = Object.keys(value).toSorted()
    return `map[string]interface {}{${entries.map((name) => `${JSON.stringify(name)}:${goSyntax(value[name])}`).join(', ')}}`
  }
  if (value === null || value === undefined) return 'interface {}(nil)'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

import type { JsonValue } from '@sluice/ports'
import { isList, isObject, type MutableObject, setField } from '../patch/json-values.ts'
import { childOf, emptySet, type FieldSet, type FieldSetBuilder, isEmptySet } from './field-set.ts'
import { fieldType, isDeclaredField, itemStep, itemType, shapeOf, type ValueType } from './typed-value.ts'

/** The value without the paths in `set`; `undefined` when nothing of a list or map is left. */
export function removeItems(value: JsonValue, set: FieldSet, type: ValueType): JsonValue | undefined {
  if (set.children.size === 0) return value
  const shape = shapeOf(type, value)
  if (shape === 'map' && isObject(value)) {
    const result: MutableObject = {}
    for (const name of Object.keys(value)) {
      const field = value[name]
      const below = childOf(set, `f:${name}`)
      if (field === undefined || below.member) continue
      const rest = isEmptySet(below) ? field : removeItems(field, below, fieldType(type, name) ?? 'opaque')
      if (rest !== undefined) setField(result, name, rest)
    }
    return Object.keys(result).length === 0 ? undefined : result
  }
  if (shape !== 'scalar' && isList(value)) {
    const items = itemType(type)
    const result: JsonValue[] = []
    for (const item of value) {
      const step = itemStep(type, shape, item)
      const below = step === undefined ? emptySet : childOf(set, step)
      if (below.member) continue
      const rest = isEmptySet(below) ? item : removeItems(item, below, items)
      if (rest !== undefined) result.push(rest)
    }
    return result.length === 0 ? undefined : result
  }
  return value
}

/**
 * Adds each declared field on the way to a path: a configuration that names `spec.x.y` also speaks for `spec.x`,
 * so that it goes away with its last field.
 */
export function withNamedFields(set: FieldSet, type: ValueType): FieldSet {
  const result: FieldSetBuilder = { member: set.member, children: new Map() }
  for (const [step, child] of set.children) {
    const isField = step.startsWith('f:')
    const name = step.slice(2)
    const below = isField ? (fieldType(type, name) ?? 'opaque') : itemType(type)
    const inner = withNamedFields(child, below)
    const declared = isField && child.children.size > 0 && isDeclaredField(type, name)
    result.children.set(step, declared && !inner.member ? { ...inner, member: true } : inner)
  }
  return result
}

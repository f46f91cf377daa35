import type { JsonValue } from '@sluice/ports'
import { isList, isObject } from '../patch/json-values.ts'
import { emptySet, type FieldSet, type FieldSetBuilder, isEmptySet, leaf } from './field-set.ts'
import { fieldType, isDeclaredField, itemStep, itemType, shapeOf, type ValueType } from './typed-value.ts'

/** Which paths a configuration names: what its manager owns once it is applied. */
export function toFieldSet(value: JsonValue, type: ValueType): FieldSet {
  const shape = shapeOf(type, value)
  if (shape === 'map' && isObject(value)) {
    const set: FieldSetBuilder = { member: false, children: new Map() }
    for (const name of Object.keys(value)) {
      const field = value[name]
      const known = field === undefined ? undefined : fieldType(type, name)
      if (field === undefined || !known) continue
      const child = toFieldSet(field, known)
      // A key of a map is owned as such; a declared field only through what is in it.
      const isKey = !isDeclaredField(type, name)
      if (!isKey && isEmptySet(child)) continue
      set.children.set(`f:${name}`, isKey && !child.member ? { ...child, member: true } : child)
    }
    return Object.keys(value).length === 0 ? leaf : set
  }
  if ((shape === 'set' || shape === 'keyed') && isList(value)) {
    const set: FieldSetBuilder = { member: false, children: new Map() }
    const items = itemType(type)
    for (const item of value) {
      const step = itemStep(type, shape, item)
      if (step === undefined) continue
      const { children } = shape === 'set' ? emptySet : toFieldSet(item, items)
      set.children.set(step, { member: true, children })
    }
    return set
  }
  return leaf
}

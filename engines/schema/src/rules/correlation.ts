import { isObject, type StructuralSchema } from '../structural/structural-schema.ts'
import { sameData } from './typed-value.ts'

/**
 * A value and the one that it replaces. Items of lists are matched by their keys where the list is a map, otherwise
 * not at all.
 *
 * Source: https://pkg.go.dev/k8s.io/apiserver/pkg/cel/common#CorrelatedObject
 */
export class Correlation {
  readonly value: unknown
  readonly old: unknown
  readonly schema: StructuralSchema
  #isSame: boolean | undefined
  #oldByKey: ReadonlyMap<string, unknown> | undefined
  readonly #children: Map<string | number, Correlation> = new Map()

  constructor(value: unknown, old: unknown, schema: StructuralSchema) {
    this.value = value
    this.old = old
    this.schema = schema
  }

  /** Whether nothing has changed, as far as items can be matched. */
  get isSame(): boolean {
    this.#isSame ??= this.#compare()
    return this.#isSame
  }

  /** The part under a field; `undefined` where either side lacks it. */
  field(name: string): Correlation | undefined {
    const known = this.#children.get(name)
    if (known) return known
    if (!isObject(this.value) || !isObject(this.old)) return undefined
    const schema = this.schema.field(name)
    if (!schema || !Object.hasOwn(this.value, name) || !Object.hasOwn(this.old, name)) return undefined
    const child = new Correlation(this.value[name], this.old[name], schema)
    this.#children.set(name, child)
    return child
  }

  /** The part at an index of the new list; `undefined` where it has no counterpart. */
  item(index: number): Correlation | undefined {
    const known = this.#children.get(index)
    if (known) return known
    const { items } = this.schema
    const old = this.oldItem(index)
    if (!items || old === undefined || old === null || !Array.isArray(this.value)) return undefined
    const child = new Correlation(this.value[index], old, items)
    this.#children.set(index, child)
    return child
  }

  /** The old item with the same keys as the new one at an index. */
  oldItem(index: number): unknown {
    if (!Array.isArray(this.value) || !Array.isArray(this.old)) return undefined
    if (this.schema.listType !== 'map' || this.schema.listMapKeys.length === 0) return undefined
    this.#oldByKey ??= this.#indexOld(this.old)
    const key = keyOf(this.value[index], this.schema.listMapKeys)
    return key === undefined ? undefined : this.#oldByKey.get(key)
  }

  #indexOld(old: readonly unknown[]): ReadonlyMap<string, unknown> {
    const out = new Map<string, unknown>()
    for (const item of old) {
      const key = keyOf(item, this.schema.listMapKeys)
      if (key !== undefined && !out.has(key)) out.set(key, item)
    }
    return out
  }

  #compare(): boolean {
    const { value, old } = this
    if (value == null || old == null) return value == null && old == null
    if (Array.isArray(value) && Array.isArray(old)) return this.#compareLists(value, old)
    if (!isObject(value) || !isObject(old)) return sameData(value, old)
    const names = Object.keys(value)
    return (
      names.length === Object.keys(old).length && names.every((name) => this.field(name)?.isSame === true)
    )
  }

  #compareLists(value: readonly unknown[], old: readonly unknown[]): boolean {
    if (value.length !== old.length) return false
    if (this.schema.listType !== 'map') return sameData(value, old)
    return value.every((_, index) => this.item(index)?.isSame === true)
  }
}

/** The values of an item's key fields; `undefined` where one is missing or no scalar. */
export function keyOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isObject(item)) return undefined
  const values: unknown[] = []
  for (const key of keys) {
    const value = Object.hasOwn(item, key) ? item[key] : undefined
    if (value === undefined || value === null || typeof value === 'object') return undefined
    values.push(value)
  }
  return JSON.stringify(values)
}

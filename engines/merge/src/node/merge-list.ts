import { plainScalar, YamlNode } from '@sluice/yaml'
import { NodeMergeError } from './errors.ts'
import { fieldOf, isEmptyMapping, isMissingOrNull, isNull } from './fields.ts'
import { findElement, setElement } from './list.ts'
import { setField } from './set-field.ts'

/** Items of both lists by which another item may have to be looked for. */
const maxComparisons = 100_000_000

/** Merges one item of the patch into the item of the target with the same keys; `undefined` removes it. */
export type MergeItem = (target: YamlNode | undefined, patch: YamlNode | undefined) => YamlNode | undefined

/** How a list is merged. */
export type ListMerge = {
  /** Fields that tell items apart; none for a list of scalars. */
  readonly keys: readonly string[]
  /** Where items go that only the patch has. */
  readonly newItems: 'first' | 'last'
  readonly mergeItem: MergeItem
}

/**
 * Merges `patch` into `target` item by item.
 *
 * Source: kyaml v0.21, yaml/walk/associative_sequence.go.
 * @throws {NodeMergeError} beyond a bound on the sizes of both.
 */
export function mergeList(
  target: YamlNode,
  patch: YamlNode | undefined,
  { keys, newItems, mergeItem }: ListMerge,
): YamlNode | undefined {
  const sources = newItems === 'first' ? [patch, target] : [target, patch]
  const ofScalars = keys.length === 0
  const itemKeys = ofScalars ? [''] : keys
  let tuples = ofScalars ? scalarValues(sources) : keyValues(sources, keys)
  if (tuples.length * tuples.length > maxComparisons) {
    throw new NodeMergeError('MERGE_LIMIT', `a list of ${tuples.length} items is too long to be merged`)
  }
  if (itemKeys.length > 1) tuples = unifyTuples(tuples)
  const present = itemKeys.filter((_, i) => tuples.some((it) => it[i] !== ''))
  const merged = new YamlNode('sequence', '!!seq')
  let lastKeys: readonly string[] = []
  for (const tuple of tuples) {
    const valid = validKeys(itemKeys, tuple, present)
    lastKeys = valid.keys
    const own = validKeys(valid.keys, valid.values, nonEmpty(valid.keys, valid.values))
    const item = mergeItem(
      findElement(target, own.keys, own.values),
      patch && findElement(patch, own.keys, own.values),
    )
    if (!item || isMissingOrNull(item) || isEmptyMapping(item)) {
      setElement(target, undefined, valid.keys, valid.values)
      continue
    }
    for (const [i, key] of valid.keys.entries()) {
      const value = valid.values[i] ?? ''
      const lacks = item.kind === 'mapping' && value !== '' && !fieldOf(item, key)
      if (lacks) setField(item, key, plainScalar(value))
    }
    setElement(merged, item, valid.keys, valid.values)
  }
  if (tuples.length === 0) return target
  const [into, from] = newItems === 'first' ? [merged, target] : [target, merged]
  appendItems(into, from.content, lastKeys)
  return isNull(into) ? undefined : into
}

/** The values of `keys` in all items, each tuple once, in order. */
function keyValues(sources: readonly (YamlNode | undefined)[], keys: readonly string[]): string[][] {
  const tuples = new Map<string, string[]>()
  for (const source of sources) {
    if (source?.kind !== 'sequence') continue
    for (const item of source.content) {
      const tuple = keys.map((key) => {
        const field = fieldOf(item, key)
        return field && !isMissingOrNull(field) ? field.value : ''
      })
      const id = JSON.stringify(tuple)
      if (!tuples.has(id)) tuples.set(id, tuple)
    }
  }
  return [...tuples.values()]
}

function scalarValues(sources: readonly (YamlNode | undefined)[]): string[][] {
  const values = new Set(sources.flatMap((it) => it?.content.map(({ value }) => value) ?? []))
  return [...values].map((it) => [it])
}

/** Tuples that agree where both have a value, and agree somewhere, are one: `80` alone and `80, TCP`. */
function unifyTuples(tuples: string[][]): string[][] {
  const unified = [...tuples]
  for (let i = 0; i < unified.length; i += 1) {
    for (let j = 0; j < unified.length; j += 1) {
      const both = unify(unified[i] ?? [], unified[j] ?? [])
      if (!both) continue
      unified[i] = both
      unified[j] = both
    }
  }
  return unified
}

function unify(a: readonly string[], b: readonly string[]): string[] | undefined {
  let agrees = false
  const both: string[] = []
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? ''
    if (x === y) agrees = true
    else if (x !== '' && y !== '') return undefined
    both.push(x === '' ? y : x)
  }
  return agrees ? both : undefined
}

function nonEmpty(keys: readonly string[], values: readonly string[]): string[] {
  return keys.filter((_, i) => (values[i] ?? '') !== '')
}

/** Of `keys` those that any item has; all where none has any. */
function validKeys(
  keys: readonly string[],
  values: readonly string[],
  present: readonly string[],
): { keys: readonly string[]; values: readonly string[] } {
  if (present.length === 0) return { keys, values }
  return {
    keys: keys.filter((it) => present.includes(it)),
    values: values.filter((value, i) => value !== '' || present.includes(keys[i] ?? '')),
  }
}

/** Adds `items` to `list`, each in the place of the one with the same keys, if there is one. */
function appendItems(list: YamlNode, items: readonly YamlNode[], keys: readonly string[]): void {
  for (const item of items) {
    if (keys[0] === '') {
      setElement(list, item, [''], [item.value])
      continue
    }
    const values: string[] = []
    for (const key of keys) {
      const field = fieldOf(item, key)
      if (field) values.push(field.value)
      else list.content.push(item)
    }
    if (keys.length > 1) setElement(list, undefined, keys, values)
    setElement(list, item, keys, values)
  }
}

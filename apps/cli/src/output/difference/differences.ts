import type { JsonObject, JsonValue } from '@sluice/ports'
import { type Identity, identityOf } from './list-identity.ts'

/** One thing that differs at a place; values that were added or removed come together. */
export type Detail =
  | { readonly kind: 'changed'; readonly before: JsonValue; readonly after: JsonValue }
  | { readonly kind: 'added' | 'removed'; readonly value: JsonObject | readonly JsonValue[] }
  | {
      readonly kind: 'reordered'
      readonly before: readonly JsonValue[]
      readonly after: readonly JsonValue[]
    }

/** What differs at a place; the path is empty at the root. */
export type Difference = { readonly path: readonly string[]; readonly details: readonly Detail[] }

/**
 * The differences between two values, where each is: items of lists are told apart by what names them rather than by their
 * place. What was added or removed at a place comes before what differs below it.
 *
 * Source: the order and the rules of github.com/homeport/dyff v1.10, which Flux prints differences with.
 */
export function differencesOf(
  before: JsonValue,
  after: JsonValue,
  path: readonly string[] = [],
): readonly Difference[] {
  if (typeOf(before) !== typeOf(after)) return [changed(path, before, after)]
  if (isList(before) && isList(after)) return listDifferences(before, after, path)
  if (isMap(before) && isMap(after)) return mapDifferences(before, after, path)
  return before === after ? [] : [changed(path, before, after)]
}

/** The type of a value as reports call it. */
export function typeOf(value: JsonValue): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'map'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

export function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Entries in the order in which Go's YAML prints them. */
export function sortedEntries(map: JsonObject): readonly (readonly [string, JsonValue])[] {
  return Object.entries(map)
    .flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function changed(path: readonly string[], before: JsonValue, after: JsonValue): Difference {
  return { path, details: [{ kind: 'changed', before, after }] }
}

function mapDifferences(
  before: JsonObject,
  after: JsonObject,
  path: readonly string[],
): readonly Difference[] {
  const below: Difference[] = []
  const removed: (readonly [string, JsonValue])[] = []
  for (const [key, value] of sortedEntries(before)) {
    const now = Object.hasOwn(after, key) ? after[key] : undefined
    if (now === undefined) removed.push([key, value])
    else below.push(...differencesOf(value, now, [...path, key]))
  }
  const added = sortedEntries(after).filter(([key]) => !Object.hasOwn(before, key))
  return withOwn(path, below, [
    ...(removed.length > 0 ? [{ kind: 'removed', value: Object.fromEntries(removed) } as const] : []),
    ...(added.length > 0 ? [{ kind: 'added', value: Object.fromEntries(added) } as const] : []),
  ])
}

function listDifferences(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  path: readonly string[],
): readonly Difference[] {
  if (before.length === 0 && after.length === 0) return []
  const identity = identityOf(before, after)
  if (identity) return namedDifferences(before, after, { path, identity })
  const [first, second] = [before[0], after[0]]
  if (before.length === 1 && after.length === 1 && first !== undefined && second !== undefined) {
    return differencesOf(first, second, [...path, '0'])
  }
  return simpleDifferences(before, after, path)
}

function namedDifferences(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  { path, identity }: { readonly path: readonly string[]; readonly identity: Identity },
): readonly Difference[] {
  const [old, now] = [byName(before, identity), byName(after, identity)]
  const below: Difference[] = []
  for (const [name, value] of old) {
    const current = now.get(name)
    if (current !== undefined) below.push(...differencesOf(value, current, [...path, name]))
  }
  const oldNames = [...old.keys()].filter((name) => now.has(name))
  const newNames = [...now.keys()].filter((name) => old.has(name))
  return withOwn(path, below, [
    ...reordered(oldNames, newNames),
    ...listDetail(
      'removed',
      [...old].filter(([name]) => !now.has(name)).map(([, value]) => value),
    ),
    ...listDetail(
      'added',
      [...now].filter(([name]) => !old.has(name)).map(([, value]) => value),
    ),
  ])
}

/** Without names, items are the same when they are equal; one that is there more often than before was added. */
function simpleDifferences(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  path: readonly string[],
): readonly Difference[] {
  const [old, now] = [counted(before), counted(after)]
  return withOwn(
    path,
    [],
    [
      ...reordered(common(before, now), common(after, old)),
      ...listDetail('removed', surplus(before, now)),
      ...listDetail('added', surplus(after, old)),
    ],
  )
}

function common(items: readonly JsonValue[], others: ReadonlyMap<string, number>): readonly JsonValue[] {
  return items.filter((item) => others.has(textOf(item)))
}

function surplus(items: readonly JsonValue[], others: ReadonlyMap<string, number>): readonly JsonValue[] {
  const left = new Map(others)
  const more = counted(items)
  const seen = new Set<string>()
  return items.flatMap((item) => {
    const text = textOf(item)
    const known = left.get(text)
    if (known === undefined) return [item]
    // All that are too many come where the first of them is.
    if (seen.has(text)) return []
    seen.add(text)
    return Array.from({ length: Math.max(0, (more.get(text) ?? 0) - known) }, () => item)
  })
}

function counted(items: readonly JsonValue[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(textOf(item), (counts.get(textOf(item)) ?? 0) + 1)
  return counts
}

function reordered(before: readonly JsonValue[], after: readonly JsonValue[]): readonly Detail[] {
  if (before.length !== after.length) return []
  const isSame = before.every((item, at) => textOf(item) === textOf(after[at] ?? null))
  return isSame ? [] : [{ kind: 'reordered', before, after }]
}

function listDetail(kind: 'added' | 'removed', value: readonly JsonValue[]): readonly Detail[] {
  return value.length > 0 ? [{ kind, value }] : []
}

function withOwn(
  path: readonly string[],
  below: readonly Difference[],
  details: readonly Detail[],
): readonly Difference[] {
  return details.length > 0 ? [{ path, details }, ...below] : below
}

function byName(items: readonly JsonValue[], identity: Identity): ReadonlyMap<string, JsonValue> {
  return new Map(items.map((item) => [identity(item) ?? '', item]))
}

/** Equal texts for equal values, whatever the order of their keys. */
function textOf(value: JsonValue): string {
  return JSON.stringify(value, (_, item: JsonValue) =>
    isMap(item) ? Object.fromEntries(sortedEntries(item)) : item,
  )
}

import { deepEqual } from '@sluice/cluster'
import type { JsonObject, JsonValue } from '@sluice/ports'
import type { StructuralSchema } from '@sluice/schema'

type Versions = {
  /** What was wanted last time; what is in it and not in `after` goes. */
  readonly before: JsonValue | undefined
  readonly after: JsonValue
  /** Of a built-in type; says how its lists are merged. */
  readonly schema: StructuralSchema | undefined
}

/**
 * What a live object becomes when somebody who wanted `before` wants `after`: what others have written stays.
 *
 * Source: https://helm.sh/docs/faq/changes_since_helm2/#improved-upgrade-strategy-3-way-strategic-merge-patches
 */
export function threeWayMerge(
  live: JsonObject,
  { before, after, schema }: Versions & { readonly after: JsonObject },
): JsonObject {
  const strategies = schema?.patchStrategies ?? []
  const isBound = strategies.includes('retainKeys')
  const result: Record<string, JsonValue> = {}
  const wasWanted = isObject(before) ? before : {}
  for (const [name, value] of Object.entries(live)) {
    const stays = isPresent(after, name) || !(isBound || isPresent(wasWanted, name))
    if (stays && value !== undefined) put(result, name, value)
  }
  for (const [name, wanted] of Object.entries(after)) {
    if (wanted === undefined || wanted === null) continue
    const versions = { before: own(wasWanted, name), after: wanted, schema: schema?.field(name) }
    put(result, name, mergeValue(own(live, name), versions))
  }
  return result
}

/** JSON merge patch (RFC 7386) that makes `to` of `from`; lists are replaced. */
export function mergePatchBetween(from: JsonObject, to: JsonObject): JsonObject {
  const patch: Record<string, JsonValue> = {}
  for (const name of Object.keys(from)) if (!isPresent(to, name)) put(patch, name, null)
  for (const [name, value] of Object.entries(to)) {
    if (value === undefined || value === null) continue
    const old = own(from, name)
    if (deepEqual(old, value)) continue
    put(patch, name, isObject(old) && isObject(value) ? mergePatchBetween(old, value) : value)
  }
  return patch
}

function mergeValue(live: JsonValue | undefined, { before, after, schema }: Versions): JsonValue {
  const strategies = schema?.patchStrategies ?? []
  if (isObject(after)) {
    if (strategies.includes('replace') || !isObject(live)) return after
    return threeWayMerge(live, { before, after, schema })
  }
  if (!Array.isArray(after) || !strategies.includes('merge') || !Array.isArray(live)) return after
  const list: Lists = { live, before: Array.isArray(before) ? before : [], after }
  const key = schema?.patchMergeKey ?? ''
  return key === '' ? mergeSet(list) : mergeKeyed(list, key, schema?.items)
}

type Lists = {
  readonly live: readonly JsonValue[]
  readonly before: readonly JsonValue[]
  readonly after: readonly JsonValue[]
}

/** A list of plain values that belongs to many. */
function mergeSet({ live, before, after }: Lists): readonly JsonValue[] {
  const ours = new Set([...before, ...after].map((it) => JSON.stringify(it)))
  return [...after, ...live.filter((it) => !ours.has(JSON.stringify(it)))]
}

function mergeKeyed(
  { live, before, after }: Lists,
  key: string,
  items: StructuralSchema | undefined,
): readonly JsonValue[] {
  const identity = (item: JsonValue): JsonValue | undefined => (isObject(item) ? own(item, key) : undefined)
  const byKey = (list: readonly JsonValue[]): ReadonlyMap<JsonValue | undefined, JsonValue> =>
    new Map(list.map((item) => [identity(item), item]))
  const [liveByKey, beforeByKey, afterByKey] = [byKey(live), byKey(before), byKey(after)]
  const merged = after.map((item) => {
    const current = liveByKey.get(identity(item))
    if (!isObject(item) || !isObject(current)) return item
    return threeWayMerge(current, { before: beforeByKey.get(identity(item)), after: item, schema: items })
  })
  const others = live.filter((it) => !afterByKey.has(identity(it)) && !beforeByKey.has(identity(it)))
  return [...merged, ...others]
}

function isPresent(object: JsonObject, name: string): boolean {
  const value = own(object, name)
  return value !== undefined && value !== null
}

function own(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function put(object: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true })
  else object[name] = value
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

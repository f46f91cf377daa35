import type { JsonObject, KubeObject, ManagedFieldsEntry } from '@sluice/ports'

/** Managers whose fields are taken over: those whose name begins with `prefix`, for one kind of operation. */
export type ManagerMatch = { readonly prefix: string; readonly operation: 'Apply' | 'Update' }

/**
 * The managed fields with all entries of `matches` merged into the applier's own, as if it had applied their fields; what
 * it does not apply then goes with its next apply. `undefined` when there is none of them.
 */
export function takeOverFields(
  { metadata }: KubeObject,
  matches: readonly ManagerMatch[],
  applier: string,
): readonly ManagedFieldsEntry[] | undefined {
  const entries = metadata.managedFields ?? []
  const own = entries.find((it) => it.manager === applier && it.operation === 'Apply' && !it.subresource)
  const taken = entries.filter((it) => it !== own && matches.some((match) => isOf(it, match)))
  const [first] = taken
  if (!first) return undefined
  const base = own ?? { ...first, manager: applier, operation: 'Apply' as const }
  const fieldsV1 = (own ? taken : taken.slice(1)).reduce<JsonObject>(
    (fields, entry) => mergeFields(fields, entry.fieldsV1 ?? {}),
    base.fieldsV1 ?? {},
  )
  const others = entries.filter((it) => it !== own && !taken.includes(it))
  return [...others, { ...base, fieldsV1 }]
}

/** Whether a manager other than `applier` has applied the field at `segments` of the object. */
export function isAppliedByOther(object: KubeObject, segments: readonly string[], applier: string): boolean {
  const applied = (object.metadata.managedFields ?? []).filter(
    (it) => it.operation === 'Apply' && !it.subresource && it.fieldsV1,
  )
  const path = fieldPath(object, segments, applied)
  return (
    path !== undefined &&
    applied.some((it) => it.manager !== applier && walk(it.fieldsV1, path) !== undefined)
  )
}

function isOf({ manager = '', operation, subresource }: ManagedFieldsEntry, match: ManagerMatch): boolean {
  return !subresource && operation === match.operation && manager.startsWith(match.prefix)
}

/** Union of two sets of fields, which are tries of path elements. */
function mergeFields(a: JsonObject, b: JsonObject): JsonObject {
  const merged: Record<string, JsonObject[string]> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const known = merged[key]
    merged[key] = isObject(known) && isObject(value) ? mergeFields(known, value) : value
  }
  return merged
}

/** The path elements of a JSON pointer; items of lists are found by the keys that some manager's set names. */
function fieldPath(
  object: KubeObject,
  segments: readonly string[],
  entries: readonly ManagedFieldsEntry[],
): readonly string[] | undefined {
  const path: string[] = []
  let value: unknown = object
  for (const segment of segments) {
    if (Array.isArray(value)) {
      const item: unknown = value[Number(segment)]
      const key = entries
        .flatMap((it) => Object.keys(walk(it.fieldsV1, path) ?? {}))
        .find((it) => it.startsWith('k:') && matchesKey(item, it))
      if (key === undefined) return undefined
      path.push(key)
      value = item
    } else {
      path.push(`f:${segment}`)
      value = typeof value === 'object' && value !== null ? (value as JsonObject)[segment] : undefined
    }
  }
  return path
}

function matchesKey(item: unknown, key: string): boolean {
  if (typeof item !== 'object' || item === null) return false
  const fields = item as JsonObject
  const wanted: unknown = JSON.parse(key.slice('k:'.length))
  return (
    typeof wanted === 'object' &&
    wanted !== null &&
    Object.entries(wanted).every(([name, value]) => fields[name] === value)
  )
}

function walk(fields: JsonObject | undefined, path: readonly string[]): JsonObject | undefined {
  let current = fields
  for (const element of path) {
    const next = current?.[element]
    if (!isObject(next)) return undefined
    current = next
  }
  return current
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

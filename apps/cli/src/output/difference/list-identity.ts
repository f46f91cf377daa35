import type { JsonValue } from '@sluice/ports'

/** What an item of a list is called; nothing when it has no name. */
export type Identity = (item: JsonValue) => string | undefined

const usualFields = ['name', 'key', 'id', 'manager'] as const
/** A list has to be longer than this for any field to count as a name. */
const guessThreshold = 3

/**
 * What tells the items of two lists apart: a field that usually does, one that happens to, or what names Kubernetes objects.
 * Nothing when the items are only equal or not.
 *
 * Source: github.com/homeport/dyff v1.10.
 */
export function identityOf(before: readonly JsonValue[], after: readonly JsonValue[]): Identity | undefined {
  const lists = [before, after]
  const field =
    usualFields.find((candidate) => lists.every((list) => isDistinct(list, fieldIdentity(candidate)))) ??
    guessedField(before, after)
  if (field !== undefined) return fieldIdentity(field)
  return lists.every((list) => list.every((item) => objectIdentity(item) !== undefined))
    ? objectIdentity
    : undefined
}

function guessedField(before: readonly JsonValue[], after: readonly JsonValue[]): string | undefined {
  if (before.length <= guessThreshold) return undefined
  const [first] = before
  if (!isRecord(first)) return undefined
  return Object.keys(first)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .find((field) =>
      [before, after].every(
        (list) =>
          list.every((item) => isRecord(item) && typeof item[field] === 'string') &&
          isDistinct(list, fieldIdentity(field)),
      ),
    )
}

function isDistinct(list: readonly JsonValue[], identity: Identity): boolean {
  const names = list.map(identity)
  return list.length > 0 && !names.includes(undefined) && new Set(names).size === list.length
}

function fieldIdentity(field: string): Identity {
  return (item) => {
    if (!isRecord(item) || !Object.hasOwn(item, field)) return undefined
    const value = item[field]
    return typeof value === 'object' ? '' : String(value)
  }
}

function objectIdentity(item: JsonValue): string | undefined {
  if (!isRecord(item)) return undefined
  const { apiVersion, kind, metadata } = item
  if (!isRecord(metadata)) return undefined
  const { namespace, name } = metadata
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') return undefined
  return [apiVersion, kind, ...(typeof namespace === 'string' ? [namespace] : []), name].join('/')
}

function isRecord(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

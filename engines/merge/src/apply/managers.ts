import { type JsonValue, type ManagedFieldsEntry, ToolkitError } from '@sluice/ports'
import { isObject } from '../patch/json-values.ts'
import { decodeFieldsV1, encodeFieldsV1, type FieldSet, isEmptySet, union } from './field-set.ts'

/** A manager of an object and the fields it has. Times are RFC 3339 in UTC with second precision. */
export type Manager = {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** An entry of `managedFields` cannot be read. */
export class ManagedFieldsError extends ToolkitError {
  override readonly name = 'ManagedFieldsError'

  constructor(message: string) {
    super('MANAGED_FIELDS_INVALID', message)
  }
}

/** More update managers than this are merged, oldest first, into one named {@link bucketName}. */
const maxUpdateManagers = 10
const bucketName = 'ancient-changes'

/** What tells managers apart: appliers keep their identity when they change the version they apply in. */
export function managerKey({
  name,
  operation,
  apiVersion,
  subresource,
}: Omit<Manager, 'fields' | 'time'>): string {
  return JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource])
}

/** @throws {ManagedFieldsError} when an entry is malformed. */
export function decodeManagers(entries: JsonValue | readonly ManagedFieldsEntry[] | undefined): Manager[] {
  if (entries === undefined || entries === null) return []
  if (!Array.isArray(entries)) throw new ManagedFieldsError('managedFields is not a list')
  const byKey = new Map<string, Manager>()
  for (const entry of entries as readonly JsonValue[]) {
    const manager = decodeManager(entry)
    const key = managerKey(manager)
    const same = byKey.get(key)
    byKey.set(key, same ? { ...manager, fields: union(same.fields, manager.fields) } : manager)
  }
  return [...byKey.values()]
}

function decodeManager(entry: JsonValue): Manager {
  if (!isObject(entry)) throw new ManagedFieldsError('an entry of managedFields is not an object')
  const { operation, fieldsType = 'FieldsV1', fieldsV1 } = entry
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new ManagedFieldsError('must be `Apply` or `Update`')
  }
  if (fieldsType !== 'FieldsV1') throw new ManagedFieldsError('must be `FieldsV1`')
  const fields = decodeFieldsV1(fieldsV1 ?? {})
  if (!fields) throw new ManagedFieldsError('fieldsV1 is not a set of fields')
  return {
    name: text(entry.manager),
    operation,
    apiVersion: text(entry.apiVersion),
    subresource: text(entry.subresource),
    time: typeof entry.time === 'string' ? entry.time : undefined,
    fields,
  }
}

/** The entries in the order of the API: by operation, time, name, version and subresource. */
export function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return managers.toSorted(compareManagers).map((it) => ({
    manager: it.name,
    operation: it.operation,
    apiVersion: it.apiVersion,
    ...(it.time === undefined ? {} : { time: it.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeFieldsV1(it.fields),
    ...(it.subresource === '' ? {} : { subresource: it.subresource }),
  }))
}

/** Keeps an object that everybody writes to from collecting managers without end. */
export function capManagers(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter((it) => it.operation === 'Update')
  if (updaters.length <= maxUpdateManagers) return managers
  const oldestFirst = updaters.toSorted(
    (a, b) => compare(a.time ?? '', b.time ?? '') || compareManagers(a, b),
  )
  const result = new Map(managers.map((it) => [managerKey(it), it]))
  const firstOfVersion = new Map<string, Manager>()
  let count = updaters.length
  for (const updater of oldestFirst) {
    if (count <= maxUpdateManagers) break
    const first = firstOfVersion.get(updater.apiVersion)
    if (!first) {
      firstOfVersion.set(updater.apiVersion, updater)
      continue
    }
    const bucket: Manager = { ...updater, name: bucketName, subresource: '' }
    const before = result.get(managerKey(bucket)) ?? first
    result.delete(managerKey(first))
    result.delete(managerKey(updater))
    result.set(managerKey(bucket), { ...bucket, fields: union(before.fields, updater.fields) })
    count -= 1
  }
  return [...result.values()]
}

/** Drops managers that have nothing. */
export function withFields(managers: Iterable<Manager>): Manager[] {
  return [...managers].filter((it) => !isEmptySet(it.fields))
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compare(a.operation, b.operation) ||
    compare(a.time ?? '', b.time ?? '') ||
    compare(a.name, b.name) ||
    compare(a.apiVersion, b.apiVersion) ||
    compare(a.subresource, b.subresource)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

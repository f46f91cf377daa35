import {
  decodeManagers,
  encodeManagers,
  type FieldSet,
  ManagedFieldsError,
  type Manager,
  setOf,
  TypedPatchError,
  trackUpdate,
  type WriteContext,
} from '@sluice/merge'
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '@sluice/ports'
import { parseApiVersion } from '@sluice/ports'
import { builtinSchema, type StructuralSchema } from '@sluice/schema'
import { canonical } from '../builtin/canonical.ts'
import { type ApiResource, groupVersionOf } from '../registry/api-resource.ts'

const nothing = setOf()
const statusOnly = setOf(['f:status'])
const allButStatus = setOf(['f:metadata'], ['f:spec'])
const builtinAllButStatus = setOf(['f:spec'], ['f:metadata', 'f:labels'])

/** Who writes, for the record of managed fields. */
export function writeContext(
  resource: ApiResource,
  {
    manager,
    subresource,
    now,
  }: { readonly manager: string; readonly subresource: string; readonly now: string },
): WriteContext {
  return {
    manager,
    apiVersion: groupVersionOf(resource),
    subresource,
    type: resource.type,
    typeOfVersion: (apiVersion) => typeOfVersion(resource, apiVersion),
    ignored: ignoredFields(resource, subresource),
    now,
  }
}

function typeOfVersion(resource: ApiResource, apiVersion: string): StructuralSchema | undefined {
  if (apiVersion === groupVersionOf(resource)) return resource.type
  const { group, version } = parseApiVersion(apiVersion)
  if (resource.custom) return group === resource.group ? resource.custom.types.get(version) : undefined
  return builtinSchema({ group, version, kind: resource.kind })
}

/** What an endpoint resets to its old state, so that nobody comes to own it there. */
function ignoredFields(resource: ApiResource, subresource: string): FieldSet {
  const hasStatus = resource.custom
    ? resource.custom.hasStatus
    : resource.subresources.some((it) => it.name === 'status')
  if (subresource === '') return hasStatus ? statusOnly : nothing
  if (subresource !== 'status') return nothing
  return resource.custom ? allButStatus : builtinAllButStatus
}

/**
 * The managers that a write begins with: those that the request brings, or else those of the live object. An entry
 * that cannot be read makes the record start anew.
 */
export function currentManagers(
  live: KubeObject | undefined,
  next: KubeObject,
  isSubresource: boolean,
): Manager[] {
  const brought = next.metadata.managedFields
  if (!isSubresource && brought !== undefined) {
    if (isReset(brought)) return []
    const managers = readable(brought)
    if (managers && managers.length > 0) return managers
  }
  return readable(live?.metadata.managedFields) ?? []
}

function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  const [only] = entries
  return entries.length === 1 && only !== undefined && Object.keys(only).length === 0
}

function readable(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] | undefined {
  try {
    return decodeManagers(entries)
  } catch (error) {
    if (error instanceof ManagedFieldsError) return undefined
    throw error
  }
}

/** Records an update in the object's managed fields. `live` is absent for a creation. */
export function recordUpdate(
  live: KubeObject | undefined,
  next: KubeObject,
  context: WriteContext,
): KubeObject {
  const managers = currentManagers(live, next, context.subresource !== '')
  // An object that nobody has a record of stays without one until it is applied.
  if (live && managers.length === 0) return withManagers(next, [])
  const before = live ?? emptyObject(next, context)
  try {
    return withManagers(next, trackUpdate(asJson(before), asJson(next), managers, context))
  } catch (error) {
    if (!(error instanceof TypedPatchError)) throw error
    // A write must not fail for its record, which begins anew then.
    return withManagers(next, [])
  }
}

export function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  const entries = encodeManagers(managers)
  return { ...object, metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries } }
}

const zeroObjects = new WeakMap<StructuralSchema, JsonObject>()

/**
 * What an object of a built-in type holds before anything is set: its structs, which Go cannot leave out. Nobody comes
 * to own them by filling them.
 */
export function emptyObject({ apiVersion, kind }: KubeObject, { type }: WriteContext): KubeObject {
  let zero: JsonObject = {}
  if (typeof type !== 'string' && type.definition !== '') {
    zero = zeroObjects.get(type) ?? canonical({}, type)
    zeroObjects.set(type, zero)
  }
  return { metadata: {}, ...zero, apiVersion, kind }
}

export function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject
}

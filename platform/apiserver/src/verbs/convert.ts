import type { JsonValue, KubeObject } from '@sluice/ports'
import { applyDefaults, prune } from '@sluice/schema'
import { withoutEmptyLists } from '../builtin/canonical.ts'
import { convertBuiltin } from '../builtin/conversion.ts'
import { type ApiResource, groupVersionOf } from '../registry/api-resource.ts'
import { deepFreeze } from '../storage/deep-freeze.ts'

// One converted copy an object and version: lists and watches ask for the same ones again and again.
const converted = new WeakMap<KubeObject, Map<string, KubeObject>>()

/** The stored object in the version of `resource`. The stored one itself when it is in that version already. */
export function fromStorage(stored: KubeObject, resource: ApiResource): KubeObject {
  const version = groupVersionOf(resource)
  if (stored.apiVersion === version && !resource.custom) return stored
  let versions = converted.get(stored)
  const known = versions?.get(version)
  if (known) return known
  const object = resource.custom ? readCustom(stored, resource) : convertBuiltin(stored, resource)
  if (object === stored) return stored
  if (!versions) converted.set(stored, (versions = new Map()))
  versions.set(version, deepFreeze(object))
  return object
}

/** The object in the version that is stored. */
export function toStorage(object: KubeObject, resource: ApiResource): KubeObject {
  const { storage } = resource
  const apiVersion = groupVersionOf(storage)
  const { custom } = resource
  if (custom) {
    // What only another version knows never reaches the store.
    const pruned = prune(object as JsonValue, custom.storageSchema, { isResource: true }).value as unknown
    return object.apiVersion === apiVersion
      ? (pruned as KubeObject)
      : { ...(pruned as KubeObject), apiVersion }
  }
  const kept = withoutEmptyLists(object, resource.type)
  if (object.apiVersion === apiVersion) return kept
  return convertBuiltin(kept, { ...resource, group: storage.group, version: storage.version })
}

/** Custom resources are pruned and defaulted as they are stored, then pruned again by the version they are read in. */
function readCustom(stored: KubeObject, resource: ApiResource): KubeObject {
  const { custom } = resource
  const apiVersion = groupVersionOf(resource)
  if (!custom) return stored
  const { storageSchema } = custom
  const pruned = prune(stored as JsonValue, storageSchema, { isResource: true }).value
  const object = applyDefaults(pruned, storageSchema) as KubeObject
  if (object.apiVersion === apiVersion) return object
  return prune({ ...object, apiVersion }, custom.schema, { isResource: true }).value as unknown as KubeObject
}

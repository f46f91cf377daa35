import type { ObjectKey, Resource } from '../cluster.ts'

/** Where a group and version live: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

/** All objects of a resource, or those of a namespace. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const { group, version, plural, namespaced } = resource
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${groupVersionPath(group, version)}${scope}/${plural}`
}

/** One object, or a subresource of it. */
export function objectPath(resource: Resource, { namespace, name }: ObjectKey, subresource?: string): string {
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

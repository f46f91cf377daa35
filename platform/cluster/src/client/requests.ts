import type { KubeObject } from '@sluice/ports'
import { ApiError } from '../api-error.ts'
import type {
  ApplyOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectKey,
  Patch,
  PatchOptions,
  Resource,
  WatchOptions,
  WriteOptions,
} from '../cluster.ts'
import type { ApiRequest } from '../transport.ts'
import { collectionPath, objectPath } from './paths.ts'

const patchTypes: Readonly<Record<Patch['kind'], string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

export function getRequest(resource: Resource, key: ObjectKey, { metadataOnly }: GetOptions): ApiRequest {
  return { method: 'GET', path: objectPath(resource, key), ...acceptPartial('', metadataOnly) }
}

/** One page; `paging` is `limit` and `continue`. */
export function listRequest(
  resource: Resource,
  options: ListOptions,
  paging: Readonly<Record<string, string>>,
): ApiRequest {
  return {
    method: 'GET',
    path: collectionPath(resource, options.namespace),
    query: { ...selectors(options), ...paging },
    ...acceptPartial('List', options.metadataOnly),
  }
}

export function watchRequest(resource: Resource, options: WatchOptions): ApiRequest {
  const { resourceVersion, timeoutSeconds } = options
  return {
    method: 'GET',
    path: collectionPath(resource, options.namespace),
    query: {
      ...selectors(options),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion,
      ...(timeoutSeconds !== undefined && { timeoutSeconds: String(timeoutSeconds) }),
    },
    ...acceptPartial('', options.metadataOnly),
  }
}

export function createRequest(resource: Resource, object: KubeObject, options: WriteOptions): ApiRequest {
  const path =
    options.subresource === undefined
      ? collectionPath(resource, object.metadata.namespace)
      : objectPath(resource, keyOf(object), options.subresource)
  return { method: 'POST', path, query: writeQuery(options), body: object }
}

export function updateRequest(resource: Resource, object: KubeObject, options: WriteOptions): ApiRequest {
  const path = objectPath(resource, keyOf(object), options.subresource)
  return { method: 'PUT', path, query: writeQuery(options), body: object }
}

export function patchRequest(resource: Resource, key: ObjectKey, options: PatchOptions): ApiRequest {
  return {
    method: 'PATCH',
    path: objectPath(resource, key, options.subresource),
    query: writeQuery(options),
    contentType: patchTypes[options.patch.kind],
    body: options.patch.body,
  }
}

export function applyRequest(resource: Resource, object: KubeObject, options: ApplyOptions): ApiRequest {
  return {
    method: 'PATCH',
    path: objectPath(resource, keyOf(object), options.subresource),
    query: { ...writeQuery(options), force: String(options.force) },
    contentType: 'application/apply-patch+yaml',
    body: object,
  }
}

export function deleteRequest(resource: Resource, key: ObjectKey, options: DeleteOptions): ApiRequest {
  const { propagationPolicy, uid, resourceVersion, gracePeriodSeconds, dryRun } = options
  const preconditions = {
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  }
  return {
    method: 'DELETE',
    path: objectPath(resource, key),
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(propagationPolicy && { propagationPolicy }),
      ...(Object.keys(preconditions).length > 0 && { preconditions }),
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
      ...(dryRun && { dryRun: ['All'] }),
    },
  }
}

/** Namespace and name of `object`. @throws {ApiError} reason `Invalid` when it has no name. */
export function keyOf({ metadata: { namespace, name } }: KubeObject): ObjectKey {
  if (name === undefined) {
    throw new ApiError({ code: 422, reason: 'Invalid', message: 'resource name may not be empty' })
  }
  return namespace === undefined ? { name } : { namespace, name }
}

function acceptPartial(suffix: '' | 'List', metadataOnly = false): Pick<ApiRequest, 'accept'> {
  if (!metadataOnly) return {}
  return { accept: `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1,application/json` }
}

function selectors({ labelSelector, fieldSelector }: ListOptions): Record<string, string> {
  return {
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  }
}

function writeQuery({ fieldManager, dryRun, fieldValidation }: WriteOptions): Record<string, string> {
  return { fieldManager, ...(dryRun && { dryRun: 'All' }), ...(fieldValidation && { fieldValidation }) }
}

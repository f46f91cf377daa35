import type { JsonValue, KubeObject } from '@sluice/ports'
import type { ApiRequest, ApiResponse, ImpersonatedUser, WatchEvent } from './transport.ts'

/** An API resource: what discovery knows about a kind in one version. */
export type Resource = {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Plural, lower case: the word in the URL. */
  readonly plural: string
  readonly namespaced: boolean
}

/** Name of an object within a resource. `namespace` is absent exactly for cluster-scoped ones. */
export type ObjectKey = { readonly namespace?: string; readonly name: string }

type Call = { readonly signal: AbortSignal }

export type GetOptions = Call & {
  /** Only metadata (`PartialObjectMetadata`). */
  readonly metadataOnly?: boolean
}

export type WriteOptions = Call & {
  readonly fieldManager: string
  /** Goes through admission and validation, and stores nothing. */
  readonly dryRun?: boolean
  readonly subresource?: string
  /** What is done about fields that the kind has not; the server's choice when absent. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
}

export type PatchOptions = WriteOptions & { readonly patch: Patch }

export type ApplyOptions = WriteOptions & {
  /** Takes over fields that other managers own; a conflict otherwise. */
  readonly force: boolean
}

export type ListOptions = Call & {
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Only metadata (`PartialObjectMetadata`): far cheaper for drift watches. */
  readonly metadataOnly?: boolean
}

export type WatchOptions = ListOptions & {
  readonly resourceVersion: string
  /** When the server ends the watch; its own choice when absent. */
  readonly timeoutSeconds?: number
}

export type List<T> = { readonly items: readonly T[]; readonly resourceVersion: string }

export type DeleteOptions = Call & {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  /** Delete only this very object. */
  readonly uid?: string
  readonly resourceVersion?: string
  readonly gracePeriodSeconds?: number
  readonly dryRun?: boolean
}

/** Body of a patch with the patch's kind. */
export type Patch =
  | { readonly kind: 'merge'; readonly body: JsonValue }
  | { readonly kind: 'json'; readonly body: readonly JsonValue[] }
  | { readonly kind: 'strategic'; readonly body: JsonValue }

/**
 * A Kubernetes cluster, as controllers see it: real or embedded makes no difference to them.
 *
 * Returned objects may be frozen and shared; never change them. All failures are {@link ApiError}.
 * `T` is what the caller knows about the resource; nothing is checked here.
 */
export interface Cluster {
  /**
   * The resource of `kind` in `apiVersion`, from cached discovery; asks again when it is unknown.
   * @throws {ApiError} reason `NoKindMatch`, message as `no matches for kind "X" in version "g/v"`.
   */
  resourceFor(apiVersion: string, kind: string, options: Call): Promise<Resource>

  /** All that the server serves, in its order of groups. Always asks. */
  resources(options: Call): Promise<readonly Resource[]>

  get<T = KubeObject>(resource: Resource, key: ObjectKey, options: GetOptions): Promise<T>
  /** Follows pages until all are read. */
  list<T = KubeObject>(resource: Resource, options: ListOptions): Promise<List<T>>
  /** Changes after `resourceVersion`, with bookmarks. */
  watch<T = KubeObject>(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent<T>>

  /** With a subresource, the object's name says of what: an eviction, a token request. */
  create<T = KubeObject>(resource: Resource, object: KubeObject, options: WriteOptions): Promise<T>
  /** Replaces the object; its `metadata.resourceVersion` guards against lost updates. */
  update<T = KubeObject>(resource: Resource, object: KubeObject, options: WriteOptions): Promise<T>
  patch<T = KubeObject>(resource: Resource, key: ObjectKey, options: PatchOptions): Promise<T>
  /** Server-side apply. */
  apply<T = KubeObject>(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<T>
  delete(resource: Resource, key: ObjectKey, options: DeleteOptions): Promise<void>

  /** The same cluster, seen as another user. */
  impersonate(user: ImpersonatedUser): Cluster

  /** For what is not an object of a resource: the server's version, logs, reviews. */
  request(request: ApiRequest, options: Call): Promise<ApiResponse>
}

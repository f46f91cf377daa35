import type { JsonValue, KubeObject } from '@sluice/ports'

/** One request to a Kubernetes API server, before any encoding. */
export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path without query, such as `/api/v1/namespaces/default/configmaps`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Media type of `body`; `application/json` when absent. */
  readonly contentType?: string
  /** An object is sent as JSON; text is sent as it is (a log, a YAML apply patch). */
  readonly body?: JsonValue | KubeObject
  /** What is wanted back, such as a Table or PartialObjectMetadata; plain JSON when absent. */
  readonly accept?: string
  /** Acts as this user; needs the right to impersonate. */
  readonly impersonate?: ImpersonatedUser
}

/** A user to act as. Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
export type ImpersonatedUser = {
  readonly userName: string
  readonly groups?: readonly string[]
  readonly uid?: string
}

/** An answer of status 2xx. Objects may be frozen and shared with the server's store: never change them. */
export type ApiResponse = {
  readonly status: number
  readonly body: unknown
  /** Texts of `Warning` headers. */
  readonly warnings: readonly string[]
}

/** One line of a watch. `BOOKMARK` carries only a resourceVersion; `ERROR` is thrown instead of delivered. */
export type WatchEvent<T = KubeObject> = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}

/**
 * A way to reach an API server: HTTPS with a kubeconfig or service account, or the embedded server's handler in the
 * same process. Both have the same semantics and pass one test suite.
 */
export interface Transport {
  /** @throws {ApiError} for every status of 400 and above, and when the server cannot be reached. */
  request(request: ApiRequest, options: { readonly signal: AbortSignal }): Promise<ApiResponse>
  /**
   * Opens a watch and yields its events until the server ends it (return), `signal` aborts (throws its reason)
   * or the caller stops.
   *
   * @throws {ApiError} with reason `Expired` when the resource version is too old.
   */
  watch(request: ApiRequest, options: { readonly signal: AbortSignal }): AsyncIterable<WatchEvent>
}

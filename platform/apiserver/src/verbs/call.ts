import type { Clock, JsonValue, KubeObject, Logger, Random } from '@sluice/ports'
import type { ApiResource } from '../registry/api-resource.ts'
import type { Registry } from '../registry/registry.ts'
import type { Query } from '../request/options.ts'
import type { User } from '../request/user.ts'
import type { Storage } from '../storage/storage.ts'

/** What every verb works with. */
export type Core = {
  readonly storage: Storage
  readonly registry: Registry
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly admission: Admission
  /** Aborts when the server closes: open watches end. */
  readonly stopped: AbortSignal
}

/** One request for a resource, routed and allowed. */
export type Call = {
  readonly resource: ApiResource
  /** Empty for cluster-scoped resources and lists over all namespaces. */
  readonly namespace: string
  /** Empty for collections. */
  readonly name: string
  readonly subresource: string
  readonly query: Query
  readonly user: User
  readonly userAgent: string
  /** Text as it came, or an object of a caller in the process. */
  readonly body: JsonValue | KubeObject | undefined
  readonly contentType: string
  readonly accept: string
  readonly signal: AbortSignal
  /** Texts for `Warning` headers are collected here. */
  readonly warnings: string[]
}

/** A change that is about to be made. */
export type AdmissionRequest = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly call: Call
  /** Absent when deleting. */
  readonly object: KubeObject | undefined
  /** Absent when creating. */
  readonly oldObject: KubeObject | undefined
  readonly dryRun: boolean
}

/** What may change or refuse a write after it has been authorized. */
export type Admission = {
  /** @returns the object, changed where the server fills something in. @throws {ApiError} */
  readonly mutate: (request: AdmissionRequest, object: KubeObject) => KubeObject
  /** @throws {ApiError} */
  readonly validate: (request: AdmissionRequest) => void
}

/** The answer to a call that is not a watch. */
export type Answer = { readonly status: number; readonly body: object }

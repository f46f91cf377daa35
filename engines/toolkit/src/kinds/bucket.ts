import type { LocalReference, SourceStatus, ToolkitObject } from './toolkit-object.ts'

export type BucketSpec = {
  readonly provider?: 'generic' | 'aws' | 'gcp' | 'azure'
  readonly bucketName: string
  readonly endpoint: string
  readonly region?: string
  readonly insecure?: boolean
  readonly prefix?: string
  readonly secretRef?: LocalReference
  readonly serviceAccountName?: string
  readonly certSecretRef?: LocalReference
  readonly proxySecretRef?: LocalReference
  /** Where temporary credentials come from. */
  readonly sts?: {
    readonly provider: 'aws' | 'ldap'
    readonly endpoint: string
    readonly secretRef?: LocalReference
    readonly certSecretRef?: LocalReference
  }
  readonly interval: string
  /** Go duration, 60s when absent. */
  readonly timeout?: string
  readonly ignore?: string
  readonly suspend?: boolean
}

export type BucketStatus = SourceStatus & { readonly observedIgnore?: string }

/** A bucket of an object store to fetch and to serve as an artifact. */
export type Bucket = ToolkitObject & { readonly spec: BucketSpec; readonly status?: BucketStatus }

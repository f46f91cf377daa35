import type { LocalReference, SourceStatus, ToolkitObject } from './toolkit-object.ts'

/** Clouds that hand out credentials for registries. */
export type RegistryProvider = 'generic' | 'aws' | 'azure' | 'gcp'

/** Which signatures of an OCI artifact must be valid; keyless without `secretRef`. */
export type OciVerification = {
  readonly provider: 'cosign' | 'notation'
  readonly secretRef?: LocalReference
  /** Regular expressions; one match is enough. */
  readonly matchOIDCIdentity?: readonly { readonly issuer: string; readonly subject: string }[]
  readonly trustedRootSecretRef?: LocalReference
}

export type OciLayerSelector = { readonly mediaType?: string; readonly operation?: 'extract' | 'copy' }

export type OciRepositorySpec = {
  readonly url: string
  readonly interval: string
  /** Go duration, 60s when absent. */
  readonly timeout?: string
  /** Digest wins over semver and tag; the tag `latest` when absent. */
  readonly ref?: {
    readonly digest?: string
    readonly semver?: string
    readonly semverFilter?: string
    readonly tag?: string
  }
  readonly layerSelector?: OciLayerSelector
  readonly provider?: RegistryProvider
  readonly secretRef?: LocalReference
  readonly serviceAccountName?: string
  readonly certSecretRef?: LocalReference
  readonly proxySecretRef?: LocalReference
  readonly verify?: OciVerification
  readonly insecure?: boolean
  readonly ignore?: string
  readonly suspend?: boolean
}

export type OciRepositoryStatus = SourceStatus & {
  readonly observedIgnore?: string
  readonly observedLayerSelector?: OciLayerSelector
}

/** An artifact in an OCI registry to fetch and to serve. */
export type OciRepository = ToolkitObject & {
  readonly spec: OciRepositorySpec
  readonly status?: OciRepositoryStatus
}

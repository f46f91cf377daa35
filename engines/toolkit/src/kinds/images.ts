import type { GitReference } from './git-repository.ts'
import type { RegistryProvider } from './oci-repository.ts'
import type { LocalReference, ToolkitObject, ToolkitStatus } from './toolkit-object.ts'

/** Rules that let other namespaces refer to an object; an empty selector lets all. */
export type AccessFrom = {
  readonly namespaceSelectors: readonly { readonly matchLabels?: Readonly<Record<string, string>> }[]
}

export type ImageRepositorySpec = {
  readonly image: string
  readonly interval: string
  /** Go duration; the interval when absent. */
  readonly timeout?: string
  readonly secretRef?: LocalReference
  readonly serviceAccountName?: string
  readonly certSecretRef?: LocalReference
  readonly proxySecretRef?: LocalReference
  readonly provider?: RegistryProvider
  readonly insecure?: boolean
  readonly suspend?: boolean
  readonly exclusionList?: readonly string[]
  readonly accessFrom?: AccessFrom
}

export type ImageRepositoryStatus = ToolkitStatus & {
  readonly canonicalImageName?: string
  readonly lastScanResult?: {
    readonly tagCount: number
    readonly scanTime?: string
    readonly latestTags?: readonly string[]
    readonly revision?: string
  }
  readonly observedExclusionList?: readonly string[]
}

/** An image repository whose tags are scanned. */
export type ImageRepository = ToolkitObject & {
  readonly spec: ImageRepositorySpec
  readonly status?: ImageRepositoryStatus
}

export type ImageReference = { readonly name: string; readonly tag: string; readonly digest?: string }
export type SortOrder = 'asc' | 'desc'

export type ImagePolicySpec = {
  readonly imageRepositoryRef: { readonly name: string; readonly namespace?: string }
  /** One of these; semver wins over the others. */
  readonly policy: {
    readonly semver?: { readonly range: string }
    readonly alphabetical?: { readonly order?: SortOrder }
    readonly numerical?: { readonly order?: SortOrder }
  }
  readonly filterTags?: { readonly pattern?: string; readonly extract?: string }
  readonly digestReflectionPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  readonly interval?: string
  readonly suspend?: boolean
}

export type ImagePolicyStatus = ToolkitStatus & {
  readonly latestRef?: ImageReference
  readonly observedPreviousRef?: ImageReference
  /** Only in v1beta1 and v1beta2. */
  readonly latestImage?: string
  /** Only in v1beta1 and v1beta2. */
  readonly observedPreviousImage?: string
}

/** Selects the latest tag of a scanned image. */
export type ImagePolicy = ToolkitObject & {
  readonly spec: ImagePolicySpec
  readonly status?: ImagePolicyStatus
}

export type ImageUpdateAutomationSpec = {
  readonly sourceRef: {
    readonly apiVersion?: string
    readonly kind: 'GitRepository'
    readonly name: string
    readonly namespace?: string
  }
  readonly git?: {
    readonly checkout?: { readonly ref: GitReference }
    readonly commit: {
      readonly author: { readonly email: string; readonly name?: string }
      readonly messageTemplate?: string
      readonly messageTemplateValues?: Readonly<Record<string, string>>
      readonly signingKey?: { readonly secretRef: LocalReference; readonly type?: 'gpg' | 'ssh' }
    }
    readonly push?: {
      readonly branch?: string
      readonly refspec?: string
      readonly options?: Readonly<Record<string, string>>
    }
  }
  readonly interval: string
  readonly policySelector?: {
    readonly matchLabels?: Readonly<Record<string, string>>
    readonly matchExpressions?: readonly {
      readonly key: string
      readonly operator: string
      readonly values?: readonly string[]
    }[]
  }
  readonly update?: { readonly strategy?: 'Setters'; readonly path?: string }
  readonly suspend?: boolean
}

export type ImageUpdateAutomationStatus = ToolkitStatus & {
  readonly lastAutomationRunTime?: string
  readonly lastPushCommit?: string
  readonly lastPushTime?: string
  readonly observedPolicies?: Readonly<Record<string, ImageReference>>
  readonly observedSourceRevision?: string
}

/** Commits the images that policies select to a Git repository. */
export type ImageUpdateAutomation = ToolkitObject & {
  readonly spec: ImageUpdateAutomationSpec
  readonly status?: ImageUpdateAutomationStatus
}

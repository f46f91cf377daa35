import type { Artifact, LocalReference, SourceStatus, ToolkitObject } from './toolkit-object.ts'

/** What to check out; commit wins over name, semver, tag and branch, in this order. */
export type GitReference = {
  readonly branch?: string
  readonly tag?: string
  /** A range; the highest matching tag is taken. */
  readonly semver?: string
  /** A full reference such as `refs/pull/1/head`. */
  readonly name?: string
  readonly commit?: string
}

/** Another GitRepository's artifact, laid over this one's. */
export type GitRepositoryInclude = {
  readonly repository: LocalReference
  readonly fromPath?: string
  readonly toPath?: string
}

/** Which signatures must be valid, by the public keys of a Secret. */
export type GitRepositoryVerification = {
  readonly mode?: 'head' | 'HEAD' | 'Tag' | 'TagAndHEAD'
  readonly secretRef?: LocalReference
}

export type GitRepositorySpec = {
  readonly url: string
  /** Go duration between reconciliations. */
  readonly interval: string
  /** Go duration, 60s when absent. */
  readonly timeout?: string
  readonly secretRef?: LocalReference
  readonly provider?: 'generic' | 'aws' | 'azure' | 'github'
  readonly serviceAccountName?: string
  readonly ref?: GitReference
  readonly verify?: GitRepositoryVerification
  readonly proxySecretRef?: LocalReference
  /** Text of an additional `.sourceignore`. */
  readonly ignore?: string
  readonly suspend?: boolean
  readonly recurseSubmodules?: boolean
  readonly include?: readonly GitRepositoryInclude[]
  readonly sparseCheckout?: readonly string[]
}

export type GitRepositoryStatus = SourceStatus & {
  readonly includedArtifacts?: readonly Artifact[]
  readonly observedIgnore?: string
  readonly observedInclude?: readonly GitRepositoryInclude[]
  readonly observedRecurseSubmodules?: boolean
  readonly observedSparseCheckout?: readonly string[]
  readonly sourceVerificationMode?: string
}

/** A Git repository to fetch and to serve as an artifact. */
export type GitRepository = ToolkitObject & {
  readonly spec: GitRepositorySpec
  readonly status?: GitRepositoryStatus
}

import type {
  CommonMetadata,
  CrossNamespaceReference,
  CustomHealthCheck,
  DependencyReference,
  IgnoreRule,
  KubeConfigReference,
  KustomizeImage,
  KustomizePatch,
  LocalReference,
  ResourceInventory,
  Selector,
  Snapshot,
  ToolkitObject,
  ToolkitStatus,
} from './toolkit-object.ts'

/** A source of variables for substitution. */
export type SubstituteReference = {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  readonly optional?: boolean
}

/** Variable substitution in what was built. */
export type PostBuild = {
  readonly substitute?: Readonly<Record<string, string>>
  readonly substituteFrom?: readonly SubstituteReference[]
  readonly substituteStrategy?: 'WithVariables' | 'Always'
}

/** How encrypted manifests are read. */
export type Decryption = {
  readonly provider: 'sops'
  readonly secretRef?: LocalReference
  readonly serviceAccountName?: string
}

export type KustomizationSpec = {
  readonly sourceRef: CrossNamespaceReference
  /** Directory in the artifact; its root when absent. */
  readonly path?: string
  /** Whether objects that the source no longer has are deleted. */
  readonly prune: boolean
  readonly interval: string
  /** Go duration; the interval when absent. */
  readonly retryInterval?: string
  /** Go duration; interval − 30 s, at least 30 s, when absent. */
  readonly timeout?: string
  readonly suspend?: boolean
  readonly dependsOn?: readonly DependencyReference[]
  readonly targetNamespace?: string
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly commonMetadata?: CommonMetadata
  readonly patches?: readonly KustomizePatch[]
  readonly images?: readonly KustomizeImage[]
  readonly components?: readonly string[]
  readonly ignoreMissingComponents?: boolean
  readonly buildMetadata?: readonly ('originAnnotations' | 'transformerAnnotations')[]
  readonly postBuild?: PostBuild
  readonly decryption?: Decryption
  readonly serviceAccountName?: string
  readonly kubeConfig?: KubeConfigReference
  /** Objects with changed immutable fields are deleted and created again. */
  readonly force?: boolean
  readonly wait?: boolean
  readonly healthChecks?: readonly CrossNamespaceReference[]
  readonly healthCheckExprs?: readonly CustomHealthCheck[]
  readonly ignore?: readonly IgnoreRule[]
  readonly deletionPolicy?: 'MirrorPrune' | 'Delete' | 'WaitForTermination' | 'Orphan'
  /** Only in v1beta1 and v1beta2. */
  readonly patchesStrategicMerge?: readonly unknown[]
  /** Only in v1beta1 and v1beta2. */
  readonly patchesJson6902?: readonly {
    readonly patch: readonly unknown[]
    readonly target: Selector
  }[]
  /** Only in v1beta1 and v1beta2; without effect. */
  readonly validation?: 'none' | 'client' | 'server'
}

export type KustomizationStatus = ToolkitStatus & {
  readonly lastAppliedRevision?: string
  readonly lastAppliedOriginRevision?: string
  readonly lastAttemptedRevision?: string
  readonly inventory?: ResourceInventory
  /** Newest first, at most five. */
  readonly history?: readonly Snapshot[]
}

/** Manifests in a source, to be built, applied and kept. */
export type Kustomization = ToolkitObject & {
  readonly spec: KustomizationSpec
  readonly status?: KustomizationStatus
}

import type { ReconcileStrategy } from './helm-sources.ts'
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
  ToolkitObject,
  ToolkitStatus,
} from './toolkit-object.ts'

/** Template of the HelmChart that a release makes. */
export type HelmChartTemplate = {
  readonly metadata?: CommonMetadata
  readonly spec: {
    readonly chart: string
    readonly version?: string
    readonly sourceRef: CrossNamespaceReference
    readonly interval?: string
    readonly reconcileStrategy?: ReconcileStrategy
    readonly valuesFiles?: readonly string[]
    readonly ignoreMissingValuesFiles?: boolean
    readonly verify?: { readonly provider: 'cosign' | 'notation'; readonly secretRef?: LocalReference }
    /** Only in v2beta1 and v2beta2. */
    readonly valuesFile?: string
  }
}

/** A source of values. */
export type ValuesReference = {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  /** `values.yaml` when absent. */
  readonly valuesKey?: string
  readonly targetPath?: string
  readonly optional?: boolean
  readonly literal?: boolean
}

export type CrdsPolicy = 'Skip' | 'Create' | 'CreateReplace'
export type ServerSideApplyMode = 'enabled' | 'disabled' | 'auto'
export type ActionStrategy = {
  readonly name: 'RemediateOnFailure' | 'RetryOnFailure'
  readonly retryInterval?: string
}
export type Remediation = {
  readonly retries?: number
  readonly ignoreTestFailures?: boolean
  readonly remediateLastFailure?: boolean
}

type Deployment = {
  readonly timeout?: string
  readonly strategy?: ActionStrategy
  readonly disableWait?: boolean
  readonly disableWaitForJobs?: boolean
  readonly disableHooks?: boolean
  readonly disableOpenAPIValidation?: boolean
  readonly disableSchemaValidation?: boolean
  readonly disableTakeOwnership?: boolean
  readonly crds?: CrdsPolicy
}

export type HelmInstall = Deployment & {
  readonly remediation?: Remediation
  readonly replace?: boolean
  readonly skipCRDs?: boolean
  readonly createNamespace?: boolean
  readonly serverSideApply?: boolean
}

export type HelmUpgrade = Deployment & {
  readonly remediation?: Remediation & { readonly strategy?: 'rollback' | 'uninstall' }
  readonly force?: boolean
  readonly preserveValues?: boolean
  readonly cleanupOnFail?: boolean
  readonly serverSideApply?: ServerSideApplyMode
  readonly chartNameChangeStrategy?: 'InPlaceUpdate' | 'Reinstall'
}

export type HelmTest = {
  readonly enable?: boolean
  readonly timeout?: string
  readonly ignoreFailures?: boolean
  readonly filters?: readonly { readonly name: string; readonly exclude?: boolean }[]
}

export type HelmRollback = {
  readonly timeout?: string
  readonly disableWait?: boolean
  readonly disableWaitForJobs?: boolean
  readonly disableHooks?: boolean
  readonly recreate?: boolean
  readonly force?: boolean
  readonly cleanupOnFail?: boolean
  readonly serverSideApply?: ServerSideApplyMode
}

export type HelmUninstall = {
  readonly timeout?: string
  readonly disableHooks?: boolean
  readonly keepHistory?: boolean
  readonly disableWait?: boolean
  readonly deletionPropagation?: 'background' | 'foreground' | 'orphan'
}

export type PostRenderer = {
  readonly kustomize?: {
    readonly patches?: readonly KustomizePatch[]
    readonly images?: readonly KustomizeImage[]
    /** Only in v2beta1 and v2beta2. */
    readonly patchesStrategicMerge?: readonly unknown[]
    /** Only in v2beta1 and v2beta2. */
    readonly patchesJson6902?: readonly {
      readonly patch: readonly unknown[]
      readonly target: Selector
    }[]
  }
}

export type HelmReleaseSpec = {
  readonly chart?: HelmChartTemplate
  readonly chartRef?: CrossNamespaceReference
  readonly interval: string
  /** Go duration, 5m0s when absent. */
  readonly timeout?: string
  readonly suspend?: boolean
  readonly releaseName?: string
  readonly targetNamespace?: string
  readonly storageNamespace?: string
  readonly dependsOn?: readonly DependencyReference[]
  /** 5 when absent, 0 without end. */
  readonly maxHistory?: number
  readonly persistentClient?: boolean
  readonly serviceAccountName?: string
  readonly kubeConfig?: KubeConfigReference
  readonly values?: unknown
  readonly valuesFrom?: readonly ValuesReference[]
  readonly commonMetadata?: CommonMetadata
  readonly postRenderers?: readonly PostRenderer[]
  readonly postRenderStrategy?: 'nohooks' | 'combined' | 'separate'
  readonly driftDetection?: {
    readonly mode?: 'enabled' | 'warn' | 'disabled'
    readonly ignore?: readonly IgnoreRule[]
  }
  readonly healthCheckExprs?: readonly CustomHealthCheck[]
  readonly waitStrategy?: { readonly name: 'poller' | 'legacy' }
  readonly install?: HelmInstall
  readonly upgrade?: HelmUpgrade
  readonly test?: HelmTest
  readonly rollback?: HelmRollback
  readonly uninstall?: HelmUninstall
}

/** A release that was made. */
export type ReleaseSnapshot = {
  readonly apiVersion?: string
  readonly action?: string
  readonly digest: string
  readonly name: string
  readonly namespace: string
  readonly version: number
  readonly status: string
  readonly chartName: string
  readonly chartVersion: string
  readonly appVersion?: string
  readonly configDigest: string
  readonly firstDeployed: string
  readonly lastDeployed: string
  readonly deleted?: string
  readonly testHooks?: Readonly<
    Record<
      string,
      { readonly lastStarted?: string; readonly lastCompleted?: string; readonly phase?: string }
    >
  >
  readonly ociDigest?: string
}

export type HelmReleaseStatus = ToolkitStatus & {
  /** `<namespace>/<name>`. */
  readonly helmChart?: string
  readonly storageNamespace?: string
  /** Newest first. */
  readonly history?: readonly ReleaseSnapshot[]
  readonly inventory?: ResourceInventory
  readonly failures?: number
  readonly installFailures?: number
  readonly upgradeFailures?: number
  readonly lastAttemptedGeneration?: number
  readonly lastAttemptedRevision?: string
  readonly lastAttemptedRevisionDigest?: string
  readonly lastAttemptedConfigDigest?: string
  readonly lastAttemptedReleaseAction?: 'install' | 'upgrade'
  readonly lastAttemptedReleaseActionDuration?: string
  readonly lastAttemptedValuesChecksum?: string
  readonly lastReleaseRevision?: number
  readonly lastHandledForceAt?: string
  readonly lastHandledResetAt?: string
  readonly observedPostRenderersDigest?: string
  readonly observedCommonMetadataDigest?: string
  /** Only in v2beta1 and v2beta2. */
  readonly lastAppliedRevision?: string
}

/** A chart that is released with values, and kept. */
export type HelmRelease = ToolkitObject & {
  readonly spec: HelmReleaseSpec
  readonly status?: HelmReleaseStatus
}

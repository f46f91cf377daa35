import type { OciVerification, RegistryProvider } from './oci-repository.ts'
import type { LocalReference, SourceStatus, ToolkitObject } from './toolkit-object.ts'

export type HelmRepositorySpec = {
  readonly url: string
  readonly type?: 'default' | 'oci'
  readonly interval?: string
  /** Go duration, 60s when absent. */
  readonly timeout?: string
  readonly secretRef?: LocalReference
  readonly certSecretRef?: LocalReference
  readonly passCredentials?: boolean
  readonly provider?: RegistryProvider
  readonly insecure?: boolean
  readonly suspend?: boolean
}

/** A repository of Helm charts whose index is fetched and served. */
export type HelmRepository = ToolkitObject & {
  readonly spec: HelmRepositorySpec
  readonly status?: SourceStatus
}

export type ReconcileStrategy = 'ChartVersion' | 'Revision'

export type HelmChartSpec = {
  readonly chart: string
  /** A range, `*` when absent; without effect for charts in Git and buckets. */
  readonly version?: string
  readonly sourceRef: {
    readonly apiVersion?: string
    readonly kind: 'HelmRepository' | 'GitRepository' | 'Bucket'
    readonly name: string
  }
  readonly interval: string
  readonly reconcileStrategy?: ReconcileStrategy
  readonly valuesFiles?: readonly string[]
  readonly ignoreMissingValuesFiles?: boolean
  readonly verify?: OciVerification
  readonly suspend?: boolean
  /** Only in v1beta1 and v1beta2. */
  readonly valuesFile?: string
}

export type HelmChartStatus = SourceStatus & {
  readonly observedChartName?: string
  readonly observedSourceArtifactRevision?: string
  readonly observedValuesFiles?: readonly string[]
}

/** A Helm chart of a source, to fetch or package and to serve. */
export type HelmChart = ToolkitObject & {
  readonly spec: HelmChartSpec
  readonly status?: HelmChartStatus
}

import type { Condition, KubeObject, ObjectMeta } from '@sluice/ports'

/** Metadata of a namespaced object that the API server has accepted. */
export type StoredMeta = ObjectMeta & {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
}

/** Fields that the status of every reconciled kind has. */
export type ToolkitStatus = {
  readonly conditions?: readonly Condition[]
  /** −1 until a run has come to a conclusion. */
  readonly observedGeneration?: number
  readonly lastHandledReconcileAt?: string
}

/** What all reconciled kinds have in common. */
export type ToolkitObject = KubeObject & {
  readonly metadata: ObjectMeta
  readonly spec: { readonly suspend?: boolean; readonly interval?: string }
  readonly status?: ToolkitStatus
}

/** A reference to an object of a known kind in the same namespace. */
export type LocalReference = { readonly name: string }

/** A reference to an object that may lie in another namespace. */
export type CrossNamespaceReference = {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** A file that a source made and serves. */
export type Artifact = {
  /** Relative to the storage's root. */
  readonly path: string
  readonly url: string
  readonly revision: string
  /** `<algorithm>:<hex>` over the file's bytes. */
  readonly digest: string
  readonly lastUpdateTime: string
  readonly size?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** Status of the kinds that serve an artifact. */
export type SourceStatus = ToolkitStatus & {
  readonly artifact?: Artifact
  readonly url?: string
}

/** Reaches a remote cluster: a kubeconfig in a Secret, or a cloud's cluster named by a ConfigMap. */
export type KubeConfigReference = {
  readonly secretRef?: { readonly name: string; readonly key?: string }
  readonly configMapRef?: LocalReference
}

/** A dependency on another object of the same kind. */
export type DependencyReference = {
  readonly name: string
  readonly namespace?: string
  /** CEL over `self` and `dep`. */
  readonly readyExpr?: string
}

/** CEL expressions that say what "ready" means for a kind. */
export type CustomHealthCheck = {
  readonly apiVersion: string
  readonly kind?: string
  readonly current: string
  readonly failed?: string
  readonly inProgress?: string
}

/** Which objects a patch or rule is meant for; group, version, kind, name and namespace are regular expressions. */
export type Selector = {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}

/** A kustomize patch: strategic merge or JSON 6902 in YAML. */
export type KustomizePatch = { readonly patch: string; readonly target?: Selector }

/** An image override of kustomize. */
export type KustomizeImage = {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
}

/** Fields that drift detection leaves alone. */
export type IgnoreRule = { readonly paths: readonly string[]; readonly target?: Selector }

/** Labels and annotations for all objects of an applier. */
export type CommonMetadata = {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** Objects that an applier has applied; `id` is `<namespace>_<name>_<group>_<kind>`, `v` the version. */
export type ResourceInventory = {
  readonly entries: readonly { readonly id: string; readonly v: string }[]
}

/** An earlier outcome of a reconciler. Times RFC 3339, the duration in Go's form. */
export type Snapshot = {
  readonly digest: string
  readonly firstReconciled: string
  readonly lastReconciled: string
  readonly lastReconciledDuration: string
  readonly lastReconciledStatus: string
  readonly totalReconciliations: number
  readonly metadata?: Readonly<Record<string, string>>
}

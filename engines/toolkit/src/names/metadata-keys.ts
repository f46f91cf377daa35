/** The finalizer of every kind that owns something outside of its object. */
export const finalizer = 'finalizers.fluxcd.io'
/** The finalizer of an ArtifactGenerator. */
export const artifactGeneratorFinalizer = 'source.extensions.fluxcd.io/finalizer'

/** Annotations that users and tools set on toolkit objects and on what these apply. */
export const annotations = {
  /** Any new value asks for a reconciliation now. */
  requestedAt: 'reconcile.fluxcd.io/requestedAt',
  /** Equal to `requestedAt`: force one upgrade or install of a HelmRelease. */
  forceAt: 'reconcile.fluxcd.io/forceAt',
  /** Equal to `requestedAt`: forget the failures of a HelmRelease. */
  resetAt: 'reconcile.fluxcd.io/resetAt',
  prune: 'kustomize.toolkit.fluxcd.io/prune',
  reconcile: 'kustomize.toolkit.fluxcd.io/reconcile',
  ssa: 'kustomize.toolkit.fluxcd.io/ssa',
  force: 'kustomize.toolkit.fluxcd.io/force',
  substitute: 'kustomize.toolkit.fluxcd.io/substitute',
  decrypt: 'kustomize.toolkit.fluxcd.io/decrypt',
  driftDetection: 'helm.toolkit.fluxcd.io/driftDetection',
  /** `disabled` suspends an ArtifactGenerator. */
  generatorReconcile: 'source.extensions.fluxcd.io/reconcile',
  /** Annotations with this prefix travel with the object's events. */
  eventPrefix: 'event.toolkit.fluxcd.io/',
  /** Written by `kubectl apply` without server-side apply. */
  lastAppliedConfiguration: 'kubectl.kubernetes.io/last-applied-configuration',
} as const

/** Annotations of our own, beyond Flux, by which toolkit objects opt in. Flux ignores them. */
export const ownAnnotations = {
  /** `enabled`: failures to apply name the file of each object, and all objects rather than the first. */
  explainErrors: 'toolkit.sluice.dev/explain-errors',
  /** `Kind/name` or `Kind/namespace/name`, separated by commas or white space: objects of any kind that have to be ready first. */
  dependsOn: 'toolkit.sluice.dev/depends-on',
  /** `enabled`: what would be done is told in status and events, and nothing is applied. */
  plan: 'toolkit.sluice.dev/plan',
} as const

/** Value of the annotations and labels above that switch something off. Compared without regard to case. */
export const disabledValue = 'disabled'
/** Value of {@link annotations.force} and of {@link ownAnnotations} that switches something on. */
export const enabledValue = 'enabled'

/** Labels with a meaning to the toolkit. */
export const labels = {
  kustomizationName: 'kustomize.toolkit.fluxcd.io/name',
  kustomizationNamespace: 'kustomize.toolkit.fluxcd.io/namespace',
  helmReleaseName: 'helm.toolkit.fluxcd.io/name',
  helmReleaseNamespace: 'helm.toolkit.fluxcd.io/namespace',
  /** `Enabled` on a Secret or ConfigMap: its dependents are reconciled when it changes. */
  watch: 'reconcile.fluxcd.io/watch',
  /** The shard that an object belongs to. */
  shard: 'sharding.fluxcd.io/key',
  tenant: 'toolkit.fluxcd.io/tenant',
  /** UID of the ArtifactGenerator that made an ExternalArtifact. */
  generator: 'source.extensions.fluxcd.io/generator',
  partOf: 'app.kubernetes.io/part-of',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  version: 'app.kubernetes.io/version',
  managedBy: 'app.kubernetes.io/managed-by',
} as const

/** Keys of event metadata, without the API group of the involved object. */
export const eventKeys = {
  revision: 'revision',
  originRevision: 'originRevision',
  digest: 'digest',
  checksum: 'checksum',
  token: 'token',
  /** With the value `update`: the event only serves commit statuses. */
  commitStatus: 'commit_status',
  changeRequest: 'change_request',
  commit: 'commit',
  summary: 'summary',
  appVersion: 'app-version',
  ociDigest: 'oci-digest',
} as const

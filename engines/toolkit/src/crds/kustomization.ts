import { age, type KindDefinition, ready, status } from './kind-definition.ts'
import { flag, list, map, needed, only, record, type SchemaNode, text, whole } from './schema-node.ts'
import {
  commonMetadata,
  commonStatus,
  dependsOn,
  duration,
  healthCheckExprs,
  ignoreRules,
  interval,
  inventory,
  kubeConfig,
  kustomizeImages,
  kustomizePatches,
  localReference,
  selector,
  stringMap,
  suspend,
  time,
} from './shared-schemas.ts'

const betas = ['v1beta1', 'v1beta2'] as const
const sinceBeta2 = ['v1', 'v1beta2'] as const

const sourceRef = record('The source to take manifests from.', {
  apiVersion: text('API version of the source.'),
  kind: needed(
    text('Kind of the source.', {
      enum: ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'],
    }),
  ),
  name: needed(text('Name of the source.')),
  namespace: text('Namespace of the source; that of this object when absent.'),
})

const postBuild = record('Substitution of variables in what was built.', {
  substitute: stringMap('Variables and their values.'),
  substituteFrom: list(
    'ConfigMaps and Secrets whose entries are variables; later ones win, `substitute` wins over all.',
    record('A source of variables.', {
      kind: needed(text('Kind of the object.', { enum: ['Secret', 'ConfigMap'] })),
      name: needed(text('Name of the object.', { minLength: 1, maxLength: 253 })),
      optional: only(sinceBeta2, flag('Whether the object may be missing.', { default: false })),
    }),
  ),
  substituteStrategy: only(
    ['v1'],
    text('When to substitute: only with variables declared, or always.', {
      enum: ['WithVariables', 'Always'],
    }),
  ),
})

const decryption = record('How to decrypt encrypted manifests.', {
  provider: needed(text('The tool that encrypted them.', { enum: ['sops'] })),
  secretRef: localReference('Secret with private keys or credentials.'),
  serviceAccountName: only(['v1'], text('ServiceAccount whose workload identity reaches key services.')),
})

const healthChecks = list(
  'Objects to wait for before this one is ready.',
  record('An object.', {
    apiVersion: text('API version of the object.'),
    kind: needed(text('Kind of the object.')),
    name: needed(text('Name of the object.')),
    namespace: text('Namespace of the object; that of this object when absent.'),
  }),
)

export const strategicMergePatches: SchemaNode = list('Strategic merge patches; use `patches` instead.', {
  description: 'A patch.',
  open: true,
})

/** Patches of older versions, in HelmRelease's post renderers as well. */
export const jsonPatches: SchemaNode = list(
  'JSON patches with their targets; use `patches` instead.',
  record('A JSON patch.', {
    patch: needed(
      list(
        'Operations of the patch.',
        record('An operation (RFC 6902).', {
          op: needed(text('What to do.', { enum: ['test', 'remove', 'add', 'replace', 'move', 'copy'] })),
          path: needed(text('Where to do it.')),
          from: text('Where to take the value from.'),
          value: { description: 'The value.', open: true },
        }),
      ),
    ),
    target: needed(selector('Objects that the patch is for.')),
  }),
)

const history = list(
  'Latest outcomes, newest first.',
  record('An outcome.', {
    digest: needed(text('Digest of what was applied.')),
    firstReconciled: needed(time('When it was first reached.')),
    lastReconciled: needed(time('When it was last reached.')),
    lastReconciledDuration: needed(text('How long that took.')),
    lastReconciledStatus: needed(text('Reason of Ready then.')),
    totalReconciliations: needed(whole('How often it was reached.', { format: 'int64' })),
    metadata: stringMap('Facts such as the revision.'),
  }),
)

const spec: SchemaNode = record('What to apply, and how.', {
  sourceRef: needed(sourceRef),
  path: text('Directory in the source; its root when absent.'),
  prune: needed(flag('Deletes objects that the source no longer has.')),
  interval: needed(interval),
  retryInterval: duration('Time to wait after a failure; the interval when absent.'),
  timeout: duration(
    'Longest time to validate, apply and check; a little less than the interval when absent.',
  ),
  suspend,
  dependsOn: dependsOn('Kustomization'),
  targetNamespace: text('Namespace for all objects.', { minLength: 1, maxLength: 63 }),
  namePrefix: only(['v1'], text('Prefix for all names.', { minLength: 1, maxLength: 200 })),
  nameSuffix: only(['v1'], text('Suffix for all names.', { minLength: 1, maxLength: 200 })),
  commonMetadata: only(sinceBeta2, commonMetadata),
  patches: kustomizePatches,
  images: kustomizeImages,
  components: only(sinceBeta2, list('Components to include.', text('Path relative to `path`.'))),
  ignoreMissingComponents: only(['v1'], flag('Passes over components that do not exist.')),
  buildMetadata: only(
    ['v1'],
    list(
      'Annotations that say where objects come from.',
      text('An option of the build.', { enum: ['originAnnotations', 'transformerAnnotations'] }),
    ),
  ),
  postBuild,
  decryption,
  serviceAccountName: text('ServiceAccount to act as.'),
  kubeConfig,
  force: flag('Deletes and creates objects whose immutable fields changed.', { default: false }),
  wait: only(sinceBeta2, flag('Waits for all applied objects; `healthChecks` is ignored then.')),
  healthChecks,
  healthCheckExprs: only(['v1'], healthCheckExprs),
  ignore: only(['v1'], ignoreRules('Fields that are neither compared nor applied.')),
  deletionPolicy: only(
    ['v1'],
    text('What becomes of applied objects when this one is deleted; as `prune` says when absent.', {
      enum: ['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'],
    }),
  ),
  patchesStrategicMerge: only(betas, strategicMergePatches),
  patchesJson6902: only(betas, jsonPatches),
  validation: only(
    betas,
    text('How manifests are validated; without effect.', { enum: ['none', 'client', 'server'] }),
  ),
})

export const kustomizationDefinition: KindDefinition = {
  group: 'kustomize.toolkit.fluxcd.io',
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  storage: 'v1',
  statusBeginsUnobserved: true,
  substitutionDisabled: true,
  kind: 'Kustomization',
  plural: 'kustomizations',
  singular: 'kustomization',
  shortNames: ['ks'],
  versions: [
    { name: 'v1', columns: [age, ready, status] },
    { name: 'v1beta2', columns: [age, ready, status], deprecated: true },
    { name: 'v1beta1', columns: [ready, status, age], deprecated: true },
  ],
  description: 'Manifests in a source that are built, applied and kept.',
  spec,
  status: record('What was applied.', {
    ...commonStatus,
    lastAppliedRevision: text('Revision that was applied last.'),
    lastAppliedOriginRevision: only(['v1'], text('Origin of that revision, as the source knows it.')),
    lastAttemptedRevision: text('Revision that was tried last.'),
    inventory: only(sinceBeta2, inventory),
    history: only(['v1'], history),
    snapshot: only(
      ['v1beta1'],
      record('Objects that were applied, by namespace and kind.', {
        checksum: needed(text('Checksum of the manifests.')),
        entries: needed(
          list(
            'Kinds by namespace.',
            record('Kinds in a namespace.', {
              namespace: text('The namespace; empty for cluster-scoped kinds.'),
              kinds: needed(map('Kinds by API group and version.', text('Kind.'))),
            }),
          ),
        ),
      }),
    ),
  }),
}

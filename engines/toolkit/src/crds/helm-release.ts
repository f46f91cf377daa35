import {
  chartTemplateVerification,
  chartVersion,
  ignoreMissingValuesFiles,
  reconcileStrategy,
  valuesFile,
  valuesFiles,
} from './helm-chart.ts'
import { install, rollback, test, uninstall, upgrade } from './helm-release-actions.ts'
import { helmReleaseStatus } from './helm-release-status.ts'
import { age, type KindDefinition, ready, status } from './kind-definition.ts'
import { jsonPatches, strategicMergePatches } from './kustomization.ts'
import { flag, list, needed, only, record, type SchemaNode, text, whole } from './schema-node.ts'
import {
  commonMetadata,
  dependsOn,
  duration,
  healthCheckExprs,
  ignoreRules,
  interval,
  kubeConfig,
  kustomizeImages,
  kustomizePatches,
  stringMap,
  suspend,
} from './shared-schemas.ts'

const v2 = ['v2'] as const
const betas = ['v2beta1', 'v2beta2'] as const
const columns = [age, ready, status]

const name = (of: string): SchemaNode => text(`Name of the ${of}.`, { minLength: 1, maxLength: 253 })
const namespace = (description: string): SchemaNode => text(description, { minLength: 1, maxLength: 63 })

const chart = record('Template of the HelmChart to make.', {
  metadata: record('Its metadata.', {
    labels: stringMap('Its labels.'),
    annotations: stringMap('Its annotations.'),
  }),
  spec: needed(
    record('Its content.', {
      chart: needed(
        text('Name of the chart in the repository, or path in the source.', {
          minLength: 1,
          maxLength: 2048,
        }),
      ),
      version: chartVersion,
      sourceRef: needed(
        record('The source of the chart.', {
          apiVersion: text('API version of the source.'),
          kind: needed(text('Kind of the source.', { enum: ['HelmRepository', 'GitRepository', 'Bucket'] })),
          name: needed(name('source')),
          namespace: namespace('Namespace of the source; that of this object when absent.'),
        }),
      ),
      interval: duration('Time between two looks at the source; `spec.interval` when absent.'),
      reconcileStrategy,
      valuesFiles,
      ignoreMissingValuesFiles: only(['v2', 'v2beta2'], ignoreMissingValuesFiles),
      verify: chartTemplateVerification,
      valuesFile: only(betas, valuesFile),
    }),
  ),
})

const chartRef = record('An object that serves a chart.', {
  apiVersion: text('API version of the object.'),
  kind: needed(text('Kind of the object.', { enum: ['OCIRepository', 'HelmChart', 'ExternalArtifact'] })),
  name: needed(name('object')),
  namespace: namespace('Namespace of the object; that of this object when absent.'),
})

const valuesFrom = list(
  'ConfigMaps and Secrets with values, later ones over earlier ones, `values` over all.',
  record('An object with values.', {
    kind: needed(text('Kind of the object.', { enum: ['Secret', 'ConfigMap'] })),
    name: needed(name('object')),
    valuesKey: text('Key of the values; `values.yaml` when absent.', {
      maxLength: 253,
      pattern: '^[\\-._a-zA-Z0-9]+$',
    }),
    targetPath: text('Where the single value of the key goes, as a dotted path.', {
      maxLength: 250,
      pattern: '^([a-zA-Z0-9_\\-.\\\\\\/]|\\[[0-9]{1,5}\\])+$',
    }),
    optional: flag('Whether the object may be missing.'),
    literal: only(v2, flag('Takes the value as it is, not by the rules of --set.')),
  }),
)

const postRenderers = list(
  'Changes to what the chart renders.',
  record('A change.', {
    kustomize: record('By kustomize.', {
      patches: kustomizePatches,
      images: kustomizeImages,
      patchesStrategicMerge: only(betas, strategicMergePatches),
      patchesJson6902: only(betas, jsonPatches),
    }),
  }),
)

const driftDetection = record('What to do about objects that others changed.', {
  mode: text('Correct, only tell, or nothing.', { enum: ['enabled', 'warn', 'disabled'] }),
  ignore: ignoreRules('Fields that may differ.'),
})

export const helmReleaseDefinition: KindDefinition = {
  group: 'helm.toolkit.fluxcd.io',
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  storage: 'v2',
  statusBeginsUnobserved: true,
  substitutionDisabled: true,
  kind: 'HelmRelease',
  plural: 'helmreleases',
  singular: 'helmrelease',
  shortNames: ['hr'],
  versions: [
    { name: 'v2', columns },
    { name: 'v2beta2', columns, deprecated: true },
    { name: 'v2beta1', columns, deprecated: true },
  ],
  description: 'A chart that is released with values, and kept.',
  spec: record(
    'What to release, and how.',
    {
      chart,
      chartRef,
      interval: needed(interval),
      timeout: duration('Longest time that a single operation may take.'),
      suspend,
      releaseName: text('Name of the release; made of the target namespace and name when absent.', {
        minLength: 1,
        maxLength: 53,
      }),
      targetNamespace: namespace('Namespace to release to; that of this object when absent.'),
      storageNamespace: namespace('Namespace of the release objects; that of this object when absent.'),
      dependsOn: dependsOn('HelmRelease'),
      maxHistory: whole('Releases that Helm keeps; 0 without end.'),
      persistentClient: flag('Keeps the client of the cluster over the whole run.'),
      serviceAccountName: text('ServiceAccount to act as.', { minLength: 1, maxLength: 253 }),
      kubeConfig,
      values: { description: 'Values for the chart.', open: true },
      valuesFrom,
      commonMetadata: only(v2, commonMetadata),
      postRenderers,
      postRenderStrategy: only(
        v2,
        text('Whether hooks are changed too, and together with the rest.', {
          enum: ['nohooks', 'combined', 'separate'],
        }),
      ),
      driftDetection,
      healthCheckExprs: only(v2, healthCheckExprs),
      waitStrategy: only(
        v2,
        record('How readiness is waited for.', {
          name: needed(text('By health rules, or as Helm 3 did.', { enum: ['poller', 'legacy'] })),
        }),
      ),
      install,
      upgrade,
      test,
      rollback,
      uninstall,
    },
    {
      rules: [
        {
          rule: '(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))',
          message: 'either chart or chartRef must be set',
        },
      ],
    },
  ),
  status: helmReleaseStatus,
}

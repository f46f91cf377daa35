import { mergeFieldSpecs, type TransformerConfig } from '../config/transformer-config.ts'
import { KustomizeError } from '../errors.ts'
import { generateConfigMap, generateSecret } from '../generate/data-objects.ts'
import { inflateChart } from '../generate/helm.ts'
import type {
  GeneratorArgs,
  GeneratorOptions,
  HelmChart,
  Kustomization,
  Label,
} from '../kustomization/types.ts'
import type { FieldSpec } from '../nodes/field-spec.ts'
import { imageTransformer } from '../transform/images.ts'
import { jsonPatchTransformer } from '../transform/json-patches.ts'
import { entriesTransformer } from '../transform/labels.ts'
import { prefixTransformer, suffixTransformer } from '../transform/names.ts'
import { namespaceTransformer } from '../transform/namespace.ts'
import { patchTransformer, strategicMergeTransformer } from '../transform/patches.ts'
import { replacementTransformer } from '../transform/replacements.ts'
import { replicaTransformer } from '../transform/replicas.ts'
import type { Transformer } from '../transform/transformer.ts'
import { type Generator, helmContext, type PluginContext } from './plugins.ts'

/** A generator or transformer, and the kind of plugin that it is. */
export type BuiltIn<T> = { readonly kind: string; readonly run: T }

/** The generators of a kustomization's fields, in the order in which they run. */
export function builtInGenerators(
  kustomization: Kustomization,
  context: PluginContext,
  helmNamespace: string,
): BuiltIn<Generator>[] {
  const { configMapGenerator = [], secretGenerator = [], helmCharts = [] } = kustomization
  const { generatorOptions, helmGlobals = {} } = kustomization
  const { loader } = context
  return [
    ...configMapGenerator.map((args) => ({
      kind: 'ConfigMapGenerator',
      run: () => [generateConfigMap(withOptions(args, generatorOptions), loader)],
    })),
    ...secretGenerator.map((args) => ({
      kind: 'SecretGenerator',
      run: () => [generateSecret(withOptions(args, generatorOptions), loader)],
    })),
    ...helmCharts.map((chart) => ({
      kind: 'HelmChartInflationGenerator',
      run: () =>
        inflateChart(
          inNamespace(chart, kustomization.namespace || helmNamespace),
          helmGlobals,
          helmContext(context),
        ),
    })),
  ]
}

/** The transformers of a kustomization's fields, in the order in which they run. */
export function builtInTransformers(
  kustomization: Kustomization,
  config: TransformerConfig,
  context: PluginContext,
): BuiltIn<Transformer>[] {
  const { loader, build } = context
  const patching = { loader, schemas: build.schemas }
  const { namespace = '', namePrefix = '', nameSuffix = '', replacements = [] } = kustomization
  const { patchesStrategicMerge = [], patches = [], patchesJson6902 = [] } = kustomization
  const { commonAnnotations = new Map<string, string>(), replicas = [], images = [] } = kustomization
  const all: (readonly [string, boolean, () => readonly Transformer[]])[] = [
    [
      'PatchStrategicMergeTransformer',
      patchesStrategicMerge.length > 0,
      () => [strategicMergeTransformer({ paths: patchesStrategicMerge }, patching)],
    ],
    ['PatchTransformer', true, () => patches.map((it) => patchTransformer(it, patching))],
    [
      'NamespaceTransformer',
      namespace !== '',
      () => [namespaceTransformer({ namespace, fieldSpecs: config.namespace })],
    ],
    ['PrefixTransformer', namePrefix !== '', () => [prefixTransformer(namePrefix, config.namePrefix)]],
    ['SuffixTransformer', nameSuffix !== '', () => [suffixTransformer(nameSuffix, config.nameSuffix)]],
    ['LabelTransformer', true, () => labelTransformers(kustomization, config)],
    [
      'AnnotationsTransformer',
      commonAnnotations.size > 0,
      () => [entriesTransformer(commonAnnotations, config.commonAnnotations)],
    ],
    ['PatchJson6902Transformer', true, () => patchesJson6902.map((it) => jsonPatchTransformer(it, loader))],
    ['ReplicaCountTransformer', true, () => replicas.map((it) => replicaTransformer(it, config.replicas))],
    ['ImageTagTransformer', true, () => images.map((it) => imageTransformer(it, config.images))],
    ['ReplacementTransformer', replacements.length > 0, () => [replacementTransformer(replacements, loader)]],
  ]
  return all.flatMap(([kind, wanted, make]) => {
    if (!wanted) return []
    try {
      return make().map((run) => ({ kind, run }))
    } catch (cause) {
      throw new KustomizeError('PLUGIN_INVALID', `trouble configuring builtin ${kind}`, { cause })
    }
  })
}

function labelTransformers(
  { labels = [], commonLabels = new Map<string, string>() }: Kustomization,
  config: TransformerConfig,
): readonly Transformer[] {
  if (labels.length === 0 && commonLabels.size === 0) return []
  const transformers = labels.map((label) =>
    entriesTransformer(label.pairs ?? new Map(), labelSpecs(label, config)),
  )
  return [...transformers, entriesTransformer(commonLabels, config.commonLabels)]
}

/** Where a label of the newer field goes. */
function labelSpecs(label: Label, config: TransformerConfig): readonly FieldSpec[] {
  let specs = addSpecs(label.fields ?? [], config.labels)
  if (label.includeSelectors) return addSpecs(specs, config.commonLabels)
  if (label.includeTemplates) specs = addSpecs(specs, config.templateLabels)
  if (label.includeVolumeClaimTemplates) specs = addSpecs(specs, config.volumeClaimTemplateLabels)
  return addSpecs(specs, [{ path: 'metadata/labels', create: true }])
}

function addSpecs(to: readonly FieldSpec[], more: readonly FieldSpec[]): readonly FieldSpec[] {
  return mergeFieldSpecs(to, more, 'labels')
}

function inNamespace(chart: HelmChart, namespace: string): HelmChart {
  return chart.namespace || namespace === '' ? chart : { ...chart, namespace }
}

/** Options of all generators hold where a generator has none of its own. */
function withOptions(args: GeneratorArgs, global: GeneratorOptions | undefined): GeneratorArgs {
  if (!global) return args
  const own = args.options ?? {}
  return {
    ...args,
    options: {
      labels: new Map([...(global.labels ?? []), ...(own.labels ?? [])]),
      annotations: new Map([...(global.annotations ?? []), ...(own.annotations ?? [])]),
      disableNameSuffixHash: (own.disableNameSuffixHash ?? false) || (global.disableNameSuffixHash ?? false),
      immutable: (own.immutable ?? false) || (global.immutable ?? false),
    },
  }
}

import { mergeFieldSpecs, type TransformerConfig } from '../config/transformer-config.ts'
import { during } from '../errors.ts'
import { generateConfigMap, generateSecret } from '../generate/data-objects.ts'
import { chartGenerator } from '../generate/helm.ts'
import type {
  GeneratorArgs,
  GeneratorOptions,
  HelmChart,
  Kustomization,
  Label,
  Replacement,
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
import { configuredBy } from './plugin-config.ts'
import { type Generator, helmContext, type PluginContext } from './plugins.ts'

/** A generator or transformer, and the kind of plugin that it is. */
export type BuiltIn<T> = { readonly kind: string; readonly run: T }

/**
 * The generators of a kustomization's fields, in the order in which they run.
 *
 * @throws {KustomizeError} when one is configured wrongly, with its configuration.
 */
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
    ...helmCharts.map((it) => {
      const kind = 'HelmChartInflationGenerator'
      const chart = inNamespace(it, kustomization.namespace || helmNamespace)
      const config = () => ({ ...helmGlobals, ...chart })
      return {
        kind,
        run: configuredBy(kind, config, () => chartGenerator(chart, helmGlobals, helmContext(context))),
      }
    }),
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
  return [
    ...configured(
      'PatchStrategicMergeTransformer',
      patchesStrategicMerge.length > 0 ? [{ paths: patchesStrategicMerge }] : [],
      (it) => strategicMergeTransformer(it, patching),
    ),
    ...configured('PatchTransformer', patches, (it, text) => patchTransformer(it, patching, text)),
    ...ofKind('NamespaceTransformer', namespace !== '', () => [
      namespaceTransformer({ namespace, fieldSpecs: config.namespace }),
    ]),
    ...ofKind('PrefixTransformer', namePrefix !== '', () => [
      prefixTransformer(namePrefix, config.namePrefix),
    ]),
    ...ofKind('SuffixTransformer', nameSuffix !== '', () => [
      suffixTransformer(nameSuffix, config.nameSuffix),
    ]),
    ...ofKind('LabelTransformer', true, () => labelTransformers(kustomization, config)),
    ...ofKind('AnnotationsTransformer', commonAnnotations.size > 0, () => [
      entriesTransformer(commonAnnotations, config.commonAnnotations),
    ]),
    ...configured(
      'PatchJson6902Transformer',
      patchesJson6902.map(({ target, path, patch }) => ({ target, path, jsonOp: patch })),
      (it) => jsonPatchTransformer(it, loader),
    ),
    ...ofKind('ReplicaCountTransformer', true, () =>
      replicas.map((it) => replicaTransformer(it, config.replicas)),
    ),
    ...ofKind('ImageTagTransformer', true, () => images.map((it) => imageTransformer(it, config.images))),
    ...configured(
      'ReplacementTransformer',
      replacements.length > 0 ? [{ Replacements: replacements.map(withSelect) }] : [],
      () => replacementTransformer(replacements, loader),
    ),
  ]
}

function ofKind(
  kind: string,
  wanted: boolean,
  make: () => readonly Transformer[],
): readonly BuiltIn<Transformer>[] {
  return wanted ? make().map((run) => ({ kind, run })) : []
}

/** Makes a transformer of its configuration, also given as text. */
type PluginMaker<T> = (config: T, text: () => string) => Transformer

/** Transformers whose configuration may be wrong. */
function configured<T extends object>(
  kind: string,
  configs: readonly T[],
  make: PluginMaker<T>,
): readonly BuiltIn<Transformer>[] {
  return configs.map((config) => {
    const run = configuredBy(
      kind,
      () => config,
      (text) => make(config, text),
    )
    return { kind, run }
  })
}

/** What a target selects is written even when it is missing. */
function withSelect(replacement: Replacement): object {
  const { targets } = replacement
  return targets ? { ...replacement, targets: targets.map((it) => ({ select: null, ...it })) } : replacement
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
  const { templateLabels, volumeClaimTemplateLabels } = config
  let specs = addSpecs(label.fields ?? [], config.labels, 'labels')
  if (label.includeSelectors) return addSpecs(specs, config.commonLabels, 'labels')
  if (label.includeTemplates) specs = addSpecs(specs, templateLabels, 'template fieldSpec')
  if (label.includeVolumeClaimTemplates) {
    specs = addSpecs(specs, volumeClaimTemplateLabels, 'volumeClaimTemplate fieldSpec')
  }
  return addSpecs(specs, [{ path: 'metadata/labels', create: true }], 'labels')
}

function addSpecs(to: readonly FieldSpec[], more: readonly FieldSpec[], what: string): readonly FieldSpec[] {
  return during(`failed to merge ${what}`, () => mergeFieldSpecs(to, more))
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

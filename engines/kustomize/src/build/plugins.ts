import { parsePlain, printCanonical } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { generateConfigMap, generateSecret } from '../generate/data-objects.ts'
import { inflateChart } from '../generate/helm.ts'
import { generateIamPolicy, type IamPolicyArgs } from '../generate/iam-policy.ts'
import { type Decoded, decodeObject, type Shape } from '../kustomization/decode.ts'
import {
  configMapFields,
  fieldSpecFields,
  helmChartFields,
  helmGlobalsFields,
  imageFields,
  patchFields,
  replacementFields,
  replicaFields,
  secretFields,
  selectorFields,
} from '../kustomization/shapes.ts'
import type {
  GeneratorArgs,
  HelmChart,
  HelmGlobals,
  Image,
  Patch,
  Replacement,
  Replica,
} from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import type { FieldSpec } from '../nodes/field-spec.ts'
import { formatId } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { hashTransformer } from '../transform/hash.ts'
import { imageTransformer } from '../transform/images.ts'
import { jsonPatchTransformer } from '../transform/json-patches.ts'
import { entriesTransformer } from '../transform/labels.ts'
import { prefixTransformer, suffixTransformer } from '../transform/names.ts'
import { namespaceTransformer, type SubjectMode } from '../transform/namespace.ts'
import { patchTransformer, strategicMergeTransformer } from '../transform/patches.ts'
import { replacementTransformer } from '../transform/replacements.ts'
import { replicaTransformer } from '../transform/replicas.ts'
import type { Transformer } from '../transform/transformer.ts'
import { type ValueTarget, valueAddTransformer } from '../transform/value-add.ts'
import type { BuildContext } from './context.ts'

/** Makes resources. */
export type Generator = () => readonly Resource[]

/** What a plugin is configured with. */
export type PluginContext = { readonly loader: Loader; readonly build: BuildContext }

type Fields = Readonly<Record<string, Shape>>
type Read = (fields: Fields) => Decoded

const specs: Shape = { list: { fields: fieldSpecFields } }
const metadata: Shape = { fields: { name: 'string', namespace: 'string' } }
const stringMap: Shape = { map: 'string' }
const strings: Shape = { list: 'string' }

type WithMetadata = { readonly metadata?: { readonly name?: string; readonly namespace?: string } }
type WithSpecs = { readonly fieldSpecs?: readonly FieldSpec[] }

/** The generator that a resource configures. @throws {KustomizeError} when there is none of its kind. */
export function generatorOf(resource: Resource, context: PluginContext): Generator {
  const make = generators.get(expectBuiltIn(resource))
  if (make) return configured(resource, () => make(readerOf(resource), context))
  const problem = transformers.has(resource.kind) ? 'not a generator' : 'unable to load builtin'
  throw new KustomizeError('PLUGIN_INVALID', `plugin ${formatId(resource.id)}: ${problem}`)
}

/** The transformer that a resource configures. @throws {KustomizeError} when there is none of its kind. */
export function transformerOf(resource: Resource, context: PluginContext): Transformer {
  const make = transformers.get(expectBuiltIn(resource))
  if (make) return configured(resource, () => make(readerOf(resource), context))
  const problem = generators.has(resource.kind) ? 'not a transformer' : 'unable to load builtin'
  throw new KustomizeError('PLUGIN_INVALID', `plugin ${formatId(resource.id)}: ${problem}`)
}

const generators = new Map<string, (read: Read, context: PluginContext) => Generator>([
  [
    'ConfigMapGenerator',
    (read, { loader }) => dataGenerator(read, configMapFields, (it) => generateConfigMap(it, loader)),
  ],
  [
    'SecretGenerator',
    (read, { loader }) => dataGenerator(read, secretFields, (it) => generateSecret(it, loader)),
  ],
  [
    'IAMPolicyGenerator',
    (read) => {
      const args = read({
        cloud: 'exactString',
        kubernetesService: { fields: { name: 'exactString', namespace: 'exactString' } },
        serviceAccount: { fields: { name: 'exactString', projectId: 'exactString' } },
      }) as IamPolicyArgs
      return () => [generateIamPolicy(args)]
    },
  ],
  [
    'HelmChartInflationGenerator',
    (read, context) => {
      const chart = read({ ...helmGlobalsFields, ...helmChartFields }) as HelmChart & HelmGlobals
      return () => inflateChart(chart, chart, helmContext(context))
    },
  ],
])

const transformers = new Map<string, (read: Read, context: PluginContext) => Transformer>([
  [
    'AnnotationsTransformer',
    (read) => {
      const { annotations, fieldSpecs } = read({
        annotations: stringMap,
        fieldSpecs: specs,
      }) as WithSpecs & { readonly annotations?: ReadonlyMap<string, string> }
      return entriesTransformer(annotations ?? new Map(), fieldSpecs ?? [])
    },
  ],
  [
    'LabelTransformer',
    (read) => {
      const { labels, fieldSpecs } = read({
        labels: stringMap,
        fieldSpecs: specs,
      }) as WithSpecs & { readonly labels?: ReadonlyMap<string, string> }
      return entriesTransformer(labels ?? new Map(), fieldSpecs ?? [])
    },
  ],
  ['HashTransformer', () => hashTransformer],
  [
    'ImageTagTransformer',
    (read) => {
      const { imageTag, fieldSpecs } = read({
        imageTag: { fields: imageFields },
        fieldSpecs: specs,
      }) as WithSpecs & { readonly imageTag?: Image }
      return imageTransformer(imageTag ?? {}, fieldSpecs ?? [])
    },
  ],
  ['NamespaceTransformer', namespacePlugin],
  [
    'PatchJson6902Transformer',
    (read, { loader }) => {
      const { jsonOp, ...patch } = read({
        target: { fields: selectorFields },
        path: 'string',
        jsonOp: 'string',
      }) as Patch & { readonly jsonOp?: string }
      return jsonPatchTransformer({ ...patch, ...(jsonOp === undefined ? {} : { patch: jsonOp }) }, loader)
    },
  ],
  [
    'PatchStrategicMergeTransformer',
    (read, { loader, build }) => {
      const { paths, patches } = read({
        paths: strings,
        patches: 'string',
      }) as { readonly paths?: readonly string[]; readonly patches?: string }
      return strategicMergeTransformer(
        { paths: paths ?? [], patches: patches ?? '' },
        { loader, schemas: build.schemas },
      )
    },
  ],
  [
    'PatchTransformer',
    (read, { loader, build }) => patchTransformer(read(patchFields), { loader, schemas: build.schemas }),
  ],
  ['PrefixTransformer', (read) => affixes(read).prefix],
  ['SuffixTransformer', (read) => affixes(read).suffix],
  [
    'PrefixSuffixTransformer',
    (read) => {
      const { prefix, suffix } = affixes(read)
      return (resources) => {
        prefix(resources)
        suffix(resources)
      }
    },
  ],
  [
    'ReplacementTransformer',
    (read, { loader }) => {
      const { replacements } = read({
        replacements: { list: { fields: replacementFields } },
      }) as { readonly replacements?: readonly Replacement[] }
      return replacementTransformer(replacements ?? [], loader)
    },
  ],
  [
    'ReplicaCountTransformer',
    (read) => {
      const { replica, fieldSpecs } = read({
        replica: { fields: replicaFields },
        fieldSpecs: specs,
      }) as WithSpecs & { readonly replica?: Replica }
      return replicaTransformer(replica ?? {}, fieldSpecs ?? [])
    },
  ],
  ['ValueAddTransformer', valueAddPlugin],
])

/** Context for rendering charts. */
export function helmContext({ loader, build }: PluginContext): Parameters<typeof inflateChart>[2] {
  const { helmKubeVersion, helmApiVersions } = build.options
  return {
    loader,
    inflater: build.inflater,
    ...(helmKubeVersion === undefined ? {} : { kubeVersion: helmKubeVersion }),
    ...(helmApiVersions === undefined ? {} : { apiVersions: helmApiVersions }),
  }
}

function dataGenerator(read: Read, fields: Fields, make: (args: GeneratorArgs) => Resource): Generator {
  const { metadata: own = {}, ...args } = read({ ...fields, metadata }) as GeneratorArgs & WithMetadata
  const named = {
    ...args,
    name: args.name || own.name || '',
    namespace: args.namespace || own.namespace || '',
  }
  return () => [make(named)]
}

function namespacePlugin(read: Read): Transformer {
  const config = read({
    metadata,
    fieldSpecs: specs,
    unsetOnly: 'boolean',
    setRoleBindingSubjects: 'string',
  }) as WithSpecs & WithMetadata & { readonly unsetOnly?: boolean; readonly setRoleBindingSubjects?: string }
  const subjects = config.setRoleBindingSubjects || 'defaultOnly'
  if (!isSubjectMode(subjects)) {
    throw new KustomizeError(
      'PLUGIN_INVALID',
      `invalid value "${subjects}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
    )
  }
  return namespaceTransformer({
    namespace: config.metadata?.namespace ?? '',
    fieldSpecs: config.fieldSpecs ?? [],
    unsetOnly: config.unsetOnly ?? false,
    subjects,
  })
}

function isSubjectMode(text: string): text is SubjectMode {
  return text === 'defaultOnly' || text === 'allServiceAccounts' || text === 'none'
}

function valueAddPlugin(read: Read, { loader }: PluginContext): Transformer {
  type Config = {
    readonly value?: string
    readonly targets?: readonly ValueTarget[]
    readonly targetFilePath?: string
  }
  const targetList: Shape = {
    list: {
      fields: { selector: { fields: selectorFields }, fieldPath: 'string', filePathPosition: 'integer' },
    },
  }
  const {
    value = '',
    targets = [],
    targetFilePath = '',
  } = read({
    value: 'string',
    targets: targetList,
    targetFilePath: 'string',
  }) as Config
  const more =
    targetFilePath === ''
      ? {}
      : (decodeObject(
          parsePlain(loader.load(targetFilePath)),
          { targets: targetList },
          { strict: false, converts: true },
        ) as Config)
  const directory = loader.root.slice(loader.root.lastIndexOf('/') + 1)
  return valueAddTransformer(value.trim() || directory, [...targets, ...(more.targets ?? [])])
}

function affixes(read: Read): { prefix: Transformer; suffix: Transformer } {
  const {
    prefix = '',
    suffix = '',
    fieldSpecs,
  } = read({
    prefix: 'string',
    suffix: 'string',
    fieldSpecs: specs,
  }) as WithSpecs & { readonly prefix?: string; readonly suffix?: string }
  if (!fieldSpecs) throw new KustomizeError('PLUGIN_INVALID', 'fieldSpecs is not expected to be nil')
  return { prefix: prefixTransformer(prefix, fieldSpecs), suffix: suffixTransformer(suffix, fieldSpecs) }
}

/** The kind of a built-in plugin. @throws {KustomizeError} for those that would run code. */
function expectBuiltIn(resource: Resource): string {
  const { group, version, kind } = resource.gvk
  if (group === '' && version === 'builtin') return kind
  throw new KustomizeError(
    'NOT_ALLOWED',
    `external plugins disabled; unable to load external plugin '${kind}' of ${formatId(resource.id)}`,
  )
}

/** Reads a resource's fields as kustomize does: through YAML, unknown ones left out. */
function readerOf(resource: Resource): Read {
  const value = parsePlain(printCanonical(resource.node))
  return (fields) => decodeObject(value, fields, { strict: false, converts: true })
}

function configured<T>(resource: Resource, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new KustomizeError('PLUGIN_INVALID', `plugin ${formatId(resource.id)} fails configuration`, {
      cause,
    })
  }
}

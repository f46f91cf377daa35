import { parsePlain, printCanonical } from '@sluice/yaml'
import { during, KustomizeError, unmarshaling } from '../errors.ts'
import { generateConfigMap, generateSecret } from '../generate/data-objects.ts'
import { chartGenerator } from '../generate/helm.ts'
import { generateIamPolicy, type IamPolicyArgs } from '../generate/iam-policy.ts'
import { type Decoded, decodeObject, type Shape, type Struct } from '../kustomization/decode.ts'
import {
  configMapArgs,
  fieldSpec,
  helmChart,
  helmGlobals,
  image,
  patch,
  replacementField,
  replica as replicaStruct,
  secretArgs,
  selector,
  structOf,
} from '../kustomization/shapes.ts'
import type {
  GeneratorArgs,
  HelmChart,
  HelmGlobals,
  Image,
  Replacement,
  Replica,
} from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import type { FieldSpec } from '../nodes/field-spec.ts'
import { formatGvk, formatId } from '../resource/res-id.ts'
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
type Read = (fields: Fields, embedded?: readonly Struct[]) => Decoded

const specs: Shape = { list: fieldSpec }
const metadata: Shape = structOf('ObjectMeta', { name: 'string', namespace: 'string' })
const stringMap: Shape = { map: 'string' }
const strings: Shape = { list: 'string' }

type WithMetadata = { readonly metadata?: { readonly name?: string; readonly namespace?: string } }
type WithSpecs = { readonly fieldSpecs?: readonly FieldSpec[] }

/**
 * The generator that a resource configures.
 *
 * @throws {KustomizeError} when its configuration is wrong, or there is none of its kind.
 */
export function generatorOf(resource: Resource, context: PluginContext): Generator {
  const made = pluginOf(resource, context)
  if (made.generator) return made.generator
  throw new KustomizeError('PLUGIN_INVALID', `plugin ${formatId(resource.originalId)} not a generator`)
}

/** As {@link generatorOf}, for a transformer. */
export function transformerOf(resource: Resource, context: PluginContext): Transformer {
  const made = pluginOf(resource, context)
  if (made.transformer) return made.transformer
  throw new KustomizeError('PLUGIN_INVALID', `plugin ${formatId(resource.originalId)} not a transformer`)
}

type Plugin = { readonly generator?: Generator; readonly transformer?: Transformer }

function pluginOf(resource: Resource, context: PluginContext): Plugin {
  const kind = expectBuiltIn(resource)
  const makeGenerator = generators.get(kind)
  const makeTransformer = transformers.get(kind)
  const config = printCanonical(resource.node)
  const read = readerOf(config, `${kind}Plugin`)
  return during(`plugin ${formatId(resource.originalId)} fails configuration`, () => {
    if (makeGenerator) return { generator: makeGenerator(read, context) }
    if (makeTransformer) return { transformer: makeTransformer(read, context, config) }
    return {}
  })
}

const generators = new Map<string, (read: Read, context: PluginContext) => Generator>([
  [
    'ConfigMapGenerator',
    (read, { loader }) => dataGenerator(read, configMapArgs, (it) => generateConfigMap(it, loader)),
  ],
  [
    'SecretGenerator',
    (read, { loader }) => dataGenerator(read, secretArgs, (it) => generateSecret(it, loader)),
  ],
  [
    'IAMPolicyGenerator',
    (read) => {
      const args = read({
        cloud: 'exactString',
        kubernetesService: structOf('KubernetesService', { name: 'exactString', namespace: 'exactString' }),
        serviceAccount: structOf('ServiceAccount', { name: 'exactString', projectId: 'exactString' }),
      }) as IamPolicyArgs
      return () => [generateIamPolicy(args)]
    },
  ],
  [
    'HelmChartInflationGenerator',
    (read, context) => {
      const chart = read({}, [helmGlobals, helmChart]) as HelmChart & HelmGlobals
      return chartGenerator(chart, chart, helmContext(context))
    },
  ],
])

type MakeTransformer = (read: Read, context: PluginContext, config: string) => Transformer

const transformers = new Map<string, MakeTransformer>([
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
        imageTag: image,
        fieldSpecs: specs,
      }) as WithSpecs & { readonly imageTag?: Image }
      return imageTransformer(imageTag ?? {}, fieldSpecs ?? [])
    },
  ],
  ['NamespaceTransformer', namespacePlugin],
  [
    'PatchJson6902Transformer',
    (read, { loader }) => {
      const config = read({ target: selector, path: 'string', jsonOp: 'string' })
      return jsonPatchTransformer(config, loader)
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
    (read, { loader, build }, config) =>
      patchTransformer(read(patch.fields), { loader, schemas: build.schemas }, () => config),
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
        replacements: { list: replacementField },
      }) as { readonly replacements?: readonly Replacement[] }
      return replacementTransformer(replacements ?? [], loader)
    },
  ],
  [
    'ReplicaCountTransformer',
    (read) => {
      const { replica, fieldSpecs } = read({
        replica: replicaStruct,
        fieldSpecs: specs,
      }) as WithSpecs & { readonly replica?: Replica }
      return replicaTransformer(replica ?? {}, fieldSpecs ?? [])
    },
  ],
  ['ValueAddTransformer', valueAddPlugin],
])

/** Context for rendering charts. */
export function helmContext({ loader, build }: PluginContext): Parameters<typeof chartGenerator>[2] {
  const { helmKubeVersion, helmApiVersions } = build.options
  return {
    loader,
    inflater: build.inflater,
    ...(helmKubeVersion === undefined ? {} : { kubeVersion: helmKubeVersion }),
    ...(helmApiVersions === undefined ? {} : { apiVersions: helmApiVersions }),
  }
}

function dataGenerator(read: Read, args: Struct, make: (args: GeneratorArgs) => Resource): Generator {
  const { metadata: own = {}, ...given } = read({ metadata }, [args]) as GeneratorArgs & WithMetadata
  const named = {
    ...given,
    name: given.name || own.name || '',
    namespace: given.namespace || own.namespace || '',
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
      ...structOf('Target', { selector, fieldPath: 'string', filePathPosition: 'int' }),
      goPackage: 'builtins',
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
      : (readerOf(loader.load(targetFilePath), '')({ targets: targetList }) as Config)
  const directory = loader.place.slice(loader.place.lastIndexOf('/') + 1)
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

/** The kind of a built-in plugin. @throws {KustomizeError} for those that would run code, and unknown ones. */
function expectBuiltIn(resource: Resource): string {
  const { group, version, kind } = resource.gvk
  if (group !== '' || version !== 'builtin') {
    const original = resource.originalId.kind
    throw new KustomizeError(
      'NOT_ALLOWED',
      `external plugins disabled; unable to load external plugin '${original}'`,
    )
  }
  if (generators.has(kind) || transformers.has(kind)) return kind
  throw new KustomizeError('PLUGIN_INVALID', `unable to load builtin ${formatGvk(resource.gvk)}`)
}

/** Reads a resource's fields as kustomize does: through YAML, unknown ones left out. */
function readerOf(config: string, struct: string): Read {
  const value = parsePlain(config)
  return (fields, embedded) =>
    unmarshaling(() =>
      decodeObject(
        value,
        { ...structOf(struct, fields, embedded), goPackage: 'builtins' },
        { strict: false, converts: true },
      ),
    )
}

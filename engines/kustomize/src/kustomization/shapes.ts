import type { Shape, Struct } from './decode.ts'

type Fields = Readonly<Record<string, Shape>>

const strings: Shape = { list: 'string' }
const exactStrings: Shape = { list: 'exactString' }
const stringMap: Shape = { map: 'string' }

/**
 * A struct of kustomize's, by its name.
 *
 * @param embedded structs that stand in it without a field name of their own
 */
export function structOf(name: string, own: Fields, embedded: readonly Struct[] = []): Struct {
  const within: Record<string, string> = {}
  for (const it of embedded) {
    for (const field of Object.keys(it.fields)) {
      const deeper = it.within?.[field]
      within[field] = deeper === undefined ? it.struct : `${it.struct}.${deeper}`
    }
  }
  const fields = Object.assign({}, ...embedded.map((it) => it.fields), own) as Fields
  return { struct: name, fields, within }
}

const gvk = structOf('Gvk', { group: 'exactString', version: 'exactString', kind: 'exactString' })

const resId = structOf('ResId', { name: 'exactString', namespace: 'exactString' }, [gvk])

export const fieldSpec: Struct = structOf('FieldSpec', { path: 'string', create: 'boolean' }, [gvk])

export const selector: Struct = structOf(
  'Selector',
  { annotationSelector: 'string', labelSelector: 'string' },
  [resId],
)

export const patch: Struct = structOf('Patch', {
  path: 'string',
  patch: 'string',
  target: selector,
  options: structOf('PatchArgs', { allowNameChange: 'boolean', allowKindChange: 'boolean' }),
})

const generatorOptions = structOf('GeneratorOptions', {
  labels: stringMap,
  annotations: stringMap,
  disableNameSuffixHash: 'boolean',
  immutable: 'boolean',
})

const keyValueSources = structOf('KvPairSources', {
  literals: exactStrings,
  files: exactStrings,
  envs: exactStrings,
  env: 'exactString',
})

const generatorArgs = structOf(
  'GeneratorArgs',
  {
    name: 'exactString',
    namespace: 'exactString',
    behavior: 'exactString',
    options: generatorOptions,
  },
  [keyValueSources],
)

export const configMapArgs: Struct = structOf('ConfigMapArgs', {}, [generatorArgs])

export const secretArgs: Struct = structOf('SecretArgs', { type: 'exactString' }, [generatorArgs])

export const image: Struct = structOf('Image', {
  name: 'string',
  newName: 'string',
  tagSuffix: 'string',
  newTag: 'string',
  digest: 'string',
})

export const replica: Struct = structOf('Replica', { name: 'string', count: 'int64' })

const fieldOptions = structOf('FieldOptions', {
  delimiter: 'string',
  index: 'int',
  encoding: 'string',
  create: 'boolean',
})

export const replacement: Struct = structOf('Replacement', {
  source: structOf('SourceSelector', { fieldPath: 'string', options: fieldOptions }, [resId]),
  sourceValue: 'string',
  targets: {
    list: structOf('TargetSelector', {
      select: selector,
      reject: { list: selector, ofPointers: true },
      fieldPaths: strings,
      options: fieldOptions,
    }),
    ofPointers: true,
  },
})

export const replacementField: Struct = structOf('ReplacementField', { path: 'string' }, [replacement])

const variable = structOf('Var', {
  name: 'string',
  objref: structOf('Target', { apiVersion: 'string', name: 'string', namespace: 'string' }, [gvk]),
  fieldref: structOf('FieldSelector', { fieldPath: 'string' }),
})

const sortOptions = structOf('SortOptions', {
  order: { text: 'SortOrder' },
  legacySortOptions: structOf('LegacySortOptions', { orderFirst: strings, orderLast: strings }),
})

export const helmGlobals: Struct = structOf('HelmGlobals', { chartHome: 'string', configHome: 'string' })

export const helmChart: Struct = structOf('HelmChart', {
  name: 'string',
  version: 'string',
  repo: 'string',
  releaseName: 'string',
  namespace: 'string',
  additionalValuesFiles: strings,
  valuesFile: 'string',
  valuesInline: { map: 'any' },
  valuesMerge: 'string',
  includeCRDs: 'boolean',
  skipHooks: 'boolean',
  apiVersions: strings,
  kubeVersion: 'string',
  nameTemplate: 'string',
  skipTests: 'boolean',
  debug: 'boolean',
  devel: 'boolean',
})

const helmChartArgs = structOf('HelmChartArgs', {
  chartName: 'string',
  chartVersion: 'string',
  chartRepoUrl: 'string',
  chartHome: 'string',
  chartRepoName: 'string',
  helmBin: 'string',
  helmHome: 'string',
  values: 'string',
  valuesLocal: { map: 'any' },
  valuesMerge: 'string',
  releaseName: 'string',
  releaseNamespace: 'string',
  extraArgs: strings,
})

const label = structOf('Label', {
  pairs: stringMap,
  includeSelectors: 'boolean',
  includeTemplates: 'boolean',
  includeVolumeClaimTemplates: 'boolean',
  fields: { list: fieldSpec },
})

const objectMeta = structOf('ObjectMeta', {
  name: 'string',
  namespace: 'string',
  labels: stringMap,
  annotations: stringMap,
})

/** Every field of a kustomization or component file, the old ones included. */
export const kustomizationStruct: Struct = structOf(
  'Kustomization',
  {
    metadata: objectMeta,
    openapi: stringMap,
    namePrefix: 'string',
    nameSuffix: 'string',
    namespace: 'string',
    commonLabels: stringMap,
    labels: { list: label },
    commonAnnotations: stringMap,
    patchesStrategicMerge: { list: { text: 'PatchStrategicMerge' } },
    patchesJson6902: { list: patch },
    patches: { list: patch },
    images: { list: image },
    imageTags: { list: image },
    replacements: { list: replacementField },
    replicas: { list: replica },
    vars: { list: variable },
    sortOptions,
    resources: strings,
    components: strings,
    crds: strings,
    bases: strings,
    configMapGenerator: { list: configMapArgs },
    secretGenerator: { list: secretArgs },
    helmGlobals,
    helmCharts: { list: helmChart },
    helmChartInflationGenerator: { list: helmChartArgs },
    generatorOptions,
    configurations: strings,
    generators: strings,
    transformers: strings,
    validators: strings,
    buildMetadata: strings,
  },
  [structOf('TypeMeta', { kind: 'string', apiVersion: 'string' })],
)

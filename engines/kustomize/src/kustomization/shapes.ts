import type { Shape } from './decode.ts'

type Fields = Readonly<Record<string, Shape>>

const strings: Shape = { list: 'string' }
const exactStrings: Shape = { list: 'exactString' }
const stringMap: Shape = { map: 'string' }

export const fieldSpecFields: Fields = {
  group: 'exactString',
  version: 'exactString',
  kind: 'exactString',
  path: 'string',
  create: 'boolean',
}

const idFields: Fields = {
  group: 'exactString',
  version: 'exactString',
  kind: 'exactString',
  name: 'exactString',
  namespace: 'exactString',
}

export const selectorFields: Fields = { ...idFields, annotationSelector: 'string', labelSelector: 'string' }

export const patchFields: Fields = {
  path: 'string',
  patch: 'string',
  target: { fields: selectorFields },
  options: { fields: { allowNameChange: 'boolean', allowKindChange: 'boolean' } },
}

const generatorOptionsFields: Fields = {
  labels: stringMap,
  annotations: stringMap,
  disableNameSuffixHash: 'boolean',
  immutable: 'boolean',
}

export const configMapFields: Fields = {
  name: 'exactString',
  namespace: 'exactString',
  behavior: 'exactString',
  literals: exactStrings,
  files: exactStrings,
  envs: exactStrings,
  env: 'exactString',
  options: { fields: generatorOptionsFields },
}

export const secretFields: Fields = { ...configMapFields, type: 'exactString' }

export const imageFields: Fields = {
  name: 'string',
  newName: 'string',
  tagSuffix: 'string',
  newTag: 'string',
  digest: 'string',
}

export const replicaFields: Fields = { name: 'string', count: 'integer' }

const fieldOptionsFields: Fields = {
  delimiter: 'string',
  index: 'integer',
  encoding: 'string',
  create: 'boolean',
}

export const replacementFields: Fields = {
  path: 'string',
  source: { fields: { ...idFields, fieldPath: 'string', options: { fields: fieldOptionsFields } } },
  sourceValue: 'string',
  targets: {
    list: {
      fields: {
        select: { fields: selectorFields },
        reject: { list: { fields: selectorFields } },
        fieldPaths: strings,
        options: { fields: fieldOptionsFields },
      },
    },
  },
}

const variableFields: Fields = {
  name: 'string',
  objref: { fields: { ...idFields, apiVersion: 'string' } },
  fieldref: { fields: { fieldPath: 'string' } },
}

export const sortOptionsFields: Fields = {
  order: 'string',
  legacySortOptions: { fields: { orderFirst: strings, orderLast: strings } },
}

export const helmGlobalsFields: Fields = { chartHome: 'string', configHome: 'string' }

export const helmChartFields: Fields = {
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
}

const helmChartArgsFields: Fields = {
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
}

const labelFields: Fields = {
  pairs: stringMap,
  includeSelectors: 'boolean',
  includeTemplates: 'boolean',
  includeVolumeClaimTemplates: 'boolean',
  fields: { list: { fields: fieldSpecFields } },
}

/** Every field of a kustomization or component file, the old ones included. */
export const kustomizationFields: Fields = {
  kind: 'string',
  apiVersion: 'string',
  metadata: {
    fields: { name: 'string', namespace: 'string', labels: stringMap, annotations: stringMap },
  },
  openapi: stringMap,
  namePrefix: 'string',
  nameSuffix: 'string',
  namespace: 'string',
  commonLabels: stringMap,
  labels: { list: { fields: labelFields } },
  commonAnnotations: stringMap,
  patchesStrategicMerge: strings,
  patchesJson6902: { list: { fields: patchFields } },
  patches: { list: { fields: patchFields } },
  images: { list: { fields: imageFields } },
  imageTags: { list: { fields: imageFields } },
  replacements: { list: { fields: replacementFields } },
  replicas: { list: { fields: replicaFields } },
  vars: { list: { fields: variableFields } },
  sortOptions: { fields: sortOptionsFields },
  resources: strings,
  components: strings,
  crds: strings,
  bases: strings,
  configMapGenerator: { list: { fields: configMapFields } },
  secretGenerator: { list: { fields: secretFields } },
  helmGlobals: { fields: helmGlobalsFields },
  helmCharts: { list: { fields: helmChartFields } },
  helmChartInflationGenerator: { list: { fields: helmChartArgsFields } },
  generatorOptions: { fields: generatorOptionsFields },
  configurations: strings,
  generators: strings,
  transformers: strings,
  validators: strings,
  buildMetadata: strings,
}

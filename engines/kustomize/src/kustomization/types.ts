import type { FieldSpec } from '../nodes/field-spec.ts'

/** Selects resources; patterns are Go's regular expressions for the whole text, empty ones match all. */
export type Selector = {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly annotationSelector?: string
  readonly labelSelector?: string
}

export type Patch = {
  readonly path?: string
  readonly patch?: string
  readonly target?: Selector
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean }
}

export type Label = {
  readonly pairs?: ReadonlyMap<string, string>
  readonly includeSelectors?: boolean
  readonly includeTemplates?: boolean
  readonly includeVolumeClaimTemplates?: boolean
  readonly fields?: readonly FieldSpec[]
}

export type GeneratorOptions = {
  readonly labels?: ReadonlyMap<string, string>
  readonly annotations?: ReadonlyMap<string, string>
  readonly disableNameSuffixHash?: boolean
  readonly immutable?: boolean
}

/** A ConfigMap or Secret to be made; `type` is of Secrets. */
export type GeneratorArgs = {
  readonly name?: string
  readonly namespace?: string
  readonly behavior?: string
  readonly literals?: readonly string[]
  readonly files?: readonly string[]
  readonly envs?: readonly string[]
  readonly env?: string
  readonly options?: GeneratorOptions
  readonly type?: string
}

export type Image = {
  readonly name?: string
  readonly newName?: string
  readonly tagSuffix?: string
  readonly newTag?: string
  readonly digest?: string
}

export type Replica = { readonly name?: string; readonly count?: number }

export type FieldOptions = {
  readonly delimiter?: string
  readonly index?: number
  readonly encoding?: string
  readonly create?: boolean
}

export type ReplacementSource = {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly fieldPath?: string
  readonly options?: FieldOptions
}

export type ReplacementTarget = {
  readonly select?: Selector
  readonly reject?: readonly Selector[]
  readonly fieldPaths?: readonly string[]
  readonly options?: FieldOptions
}

export type Replacement = {
  readonly path?: string
  readonly source?: ReplacementSource
  readonly sourceValue?: string
  readonly targets?: readonly ReplacementTarget[]
}

export type Variable = {
  readonly name?: string
  readonly objref?: {
    readonly apiVersion?: string
    readonly group?: string
    readonly version?: string
    readonly kind?: string
    readonly name?: string
    readonly namespace?: string
  }
  readonly fieldref?: { readonly fieldPath?: string }
}

export type SortOptions = {
  readonly order?: string
  readonly legacySortOptions?: {
    readonly orderFirst?: readonly string[]
    readonly orderLast?: readonly string[]
  }
}

export type HelmChart = {
  readonly name?: string
  readonly version?: string
  readonly repo?: string
  readonly releaseName?: string
  readonly namespace?: string
  readonly additionalValuesFiles?: readonly string[]
  readonly valuesFile?: string
  readonly valuesInline?: ReadonlyMap<string, unknown>
  readonly valuesMerge?: string
  readonly includeCRDs?: boolean
  readonly skipHooks?: boolean
  readonly apiVersions?: readonly string[]
  readonly kubeVersion?: string
  readonly nameTemplate?: string
  readonly skipTests?: boolean
  readonly debug?: boolean
  readonly devel?: boolean
}

export type HelmGlobals = { readonly chartHome?: string; readonly configHome?: string }

/** The older form of {@link HelmChart}. */
export type HelmChartArgs = {
  readonly chartName?: string
  readonly chartVersion?: string
  readonly chartRepoUrl?: string
  readonly chartHome?: string
  readonly helmHome?: string
  readonly values?: string
  readonly valuesLocal?: ReadonlyMap<string, unknown>
  readonly valuesMerge?: string
  readonly releaseName?: string
}

/** A kustomization or component file, its old fields mended. */
export type Kustomization = {
  readonly kind: string
  readonly apiVersion: string
  readonly openapi?: ReadonlyMap<string, string>
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly namespace?: string
  readonly commonLabels?: ReadonlyMap<string, string>
  readonly labels?: readonly Label[]
  readonly commonAnnotations?: ReadonlyMap<string, string>
  readonly patchesStrategicMerge?: readonly string[]
  readonly patchesJson6902?: readonly Patch[]
  readonly patches?: readonly Patch[]
  readonly images?: readonly Image[]
  readonly replacements?: readonly Replacement[]
  readonly replicas?: readonly Replica[]
  readonly vars?: readonly Variable[]
  readonly sortOptions?: SortOptions
  readonly resources?: readonly string[]
  readonly components?: readonly string[]
  readonly crds?: readonly string[]
  readonly configMapGenerator?: readonly GeneratorArgs[]
  readonly secretGenerator?: readonly GeneratorArgs[]
  readonly helmGlobals?: HelmGlobals
  readonly helmCharts?: readonly HelmChart[]
  readonly generatorOptions?: GeneratorOptions
  readonly configurations?: readonly string[]
  readonly generators?: readonly string[]
  readonly transformers?: readonly string[]
  readonly validators?: readonly string[]
  readonly buildMetadata?: readonly string[]
}

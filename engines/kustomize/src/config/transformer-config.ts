import { during, KustomizeError } from '../errors.ts'
import { transformerConfigJson } from '../generated/transformer-config.ts'
import type { FieldSpec } from '../nodes/field-spec.ts'
import { compareGvks } from '../resource/gvk-order.ts'
import { type GvkSelector, isSelected } from '../resource/res-id.ts'

/** Fields that hold the name of a resource of some kinds. */
export type NameReference = GvkSelector & { readonly fieldSpecs: readonly FieldSpec[] }

/** Lists of fields in a configuration, besides the name references. */
export const fieldLists = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'volumeClaimTemplateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
] as const

export type FieldList = (typeof fieldLists)[number]

/** Which fields the built-in transformers change. */
export type TransformerConfig = Readonly<Record<FieldList, readonly FieldSpec[]>> & {
  readonly nameReference: readonly NameReference[]
}

export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  volumeClaimTemplateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
}

let builtIn: TransformerConfig | undefined

/** The configuration that kustomize has built in. */
export function builtInConfig(): TransformerConfig {
  if (!builtIn) {
    const parsed: Partial<TransformerConfig> = JSON.parse(transformerConfigJson)
    builtIn = mergeConfigs(emptyConfig, { ...emptyConfig, ...parsed })
  }
  return builtIn
}

/** Adds what `more` has and `config` has not. @throws {KustomizeError} when they differ in what is created. */
export function mergeConfigs(config: TransformerConfig, more: TransformerConfig): TransformerConfig {
  if (config === more || more === emptyConfig || (config === emptyConfig && more === builtIn)) {
    return more === emptyConfig ? config : more
  }
  const merged: Partial<Record<FieldList, readonly FieldSpec[]>> = {}
  for (const list of fieldLists) {
    merged[list] = during(`failed to merge ${listName(list)} fieldSpec`, () =>
      sorted(mergeFieldSpecs(config[list], more[list])),
    )
  }
  const nameReference = during('failed to merge NameReference fieldSpec', () =>
    sorted(more.nameReference.reduce(addNameReference, config.nameReference)),
  )
  return { ...emptyConfig, ...merged, nameReference }
}

/** Adds specs of fields that `specs` has not. @throws {KustomizeError} when they differ in what is created. */
export function mergeFieldSpecs(
  specs: readonly FieldSpec[],
  more: readonly FieldSpec[],
): readonly FieldSpec[] {
  if (more.length === 0) return specs
  const merged = [...specs]
  for (const spec of more) {
    const same = merged.find((it) => it.path === spec.path && covers(it, spec))
    if (!same) merged.push(spec)
    else if ((same.create ?? false) !== (spec.create ?? false)) {
      throw new KustomizeError('PLUGIN_INVALID', 'conflicting fieldspecs')
    }
  }
  return merged
}

/** How messages call a list: by the name of kustomize's Go field. */
function listName(list: FieldList): string {
  return list === 'namespace' ? 'NameSpace' : `${list.charAt(0).toUpperCase()}${list.slice(1)}`
}

/** Adds fields that refer to a kind. */
export function addNameReference(
  references: readonly NameReference[],
  more: NameReference,
): readonly NameReference[] {
  const at = references.findIndex((it) => sameKind(it, more))
  if (at < 0) return [...references, more]
  return references.map((it) =>
    sameKind(it, more) ? { ...it, fieldSpecs: mergeFieldSpecs(it.fieldSpecs, more.fieldSpecs) } : it,
  )
}

/** Sorts as kustomize sorts a configuration file after reading it. */
export function sortConfig(config: TransformerConfig): TransformerConfig {
  const lists = fieldLists.map((list) => [list, sorted(config[list])] as const)
  return { ...config, ...Object.fromEntries(lists), nameReference: sorted(config.nameReference) }
}

function covers(spec: FieldSpec, other: FieldSpec): boolean {
  const { group = '', version = '', kind = '' } = spec
  return isSelected({ group, version, kind }, other)
}

function sameKind(a: GvkSelector, b: GvkSelector): boolean {
  return (
    (a.group ?? '') === (b.group ?? '') &&
    (a.version ?? '') === (b.version ?? '') &&
    (a.kind ?? '') === (b.kind ?? '')
  )
}

function sorted<T extends GvkSelector>(specs: readonly T[]): readonly T[] {
  return specs.toSorted(compareGvks)
}

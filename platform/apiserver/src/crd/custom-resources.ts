import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { type StructuralSchema, structuralSchema } from '@sluice/schema'
import { textAt } from '../kinds/strategy.ts'
import {
  type ApiResource,
  type CustomResource,
  type ScalePaths,
  type Subresource,
  wholeObjectType,
} from '../registry/api-resource.ts'
import { compareVersions } from '../registry/registry.ts'

export const crdPrefix = '/apiextensions.k8s.io/customresourcedefinitions/'

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const subresourceVerbs = ['get', 'patch', 'update']

type Version = {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly schema?: { readonly openAPIV3Schema?: JsonObject }
  readonly subresources?: { readonly status?: JsonObject; readonly scale?: JsonObject }
  readonly additionalPrinterColumns?: readonly JsonObject[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
}

/** Versions of a CRD as they are written in it. */
export function versionsOf(crd: KubeObject): readonly Version[] {
  const { versions } = crd['spec'] as { readonly versions?: readonly Version[] }
  return versions ?? []
}

/** What a CRD makes the server serve: one resource a served version. */
export function resourcesOf(crd: KubeObject): ApiResource[] {
  const versions = versionsOf(crd)
  const group = textAt(crd, 'spec.group')
  const names = acceptedNames(crd)
  const storageVersion = versions.find((it) => it.storage)?.name ?? ''
  const schemas = new Map(
    versions.map((it) => [it.name, structuralSchema(it.schema?.openAPIV3Schema ?? freeSchema)]),
  )
  const types = new Map([...schemas].map(([name, schema]) => [name, wholeObjectType(schema)]))
  return versions
    .filter((it) => it.served)
    .map((version) => ({
      group,
      version: version.name,
      kind: names.kind,
      listKind: names.listKind,
      plural: names.plural,
      singular: names.singular,
      namespaced: textAt(crd, 'spec.scope') === 'Namespaced',
      shortNames: names.shortNames,
      categories: names.categories,
      verbs,
      storageVersionHash: storageVersionHash(group, storageVersion, names.kind),
      storage: { group, plural: names.plural, version: storageVersion },
      subresources: subresourcesOf(version, names.kind),
      type: types.get(version.name) ?? wholeObjectType(structuralSchema(freeSchema)),
      deprecation: deprecationOf(version, versions, `${group}/%s ${names.kind}`),
      custom: customOf(version, { schemas, types, storageVersion }),
    }))
}

const freeSchema: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** @param form how a version of the kind is named */
function deprecationOf(version: Version, versions: readonly Version[], form: string): string | undefined {
  if (!version.deprecated) return undefined
  if (version.deprecationWarning !== undefined) return version.deprecationWarning
  const [better] = versions
    .filter((it) => it.served && !it.deprecated && compareVersions(it.name, version.name) < 0)
    .toSorted((a, b) => compareVersions(a.name, b.name))
  const said = `${form.replace('%s', version.name)} is deprecated`
  return better ? `${said}; use ${form.replace('%s', better.name)}` : said
}

function customOf(
  version: Version,
  {
    schemas,
    types,
    storageVersion,
  }: {
    readonly schemas: ReadonlyMap<string, StructuralSchema>
    readonly types: ReadonlyMap<string, StructuralSchema>
    readonly storageVersion: string
  },
): CustomResource {
  return {
    schema: schemas.get(version.name) ?? structuralSchema(freeSchema),
    storageSchema: schemas.get(storageVersion) ?? structuralSchema(freeSchema),
    hasStatus: version.subresources?.status !== undefined,
    scale: scaleOf(version),
    columns: version.additionalPrinterColumns ?? [],
    selectableFields: (version.selectableFields ?? []).map((it) => it.jsonPath),
    types,
  }
}

function scaleOf({ subresources }: Version): ScalePaths | undefined {
  const { scale } = subresources ?? {}
  if (!scale) return undefined
  return {
    specReplicasPath: text(scale.specReplicasPath),
    statusReplicasPath: text(scale.statusReplicasPath),
    labelSelectorPath: typeof scale.labelSelectorPath === 'string' ? scale.labelSelectorPath : undefined,
  }
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function subresourcesOf({ subresources }: Version, kind: string): Subresource[] {
  const result: Subresource[] = []
  const own = { group: undefined, version: undefined, kind, verbs: subresourceVerbs }
  if (subresources?.status) result.push({ ...own, name: 'status' })
  if (subresources?.scale) {
    result.push({ ...own, name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale' })
  }
  return result
}

type Names = {
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
}

function acceptedNames(crd: KubeObject): Names {
  const { names } = crd['spec'] as { readonly names: Partial<Names> }
  const kind = names.kind ?? ''
  return {
    plural: names.plural ?? '',
    singular: names.singular ?? kind.toLowerCase(),
    kind,
    listKind: names.listKind ?? `${kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
  }
}

/** What discovery shows so that clients notice another storage version. */
function storageVersionHash(group: string, version: string, kind: string): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')
}

import type { JsonObject } from '@sluice/ports'
import { builtinDefinition, StructuralSchema } from '@sluice/schema'

/** Everything that the server knows about a resource in one version. */
export type ApiResource = {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly listKind: string
  readonly plural: string
  readonly singular: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  readonly storageVersionHash: string | undefined
  /** Where its objects are kept; resources of two groups may share objects (events). */
  readonly storage: { readonly group: string; readonly plural: string; readonly version: string }
  readonly subresources: readonly Subresource[]
  /** Schema of the whole object, metadata included. */
  readonly type: StructuralSchema
  /** What clients that use it are told; `undefined` where nothing is to be said. */
  readonly deprecation: string | undefined
  /** Set for custom resources. */
  readonly custom: CustomResource | undefined
}

export type Subresource = {
  readonly name: string
  readonly group: string | undefined
  readonly version: string | undefined
  readonly kind: string
  readonly verbs: readonly string[]
}

/** What a CRD adds to a resource. */
export type CustomResource = {
  /** The schema as the author wrote it. */
  readonly schema: StructuralSchema
  /** The one of the version that is stored. */
  readonly storageSchema: StructuralSchema
  readonly hasStatus: boolean
  readonly scale: ScalePaths | undefined
  readonly columns: readonly JsonObject[]
  readonly selectableFields: readonly string[]
  /** Types of the other versions, by name: managers may have written in them. */
  readonly types: ReadonlyMap<string, StructuralSchema>
}

export type ScalePaths = {
  readonly specReplicasPath: string
  readonly statusReplicasPath: string
  readonly labelSelectorPath: string | undefined
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/** The type of a custom resource's whole object: the author's schema with apiVersion, kind and metadata. */
export function wholeObjectType(schema: StructuralSchema): StructuralSchema {
  const { properties } = schema.source
  return new StructuralSchema(
    {
      ...schema.source,
      properties: {
        ...(properties as JsonObject | undefined),
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { $ref: objectMeta },
      },
    },
    { resolve: builtinDefinition },
  )
}

/** `apps/v1` or `v1`. */
export function groupVersionOf({
  group,
  version,
}: {
  readonly group: string
  readonly version: string
}): string {
  return group === '' ? version : `${group}/${version}`
}

/** Key of an object in the store. */
export function storageKey(resource: ApiResource, namespace: string, name: string): string {
  return `${storagePrefix(resource, namespace)}${resource.namespaced ? '' : '/'}${name}`
}

/** Prefix of the keys of a namespace's objects, or of all when the namespace is empty. */
export function storagePrefix({ storage }: ApiResource, namespace: string): string {
  return `/${storage.group}/${storage.plural}/${namespace === '' ? '' : `${namespace}/`}`
}

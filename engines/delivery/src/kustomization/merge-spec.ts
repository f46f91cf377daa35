import type { JsonObject, JsonValue } from '@sluice/ports'
import type { KustomizationSpec, KustomizeImage, Selector } from '@sluice/toolkit'
import { DeliveryError } from '../delivery-error.ts'
import type { KustomizationFile } from './kustomization-file.ts'

/** What merging needs to know beside the two specifications. */
export type MergeOptions = {
  /** Whether somebody wrote the kustomization. */
  readonly existing: boolean
  /** Whether there is something at a path relative to the kustomization. */
  readonly exists: (path: string) => boolean
}

/** The fields of a specification that are merged into a kustomization. */
export type MergedSpec = Partial<
  Pick<
    KustomizationSpec,
    | 'targetNamespace'
    | 'namePrefix'
    | 'nameSuffix'
    | 'buildMetadata'
    | 'patches'
    | 'components'
    | 'ignoreMissingComponents'
    | 'patchesStrategicMerge'
    | 'patchesJson6902'
    | 'images'
  >
>

/**
 * The kustomization with what the Kustomization's specification adds to it.
 *
 * Source: fluxcd/pkg kustomize generator, Flux 2.9.
 * @throws {DeliveryError} when a component is not a local relative path.
 */
export function mergeSpec(
  file: KustomizationFile,
  spec: MergedSpec,
  { existing, exists }: MergeOptions,
): KustomizationFile {
  const { targetNamespace, namePrefix, nameSuffix, buildMetadata = [] } = spec
  return {
    ...file,
    // Without resources kustomize calls the file empty, although it may have generators; this makes it count.
    ...(existing && listOf(file, 'resources').length === 0 ? { buildMetadata: ['originAnnotations'] } : {}),
    ...(targetNamespace === undefined ? {} : { namespace: targetNamespace }),
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(nameSuffix === undefined ? {} : { nameSuffix }),
    ...append(file, 'patches', patchesOf(spec)),
    ...append(file, 'components', componentsOf(spec, exists)),
    ...append(file, 'patchesStrategicMerge', strategicMergesOf(spec)),
    ...append(file, 'patchesJson6902', jsonPatchesOf(spec)),
    ...mergeImages(file, spec.images ?? []),
    ...(buildMetadata.length > 0 ? { buildMetadata } : {}),
  }
}

function patchesOf({ patches = [] }: MergedSpec): readonly JsonObject[] {
  return patches.map(({ patch, target }) => ({ patch, ...(target ? { target: selector(target) } : {}) }))
}

function componentsOf(
  { components = [], ignoreMissingComponents = false }: MergedSpec,
  exists: (path: string) => boolean,
): readonly string[] {
  for (const component of components) {
    if (isLocal(component)) continue
    throw new DeliveryError('COMPONENT_NOT_LOCAL', `component path '${component}' must be local and relative`)
  }
  return ignoreMissingComponents ? components.filter(exists) : components
}

/** A URL, an absolute path and a Git address have a scheme, a leading slash or a colon in their first part. */
function isLocal(path: string): boolean {
  if (path === '' || path.startsWith('/') || path.includes('://')) return false
  return !(path.split('/')[0] ?? '').includes(':')
}

function strategicMergesOf({ patchesStrategicMerge = [] }: MergedSpec): readonly string[] {
  return patchesStrategicMerge.map((patch) => JSON.stringify(patch))
}

function jsonPatchesOf({ patchesJson6902 = [] }: MergedSpec): readonly JsonObject[] {
  return patchesJson6902.map(({ patch, target }) => ({
    patch: JSON.stringify(patch),
    target: selector(target),
  }))
}

/** A name that the file has already is overridden in its place. */
function mergeImages(file: KustomizationFile, images: readonly KustomizeImage[]): JsonObject {
  if (images.length === 0) return {}
  const merged = [...listOf(file, 'images')] as JsonObject[]
  for (const { name, newName, newTag, digest } of images) {
    const image = {
      name,
      ...(newName === undefined ? {} : { newName }),
      ...(newTag === undefined ? {} : { newTag }),
      ...(digest === undefined ? {} : { digest }),
    }
    const at = merged.findIndex((known) => known['name'] === name)
    if (at < 0) merged.push(image)
    else merged[at] = image
  }
  return { images: merged }
}

function append(file: KustomizationFile, field: string, more: readonly JsonValue[]): JsonObject {
  return more.length === 0 ? {} : { [field]: [...listOf(file, field), ...more] }
}

function listOf(file: KustomizationFile, field: string): readonly JsonValue[] {
  const value = file[field]
  return Array.isArray(value) ? value : []
}

function selector(target: Selector): JsonObject {
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined))
}

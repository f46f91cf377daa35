import { expectResources, readKustomizationFields } from '@sluice/kustomize'
import { errorChain, type FileTree, type JsonObject, joinTreePath } from '@sluice/ports'
import { DeliveryError } from '../delivery-error.ts'

/** File names by which kustomize knows a kustomization, the one that it writes first. */
const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

const apiVersion = 'kustomize.config.k8s.io/v1beta1'

/** A kustomization file's fields. */
export type KustomizationFile = JsonObject

/** Whether a manifest or directory is left out; the path is relative. */
export type LeavesOut = (path: string, isDirectory: boolean) => boolean

/** A kustomization and where it lies or is to lie. */
export type LocatedKustomization = {
  readonly path: string
  readonly file: KustomizationFile
  /** Whether somebody wrote it, rather than that it was made for a directory without one. */
  readonly existing: boolean
}

/** Path of the kustomization file in `directory`, if it has one. */
export function findKustomizationFile(tree: FileTree, directory: string): string | undefined {
  for (const name of names) {
    const path = joinTreePath(directory, name)
    if (tree.stat(path)?.kind === 'file') return path
  }
  return undefined
}

/**
 * The kustomization in `directory`; where there is none, one that lists all manifests below it.
 *
 * Source: fluxcd/pkg kustomize generator, Flux 2.9.
 */
export function kustomizationIn(
  tree: FileTree,
  directory: string,
  leavesOut: LeavesOut = () => false,
): LocatedKustomization {
  const path = findKustomizationFile(tree, directory)
  if (path !== undefined) return { path, file: readKustomizationFile(tree, path), existing: true }
  const resources = listManifests(tree, directory, { leavesOut })
  // An empty kustomization is an error to kustomize, a directory without manifests is none to Flux.
  const content = resources.length > 0 ? { resources } : { namespace: '_placeholder' }
  return {
    path: joinTreePath(directory, names[0]),
    file: { apiVersion, kind: 'Kustomization', ...content },
    existing: false,
  }
}

/**
 * The fields that kustomize knows, of the types that it has for them; others are left out, as Flux does.
 *
 * @throws {DeliveryError} when the file is no kustomization.
 */
export function readKustomizationFile(tree: FileTree, path: string): KustomizationFile {
  try {
    return { apiVersion, kind: 'Kustomization', ...readKustomizationFields(tree.read(path)) }
  } catch (cause) {
    throw new DeliveryError('INVALID_KUSTOMIZATION', errorChain(cause), { cause: undefined })
  }
}

/** Manifests below `directory` as resource paths; a directory with a kustomization of its own counts as one. */
function listManifests(
  tree: FileTree,
  directory: string,
  { leavesOut, prefix = '.' }: { readonly leavesOut: LeavesOut; readonly prefix?: string },
): readonly string[] {
  const found: string[] = []
  for (const name of tree.list(directory)) {
    const path = joinTreePath(directory, name)
    const listed = `${prefix}/${name}`
    const kind = tree.stat(path)?.kind
    if (leavesOut(listed.slice(2), kind === 'directory')) continue
    switch (kind) {
      case 'directory':
        if (findKustomizationFile(tree, path) === undefined) {
          found.push(...listManifests(tree, path, { leavesOut, prefix: listed }))
        } else {
          found.push(listed)
        }
        break
      case 'file':
        if (/\.ya?ml$/.test(name)) found.push(listed)
        break
      case 'link':
      case undefined:
        break
    }
  }
  return found
}

/**
 * Tells which of the manifests that were listed for a directory is none. Flux reads them all before it builds; here that
 * is needed only once a build has failed, since a build reads them too.
 *
 * @param nameOf how errors call a path
 * @throws {DeliveryError} naming the file.
 */
export function expectManifests(
  tree: FileTree,
  { path, file }: LocatedKustomization,
  nameOf: (path: string) => string,
): void {
  const directory = path.slice(0, -names[0].length)
  for (const listed of (file['resources'] ?? []) as readonly string[]) {
    const manifest = joinTreePath(directory, listed)
    if (tree.stat(manifest)?.kind !== 'file') continue
    try {
      expectResources(tree.read(manifest))
    } catch (cause) {
      throw new DeliveryError('BUILD_FAILED', `failed to decode Kubernetes YAML from ${nameOf(manifest)}`, {
        cause,
      })
    }
  }
}

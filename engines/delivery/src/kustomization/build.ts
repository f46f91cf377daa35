import { type BuiltResource, build, type Origin, type RemoteSource } from '@sluice/kustomize'
import { type FileTree, type JsonObject, joinTreePath, type KubeObject, ToolkitError } from '@sluice/ports'
import type { KustomizationSpec } from '@sluice/toolkit'
import { jsonMarshal, printYaml } from '@sluice/yaml'
import { DeliveryError } from '../delivery-error.ts'
import { decryptObject } from './decrypt-object.ts'
import { decryptSources } from './decrypt-sources.ts'
import type { Decrypter } from './decryption.ts'
import { expectManifests, kustomizationIn, type LocatedKustomization } from './kustomization-file.ts'
import { mergeSpec } from './merge-spec.ts'
import { overlayTree } from './overlay-tree.ts'
import { optsOut, substituteObject } from './substitute.ts'

/** What a Kustomization is built from. */
export type KustomizationInput = {
  readonly tree: FileTree
  /** How errors call the root of the tree, such as `/srv/checkout`. Default: paths are relative to it. */
  readonly place?: string
  /** Directory in the tree; it has to exist. */
  readonly directory: string
  readonly spec: KustomizationSpec
  /**
   * The variables for substitution. A source of variables that could not be read throws here, so that the object that
   * would have needed it is named.
   */
  readonly variables?: () => ReadonlyMap<string, string>
  /** Whether a variable without value and default is an error. Default: `true`. */
  readonly strict?: boolean
  /** Needed where the specification asks for decryption. */
  readonly decrypter?: Decrypter
  /** Gives remote bases; they are refused without it. */
  readonly remote?: RemoteSource
  /** Manifests that are left out where a kustomization is made for a directory without one; paths below the directory. */
  readonly leavesOut?: (path: string, isDirectory: boolean) => boolean
  /** Whether the result names the file of each object. Default: `false`. */
  readonly files?: boolean
}

/** The objects in the order of the build, and the YAML stream that they are read from. */
export type BuiltKustomization = {
  readonly objects: readonly KubeObject[]
  readonly yaml: string
  readonly warnings: readonly string[]
  /** The file of each object, as a path in the tree or as `repository//path`; without {@link KustomizationInput.files} all undefined. */
  readonly files: readonly (string | undefined)[]
}

/**
 * Builds what a Kustomization describes: its kustomization, or one made for a directory without, merged with its
 * specification, built, decrypted and with variables replaced.
 *
 * Source: kustomize-controller of Flux 2.9.
 * @throws {DeliveryError} whose chain is the message that Flux shows.
 */
export function buildKustomization(input: KustomizationInput): BuiltKustomization {
  const { tree, directory, spec, decrypter } = input
  const located = kustomizationIn(tree, directory, input.leavesOut)
  const { path, file, existing } = located
  const merged = mergeSpec(file, spec, {
    existing,
    exists: (component) => tree.stat(joinTreePath(directory, component)) !== undefined,
  })
  const manifest = new TextEncoder().encode(printYaml(merged))
  const withManifest = overlayTree(tree, new Map([[path, manifest]]))
  const plain = spec.decryption && decrypter ? decryptAll(withManifest, directory, decrypter) : withManifest
  const { resources, warnings } = runBuild(plain, input, located)
  const finished = resources.map((resource) => finish(resource, input))
  const kept = finished.filter(({ object }) => isDelivered(object))
  return {
    objects: kept.map(({ object }) => object),
    yaml: finished.map(({ yaml }) => yaml).join('---\n'),
    warnings,
    files: kept.map(({ resource: { origin } }) => origin && fileOf(origin, directory)),
  }
}

function decryptAll(tree: FileTree, directory: string, decrypter: Decrypter): FileTree {
  try {
    return overlayTree(tree, decryptSources(tree, directory, decrypter))
  } catch (cause) {
    throw wrapped('DECRYPTION_FAILED', 'error decrypting sources', cause)
  }
}

function runBuild(
  tree: FileTree,
  { directory, remote, files, place }: KustomizationInput,
  located: LocatedKustomization,
) {
  try {
    return build(tree, directory, {
      loadRestrictor: 'none',
      reorder: 'none',
      ...(remote ? { remote } : {}),
      ...(place === undefined ? {} : { place }),
      ...(files ? { origins: true } : {}),
    })
  } catch (cause) {
    if (!located.existing) {
      expectManifests(tree, located, (path) => (place === undefined ? path : `${place}/${path}`))
    }
    throw wrapped('BUILD_FAILED', 'kustomize build failed', cause)
  }
}

function building<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw wrapped('BUILD_FAILED', 'kustomize build failed', cause)
  }
}

type Finished = { readonly object: KubeObject; readonly yaml: string; readonly resource: BuiltResource }

function finish(resource: BuiltResource, input: KustomizationInput): Finished {
  const built = building(() => resource.toObject()) as unknown as KubeObject
  if (resource.name === '' || resource.kind === '' || resource.apiVersion === '') {
    throw new DeliveryError(
      'BUILD_FAILED',
      `failed to decode Kubernetes apiVersion, kind and name from: ${jsonText(built)}`,
    )
  }
  const decrypted = decrypt(built, resource, input)
  const object = substitute(decrypted, resource, input)
  expectKind(object)
  const yaml =
    object === built ? building(() => resource.toYaml()) : printYaml(object as unknown as JsonObject)
  return { object, yaml, resource }
}

/** @throws {DeliveryError} when Kubernetes would find no kind: an apiVersion of three parts has none. */
function expectKind(object: KubeObject): void {
  if (typeof object.kind === 'string' && object.kind !== '' && object.apiVersion.split('/').length < 3) return
  const problem = `Object 'Kind' is missing in '${jsonText(object)}'`
  throw new DeliveryError('BUILD_FAILED', `error unmarshaling JSON: while decoding JSON: ${problem}`)
}

/** Flux leaves out what has no text for a name, and kustomize's own configuration. */
function isDelivered({ apiVersion, kind, metadata }: KubeObject): boolean {
  if (typeof metadata?.name !== 'string' || metadata.name === '') return false
  return !(kind.toLowerCase() === 'kustomization' && apiVersion.startsWith('kustomize.config.k8s.io/'))
}

function jsonText(object: KubeObject): string {
  return jsonMarshal(object as unknown as JsonObject)
}

function decrypt(
  object: KubeObject,
  resource: BuiltResource,
  { spec, decrypter }: KustomizationInput,
): KubeObject {
  if (!spec.decryption || !decrypter) return object
  try {
    return decryptObject(object, decrypter)
  } catch (cause) {
    throw wrapped('DECRYPTION_FAILED', `decryption failed for '${identity(resource)}'`, cause)
  }
}

function substitute(object: KubeObject, resource: BuiltResource, input: KustomizationInput): KubeObject {
  const { postBuild } = input.spec
  if (!postBuild || optsOut(object)) return object
  try {
    const variables = input.variables?.() ?? new Map<string, string>()
    if (variables.size === 0 && postBuild.substituteStrategy !== 'Always') return object
    return substituteObject(object, { variables, strict: input.strict ?? true })
  } catch (cause) {
    throw wrapped('SUBSTITUTION_FAILED', `post build failed for '${identity(resource)}'`, cause)
  }
}

/** What a generator made is found where that is configured. */
function fileOf({ path, configuredIn, repo, ref }: Origin, directory: string): string | undefined {
  const file = path ?? configuredIn
  if (file === undefined) return undefined
  return repo === undefined ? joinTreePath(directory, file) : `${repo}//${file}${ref ? `?ref=${ref}` : ''}`
}

/** The resource as kustomize names it in messages: `Deployment.v1.apps/web`. */
function identity({ apiVersion, kind, name }: BuiltResource): string {
  const slash = apiVersion.indexOf('/')
  const [group, version] =
    slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
  return `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}/${name}`
}

/** A key that has to be fetched first is no failure: it passes as it is. */
function wrapped(
  code: 'BUILD_FAILED' | 'DECRYPTION_FAILED' | 'SUBSTITUTION_FAILED',
  message: string,
  cause: unknown,
) {
  if (cause instanceof ToolkitError && cause.code === 'SOPS_KEYS_NEEDED') return cause
  return new DeliveryError(code, message, { cause })
}

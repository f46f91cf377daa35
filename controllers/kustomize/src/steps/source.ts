import { type Cluster, isApiError, type ObjectKey, type Resource } from '@sluice/cluster'
import { type KubeObject, ToolkitError } from '@sluice/ports'
import { type Artifact, type Kustomization, messages } from '@sluice/toolkit'

/** A source and what it offers now. */
export type ResolvedSource = {
  readonly kind: string
  readonly key: ObjectKey & { readonly namespace: string }
  readonly artifact: Artifact | undefined
  /** The revision in the artifact's origin, such as the commit that an image was made from. */
  readonly originRevision: string | undefined
}

/** Why a source cannot be used. */
export class SourceError extends ToolkitError {
  override readonly name = 'SourceError'

  constructor(
    code: 'SOURCE_NOT_FOUND' | 'SOURCE_FORBIDDEN' | 'SOURCE_UNAVAILABLE',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
  }
}

export type SourceOptions = {
  readonly cluster: Cluster
  /** Kinds that may be a source. */
  readonly kinds: readonly Resource[]
  readonly noCrossNamespaceRefs: boolean
  /** Whether ExternalArtifacts may be one. */
  readonly allowsExternalArtifacts: boolean
  readonly signal: AbortSignal
}

const originAnnotation = 'org.opencontainers.image.revision'

/** The key of what `spec.sourceRef` names. */
export function sourceKey({ spec, metadata }: Kustomization): ObjectKey & { readonly namespace: string } {
  return { namespace: spec.sourceRef.namespace ?? metadata.namespace ?? '', name: spec.sourceRef.name }
}

/**
 * The source of a Kustomization.
 *
 * @throws {SourceError}
 */
export async function resolveSource(
  object: Kustomization,
  { cluster, kinds, noCrossNamespaceRefs, allowsExternalArtifacts, signal }: SourceOptions,
): Promise<ResolvedSource> {
  const { kind, name } = object.spec.sourceRef
  const key = sourceKey(object)
  if (noCrossNamespaceRefs && key.namespace !== object.metadata.namespace) {
    throw new SourceError('SOURCE_FORBIDDEN', messages.crossNamespaceBlocked(kind, key.namespace, name))
  }
  if (kind === 'ExternalArtifact' && !allowsExternalArtifacts) {
    const place = `${kind}/${key.namespace}/${name}`
    const message = `can't access '${place}', ExternalArtifact feature gate is disabled`
    throw new SourceError('SOURCE_FORBIDDEN', message)
  }
  const resource = kinds.find((known) => known.kind === kind)
  if (!resource) {
    throw new SourceError('SOURCE_UNAVAILABLE', `source \`${name}\` kind '${kind}' not supported`)
  }
  const source = await read(cluster, resource, { key, signal })
  const { artifact } = (source['status'] ?? {}) as { readonly artifact?: Artifact }
  return { kind, key, artifact, originRevision: artifact?.metadata?.[originAnnotation] }
}

async function read(
  cluster: Cluster,
  resource: Resource,
  { key, signal }: { readonly key: ObjectKey & { readonly namespace: string }; readonly signal: AbortSignal },
): Promise<KubeObject> {
  try {
    return await cluster.get(resource, key, { signal })
  } catch (cause) {
    if (isApiError(cause, 'NotFound')) {
      throw new SourceError('SOURCE_NOT_FOUND', `${resource.kind}.${resource.group} "${key.name}" not found`)
    }
    throw new SourceError('SOURCE_UNAVAILABLE', `unable to get source '${key.namespace}/${key.name}'`, {
      cause,
    })
  }
}

/** Whether the artifact is that of `revision`, whichever of the two ways of writing it is used. */
export function hasRevision(artifact: Artifact, revision: string | undefined): boolean {
  return revision !== undefined && canonical(artifact.revision) === canonical(revision)
}

/** Before 2.0 revisions were `main/sha`; now they are `main@sha1:sha`. */
function canonical(revision: string): string {
  const legacy = /^(?:(.*)\/)?([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision)
  if (!legacy) return revision
  const [, branch, hash = ''] = legacy
  const algorithm = hash.length === 40 ? 'sha1' : 'sha256'
  return `${branch === undefined ? '' : `${branch}@`}${algorithm}:${hash}`
}

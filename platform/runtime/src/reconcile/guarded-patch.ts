import { type Cluster, isApiError, type ObjectKey, type Resource } from '@sluice/cluster'
import type { JsonObject, KubeObject } from '@sluice/ports'
import type { MergePatch } from './merge-diff.ts'

/** How to write one object, and as whom. */
export type PatchTarget = {
  readonly cluster: Cluster
  readonly resource: Resource
  readonly key: ObjectKey
  readonly fieldManager: string
  readonly signal: AbortSignal
  readonly subresource?: 'status'
}

/** How often a write is tried anew on the latest object before the conflict is passed on. */
const maxAttempts = 5

/**
 * Writes what `patchFor` returns for the object as it is known, guarded by its resource version; if someone else wrote in
 * between, the latest object is read and `patchFor` asked again.
 *
 * @returns the object as it is then; the known one when there was nothing to write; `undefined` when it is gone, or when
 * another one has taken its name.
 */
export async function guardedPatch(
  known: KubeObject,
  patchFor: (object: KubeObject) => MergePatch | undefined,
  { cluster, resource, key, ...write }: PatchTarget,
): Promise<KubeObject | undefined> {
  let object = known
  for (let attempt = 1; ; attempt += 1) {
    const patch = patchFor(object)
    if (!patch) return object
    try {
      // Each attempt needs the object that the one before it has read.
      return await cluster.patch(resource, key, {
        ...write,
        patch: { kind: 'merge', body: withGuard(patch, object) },
      })
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      if (!isApiError(error, 'Conflict') || attempt === maxAttempts) throw error
    }
    const latest = await readLatest(cluster, resource, key, write.signal)
    if (!latest || latest.metadata.uid !== known.metadata.uid) return undefined
    object = latest
  }
}

async function readLatest(
  cluster: Cluster,
  resource: Resource,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    return await cluster.get(resource, key, { signal })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

function withGuard(patch: MergePatch, { metadata }: KubeObject): JsonObject {
  const { metadata: changed } = patch
  // JSON by construction: patches are made of what JSON gave.
  return {
    ...patch,
    metadata: { ...(changed as JsonObject | undefined), resourceVersion: metadata.resourceVersion },
  }
}

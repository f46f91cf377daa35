import { ApiError, type Patch } from '@sluice/cluster'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { builtinSchema } from '@sluice/schema'
import { fieldManagers } from '@sluice/toolkit'
import { type Placed, ReleaseObjectError, type Site } from './placed.ts'
import { mergePatchBetween, threeWayMerge } from './three-way.ts'

const fieldManager = fieldManagers.helmController

/** Creates an object. @throws {ApiError} */
export async function createAtClient(
  { resource, object }: Placed,
  { cluster, signal }: Site,
): Promise<KubeObject> {
  return await cluster.create(resource, object, { signal, fieldManager })
}

export type ClientSideOptions = {
  readonly live: KubeObject
  /** What was wanted last time. */
  readonly before: KubeObject
  /** Kinds without a schema are merged with the live object too, instead of being told what has changed. */
  readonly mergesUnknownKinds: boolean
}

/** Patches what has changed since last time, as Helm 3 does. @throws {ReleaseObjectError} */
export async function patchAtClient(
  { resource, object, key }: Placed,
  { cluster, signal }: Site,
  options: ClientSideOptions,
): Promise<void> {
  const patch = patchFor(object, options)
  if (!patch) return
  try {
    await cluster.patch(resource, key, { signal, fieldManager, patch })
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof ApiError)) throw cause
    throw new ReleaseObjectError(
      `cannot patch "${key.name}" with kind ${resource.kind}: ${cause.message}`,
      cause,
      { object },
    )
  }
}

/** Replaces an object. @throws {ReleaseObjectError} */
export async function replaceObject(
  { resource, object }: Placed,
  { cluster, signal }: Site,
  live: KubeObject,
): Promise<void> {
  const { resourceVersion } = live.metadata
  const metadata = { ...object.metadata, ...(resourceVersion !== undefined && { resourceVersion }) }
  try {
    const write = { signal, fieldManager, fieldValidation: 'Strict' } as const
    await cluster.update(resource, { ...object, metadata }, write)
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof ApiError)) throw cause
    throw new ReleaseObjectError(`failed to replace object: ${cause.message}`, cause, { object })
  }
}

function patchFor(
  object: KubeObject,
  { live, before, mergesUnknownKinds }: ClientSideOptions,
): Patch | undefined {
  const { apiVersion, kind } = object
  const slash = apiVersion.indexOf('/')
  const gvk = { group: apiVersion.slice(0, Math.max(0, slash)), version: apiVersion.slice(slash + 1), kind }
  const schema = builtinSchema(gvk)
  const [current, old, wanted] = [live, before, object] as readonly unknown[] as readonly JsonObject[]
  if (!current || !old || !wanted) return undefined
  const body =
    schema || mergesUnknownKinds
      ? mergePatchBetween(current, threeWayMerge(current, { before: old, after: wanted, schema }))
      : mergePatchBetween(old, wanted)
  return Object.keys(body).length === 0 ? undefined : { kind: 'merge', body }
}

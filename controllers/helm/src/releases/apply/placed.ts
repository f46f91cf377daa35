import type { ActionLog } from '@sluice/chart'
import { type Cluster, isApiError, keyOf, type ObjectKey, type Resource } from '@sluice/cluster'
import { type KubeObject, ToolkitError } from '@sluice/ports'

/** Where and how the objects of a release are written. */
export type Site = {
  readonly cluster: Cluster
  /** Of objects that name none. */
  readonly namespace: string
  readonly signal: AbortSignal
  readonly log: (line: ActionLog) => void
  /** Lets others have a turn now and then. */
  readonly pace: () => Promise<void>
}

/** An object with its resource, in its namespace. */
export type Placed = { readonly resource: Resource; readonly object: KubeObject; readonly key: ObjectKey }

/** Objects could not be read, written or removed. The message is Helm's. */
export class ReleaseObjectError extends ToolkitError {
  override readonly name = 'ReleaseObjectError'

  /** What stands behind it. Not `cause`, which would repeat the message in a chain. */
  readonly failure: Error | undefined
  /** The object that was refused, where it is one. */
  readonly object: KubeObject | undefined
  /** The failures that the message joins. */
  readonly all: readonly Error[]

  constructor(message: string, failure?: Error, { object, all = [] }: FailedObjects = {}) {
    super('RELEASE_OBJECT', message)
    this.failure = failure
    this.object = object
    this.all = all
  }
}

type FailedObjects = { readonly object?: KubeObject; readonly all?: readonly Error[] }

/** An object that was refused, and why. */
export type RefusedObject = { readonly object: KubeObject; readonly error: Error; readonly cause: unknown }

/** The objects that an action failed at, as far as it was about objects. */
export function refusedObjects(error: unknown): readonly RefusedObject[] {
  if (!(error instanceof ReleaseObjectError)) return []
  const { object, failure, all } = error
  if (all.length > 0) return all.flatMap(refusedObjects)
  return object ? [{ object, error, cause: failure }] : refusedObjects(failure)
}

/** Requests at the same time. */
export const concurrency = 8

/** @throws {ApiError} reason `NoKindMatch` */
export async function placed(
  object: KubeObject,
  { cluster, namespace, signal }: Pick<Site, 'cluster' | 'namespace' | 'signal'>,
): Promise<Placed> {
  const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
  const { namespace: own, ...metadata } = object.metadata
  // What a cluster-scoped object says about a namespace means nothing.
  const scope = resource.namespaced ? { namespace: own || namespace } : {}
  const inPlace = { ...object, metadata: { ...metadata, ...scope } }
  const { name = '' } = metadata
  return { resource, object: inPlace, key: name === '' ? { ...scope, name } : keyOf(inPlace) }
}

/** Objects whose kinds the cluster has; those of other kinds cannot be there. */
export async function placedWhereKnown(
  objects: readonly KubeObject[],
  site: Site,
): Promise<readonly Placed[]> {
  const found: Placed[] = []
  for (const object of objects) {
    try {
      // Discovery is cached: a kind is asked for once.
      found.push(await placed(object, site))
    } catch (error) {
      if (!isApiError(error, 'NoKindMatch')) throw error
    }
  }
  return found
}

/** Fails when the cluster does not know the kind of an object. @throws {ReleaseObjectError} in kubectl's words */
export async function resolveKinds(objects: readonly KubeObject[], site: Site): Promise<void> {
  const problems = new Set<string>()
  for (const object of objects) {
    try {
      await placed(object, site)
    } catch (error) {
      if (!isApiError(error, 'NoKindMatch')) throw error
      const { name = '', namespace = '' } = object.metadata
      problems.add(
        `resource mapping not found for name: "${name}" namespace: "${namespace}" from "": ${error.message}\nensure CRDs are installed first`,
      )
    }
  }
  const [first, ...others] = problems
  if (first === undefined) return
  throw new ReleaseObjectError(others.length === 0 ? first : `[${[first, ...others].join(', ')}]`)
}

/** Splits into runs of one kind, whose members do not need each other. */
export function inKindRuns<T extends { readonly object: KubeObject }>(
  items: readonly T[],
): readonly (readonly T[])[] {
  const runs: T[][] = []
  let kind: string | undefined
  for (const item of items) {
    if (item.object.kind !== kind) runs.push([])
    kind = item.object.kind
    runs.at(-1)?.push(item)
  }
  return runs
}

/** A kind as Go prints it: `apps/v1, Kind=Deployment`. */
export function kindText({ group, version, kind }: Resource): string {
  return `${group}/${version}, Kind=${kind}`
}

/** Names an object in logs. */
export function logFields({ resource, key }: Placed): ActionLog['fields'] {
  return { gvk: kindText(resource), name: key.name, namespace: key.namespace ?? '' }
}

/** An error for many: their texts, joined. */
export function joinedError(errors: readonly Error[], separator: string): Error | undefined {
  const [first, ...others] = errors
  if (!first || others.length === 0) return first
  const message = errors.map((it) => it.message).join(separator)
  return new ReleaseObjectError(message, first, { all: errors })
}

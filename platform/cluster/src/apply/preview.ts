import type { KubeObject } from '@sluice/ports'
import { isApiError } from '../api-error.ts'
import { mapConcurrently } from '../map-concurrently.ts'
import { isAlreadyApplied } from './already-applied.ts'
import { ApplyError, isImmutableError } from './apply-error.ts'
import type { ApplyOptions } from './apply-options.ts'
import type { Change } from './change-set.ts'
import { hasDrifted } from './drift.ts'
import { pointerSegments, withPointer } from './json-pointer.ts'
import { changeOf, cleanupPatch, findLive, isForced, isSkipped, tryApply } from './plan.ts'

/** What applying an object would do. */
export type Preview = {
  readonly change: Change
  /** The object before and after, where it would be configured; without managed fields and what is ignored. */
  readonly drift?: { readonly live: KubeObject; readonly wouldBe: KubeObject }
  /** Whether it would be deleted and created again. */
  readonly recreates?: boolean
  /** Whether fields of other managers would be taken over. */
  readonly takesOver?: boolean
}

/** What applying objects would do, and what stands in its way. */
export type PreviewSet = {
  readonly previews: readonly Preview[]
  readonly failures: readonly ApplyError[]
}

/**
 * What applying `desired` would do, by a dry run; nothing is written.
 *
 * Source: FEATURES of Flux 2.9, §12.2, `diff kustomization`.
 * @throws {ApplyError} when the dry run is refused.
 */
export async function previewApply(desired: KubeObject, options: ApplyOptions): Promise<Preview> {
  const { resource, live } = await findLive(desired, options)
  if (isSkipped(desired, live, options)) return { change: changeOf(live ?? desired, 'skipped') }
  const takesOver = live !== undefined && cleanupPatch(desired, live, options).length > 0
  if (live && !takesOver && isAlreadyApplied(desired, live, options.fieldManager)) {
    return { change: changeOf(live, 'unchanged') }
  }
  let wouldBe: KubeObject
  try {
    wouldBe = await tryApply(resource, desired, options)
  } catch (error) {
    const isReplaced = live && isImmutableError(causeOf(error)) && isForced(desired, live, options)
    if (isReplaced) return { change: changeOf(desired, 'created'), recreates: true }
    throw error
  }
  if (!live) return { change: changeOf(wouldBe, 'created') }
  const ignored = options.ignoredPointers?.(wouldBe) ?? []
  if (!hasDrifted(live, wouldBe, ignored)) return { change: changeOf(wouldBe, 'unchanged'), takesOver }
  const drift = { live: shown(live, ignored), wouldBe: shown(wouldBe, ignored) }
  return { change: changeOf(wouldBe, 'configured'), drift, takesOver }
}

/**
 * What applying all of the objects would do. One that cannot be tried because its namespace or its kind is only created by
 * another of them counts as created.
 */
export async function previewAll(objects: readonly KubeObject[], options: ApplyOptions): Promise<PreviewSet> {
  const failures: ApplyError[] = []
  const previews = await mapConcurrently(objects, options.concurrency ?? 4, async (object) => {
    try {
      return await previewApply(object, options)
    } catch (error) {
      options.signal.throwIfAborted()
      if (!(error instanceof ApplyError)) throw error
      if (isMadeByOthers(object, error, objects)) {
        return { change: changeOf(object, 'created') } satisfies Preview
      }
      failures.push(error)
      return undefined
    }
  })
  return { previews: previews.filter((it) => it !== undefined), failures }
}

function isMadeByOthers(object: KubeObject, error: ApplyError, objects: readonly KubeObject[]): boolean {
  const cause = causeOf(error)
  if (isApiError(cause, 'NotFound')) {
    const { namespace } = object.metadata
    return objects.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace)
  }
  return isApiError(cause, 'NoKindMatch') && objects.some((it) => defines(it, object))
}

function defines(definition: KubeObject, object: KubeObject): boolean {
  if (definition.kind !== 'CustomResourceDefinition') return false
  const { group, names } = (definition['spec'] ?? {}) as {
    readonly group?: string
    readonly names?: { readonly kind?: string }
  }
  return names?.kind === object.kind && object.apiVersion.startsWith(`${group}/`)
}

function shown(object: KubeObject, ignored: readonly string[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return ignored.reduce<unknown>(
    (value, pointer) => withPointer(value, pointerSegments(pointer), undefined),
    { ...object, metadata },
  ) as KubeObject
}

function causeOf(error: unknown): unknown {
  return error instanceof ApplyError ? error.cause : error
}

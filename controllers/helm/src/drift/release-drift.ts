import { ignoredPointers } from '@sluice/applier'
import { objectsOf, owned, type Release } from '@sluice/chart'
import {
  type ManagerMatch,
  mapConcurrently,
  matchesMetadata,
  pointerSegments,
  takeOverFields,
  withPointer,
} from '@sluice/cluster'
import { normalizeObject } from '@sluice/delivery'
import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { disabledValue, fieldManagers, type IgnoreRule } from '@sluice/toolkit'
import {
  concurrency,
  joinedError,
  type Placed,
  placed,
  ReleaseObjectError,
  type Site,
} from '../releases/apply/placed.ts'
import { needsNoApply } from '../releases/apply/server-side.ts'
import { read } from '../releases/apply/update.ts'
import type { DriftedObject } from '../releases/release-client.ts'
import { jsonDiff, type PatchStep } from './json-diff.ts'

/** Label or annotation of objects that drift as they like. */
const exclusion = { 'helm.toolkit.fluxcd.io/driftDetection': disabledValue }
const fieldManager = fieldManagers.helmController

/** What counts as drift. */
export type DriftRules = {
  readonly ignore: readonly IgnoreRule[]
  /** Managers whose fields count where the manifest does not have them. */
  readonly overrideManagers: readonly string[]
}

/**
 * What of a release the cluster has in another state than its manifest asks for, in the order of the manifest. Hooks are
 * not part of the manifest.
 *
 * An object that cannot be compared does not hide the drift of others.
 * @throws {ReleaseObjectError} when nothing has drifted as far as could be seen, and not all could be
 */
export async function findDrift(
  release: Release,
  { ignore, overrideManagers }: DriftRules,
  site: Site,
): Promise<readonly DriftedObject[]> {
  const pointers = ignoredPointers(ignore)
  const overridden = overrideManagers.flatMap((prefix): readonly ManagerMatch[] => [
    { prefix, operation: 'Apply' },
    { prefix, operation: 'Update' },
  ])
  const objects = objectsOf(release.manifest).map((it) => owned(normalizeObject(it), release))
  const errors: Error[] = []
  const drifted = await mapConcurrently(objects, concurrency, async (object) => {
    try {
      const it = await placed(object, site)
      return await compare(it, { ignored: pointers(it.object), overridden }, site)
    } catch (error) {
      site.signal.throwIfAborted()
      if (!(error instanceof Error)) throw error
      errors.push(error)
      return undefined
    }
  })
  const found = drifted.filter((it) => it !== undefined)
  const error = found.some(({ kind }) => kind !== 'excluded') ? undefined : joinedError(errors, ', ')
  if (error) throw error
  return found
}

type Comparison = {
  /** JSON pointers. */
  readonly ignored: readonly string[]
  readonly overridden: readonly ManagerMatch[]
}

async function compare(
  target: Placed,
  { ignored, overridden }: Comparison,
  site: Site,
): Promise<DriftedObject | undefined> {
  const { object, resource } = target
  const as = (kind: DriftedObject['kind'], patch: readonly PatchStep[] = []): DriftedObject => ({
    object,
    kind,
    added: pathsOf(patch, 'remove'),
    changed: pathsOf(patch, 'replace'),
    missing: pathsOf(patch, 'add'),
    patch,
  })
  // An empty pointer is the whole object.
  if (matchesMetadata(object, exclusion) || ignored.includes('')) return as('excluded')
  const found = await read(target, site)
  if (!found) return as('removed')
  const live = await takenOver(found, target, { overridden, site })
  if (matchesMetadata(live, exclusion)) return as('excluded')
  if (needsNoApply(target, live)) return undefined
  const { cluster, signal } = site
  const wouldBe = await dryRun(target, () =>
    cluster.apply(resource, object, { signal, fieldManager, force: true, dryRun: true }),
  )
  const patch = patchBetween(live, wouldBe, ignored)
  return patch.length === 0 ? undefined : as('changed', patch)
}

/** The object with the fields of overridden managers as the release's own: what is not in the manifest goes then. */
async function takenOver(
  live: KubeObject,
  { resource, key }: Placed,
  { overridden, site }: { readonly overridden: readonly ManagerMatch[]; readonly site: Site },
): Promise<KubeObject> {
  const managedFields = takeOverFields(live, overridden, fieldManager)
  if (!managedFields) return live
  const { resourceVersion = '' } = live.metadata
  const body = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: managedFields as unknown as JsonValue },
  ]
  try {
    const { signal } = site
    return await site.cluster.patch(resource, key, { signal, fieldManager, patch: { kind: 'json', body } })
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const message = `failed to clean-up disallowed field managers: ${cause.message}`
    throw new ReleaseObjectError(message, cause)
  }
}

async function dryRun({ resource, key }: Placed, apply: () => Promise<KubeObject>): Promise<KubeObject> {
  try {
    return await apply()
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const scope = key.namespace === undefined ? '' : `${key.namespace}/`
    const message = `${resource.kind}/${scope}${key.name} dry-run failed: ${cause.message}`
    throw new ReleaseObjectError(message, cause)
  }
}

/** Labels and annotations that are only in the cluster are others' business; everything else counts, but the status. */
function patchBetween(
  live: KubeObject,
  wouldBe: KubeObject,
  ignored: readonly string[],
): readonly PatchStep[] {
  const [from, to] = [without(live, ignored), without(wouldBe, ignored)]
  const metadata = jsonDiff(marksOf(from), marksOf(to)).filter(({ op }) => op !== 'remove')
  return [...metadata, ...jsonDiff(contentOf(from), contentOf(to))]
}

function without(object: KubeObject, ignored: readonly string[]): KubeObject {
  return ignored.reduce<unknown>(
    (value, pointer) => withPointer(value, pointerSegments(pointer), undefined),
    object,
  ) as KubeObject
}

/** With the name, so that a patch never replaces the metadata as a whole. */
function marksOf({ metadata: { name = '', labels, annotations } }: KubeObject): JsonValue {
  return { metadata: { name, ...(labels && { labels }), ...(annotations && { annotations }) } }
}

function contentOf(object: KubeObject): JsonObject {
  const { metadata: _, status: __, ...content } = object
  return content as JsonObject
}

function pathsOf(patch: readonly PatchStep[], op: PatchStep['op']): readonly string[] {
  return patch.filter((it) => it.op === op).map(({ path }) => path)
}

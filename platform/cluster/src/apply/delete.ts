import { errorChain, formatApiVersion, type KubeObject, ToolkitError } from '@sluice/ports'
import { isApiError } from '../api-error.ts'
import type { Cluster, DeleteOptions as DeleteCall, Resource } from '../cluster.ts'
import { ApplyError } from './apply-error.ts'
import type { Action, Change, ChangeSet } from './change-set.ts'
import { compareIds } from './kind-order.ts'
import { type MetadataMatch, matchesMetadata } from './metadata-match.ts'
import type { ObjectId } from './object-id.ts'

/** An object that is to be deleted, or waited for. */
export type Target = { readonly id: ObjectId; readonly version: string }

export type DeleteOptions = {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** Only objects with all of these labels: those that are the applier's. */
  readonly ownedBy?: Readonly<Record<string, string>>
  /** Objects that stay. */
  readonly excluded?: MetadataMatch
  /** Whether nothing is deleted after all; the server says whether it could be. Default: `false`. */
  readonly dryRun?: boolean
  /** Default: `Background`. */
  readonly propagationPolicy?: DeleteCall['propagationPolicy']
}

/** Some objects could not be deleted: `changes` tells which, as `unknown`, and what was done with the others. */
export class DeleteError extends ToolkitError {
  override readonly name = 'DeleteError'
  readonly changes: ChangeSet

  constructor(failures: readonly unknown[], changes: ChangeSet) {
    super('DELETE_FAILED', `delete failed, errors: ${failures.map((it) => `${errorChain(it)};`).join('')}`)
    this.changes = changes
  }
}

/**
 * Deletes objects, last kinds first. What is gone already counts as deleted; what is excluded or not owned is skipped.
 *
 * @throws {DeleteError} when all have been tried and some failed.
 */
export async function deleteAll(targets: readonly Target[], options: DeleteOptions): Promise<ChangeSet> {
  const changes: Change[] = []
  const failures: unknown[] = []
  for (const target of targets.toSorted((a, b) => compareIds(b.id, a.id))) {
    try {
      // In order: what an object depends on goes after it.
      changes.push({ ...target, action: await deleteOne(target, options) })
    } catch (error) {
      if (options.signal.aborted) throw error
      changes.push({ ...target, action: 'unknown' })
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new DeleteError(failures, changes)
  return changes
}

async function deleteOne({ id, version }: Target, options: DeleteOptions): Promise<Action> {
  const { cluster, signal, ownedBy, excluded, dryRun, propagationPolicy = 'Background' } = options
  const key = id.namespace === '' ? { name: id.name } : { namespace: id.namespace, name: id.name }
  let found: { readonly resource: Resource; readonly live: KubeObject }
  try {
    const apiVersion = formatApiVersion(id.group, version)
    const resource = await cluster.resourceFor(apiVersion, id.kind, { signal })
    found = { resource, live: await cluster.get(resource, key, { signal }) }
  } catch (cause) {
    // Without its kind an object cannot exist any more.
    if (isApiError(cause, 'NotFound') || isApiError(cause, 'NoKindMatch')) return 'deleted'
    throw new ApplyError('DELETE_FAILED', id, 'query failed', { cause })
  }
  const { resource, live } = found
  if (!hasLabels(live, ownedBy) || matchesMetadata(live, excluded)) return 'skipped'
  try {
    const { uid } = live.metadata
    await cluster.delete(resource, key, {
      signal,
      propagationPolicy,
      ...(uid !== undefined && { uid }),
      ...(dryRun && { dryRun }),
    })
    return 'deleted'
  } catch (cause) {
    if (isApiError(cause, 'NotFound')) return 'deleted'
    throw new ApplyError('DELETE_FAILED', id, 'delete failed', { cause })
  }
}

function hasLabels({ metadata }: KubeObject, labels: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
}

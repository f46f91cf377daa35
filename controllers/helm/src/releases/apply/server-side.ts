import { ApiError, isAlreadyApplied, takeOverFields } from '@sluice/cluster'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { fieldManagers } from '@sluice/toolkit'
import { kindText, type Placed, ReleaseObjectError, type Site } from './placed.ts'

const fieldManager = fieldManagers.helmController

/** Applies at the server. @throws {ReleaseObjectError} in Helm's words */
export async function applyAtServer(
  { resource, object, key }: Placed,
  { cluster, signal }: Site,
  { force }: { readonly force: boolean },
): Promise<KubeObject> {
  try {
    const write = { signal, fieldManager, fieldValidation: 'Strict' } as const
    // Only a server can give a name.
    if (key.name === '') return await cluster.create(resource, object, write)
    return await cluster.apply(resource, object, { ...write, force })
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof ApiError)) throw cause
    const which = `${key.namespace ?? ''}/${key.name} ${kindText(resource)}`
    const what =
      cause.reason === 'Conflict'
        ? `conflict occurred while applying object ${which}`
        : `server-side apply failed for object ${which}`
    throw new ReleaseObjectError(`${what}: ${cause.message}`, cause, { object })
  }
}

/** Whether applying would change nothing, as far as the live object tells. */
export function needsNoApply({ object }: Placed, live: KubeObject): boolean {
  return isAlreadyApplied(object, live, fieldManager)
}

/**
 * Makes the fields that were written without server-side apply the applier's own, so that what is not applied any more
 * goes. Answers whether there were any.
 *
 * Source: Helm 4, from `--server-side=false` to `true`.
 * @throws {ReleaseObjectError}
 */
export async function migrateFields(
  { resource, key }: Placed,
  live: KubeObject,
  { cluster, signal }: Site,
): Promise<boolean> {
  const managers = [{ prefix: fieldManager, operation: 'Update' }] as const
  const managedFields = takeOverFields(live, managers, fieldManager)
  if (!managedFields) return false
  const { resourceVersion } = live.metadata
  const body: readonly JsonObject[] = [
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    ...(resourceVersion === undefined
      ? []
      : [{ op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }]),
  ]
  try {
    await cluster.patch(resource, key, { signal, fieldManager, patch: { kind: 'json', body } })
    return true
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof ApiError)) throw cause
    const which = `${key.namespace ?? ''}/${key.name} ${kindText(resource)}`
    throw new ReleaseObjectError(
      `failed to patch object to upgrade CSA field manager ${which}: ${cause.message}`,
      cause,
    )
  }
}

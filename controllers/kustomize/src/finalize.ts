import { canImpersonate, targetCluster } from '@sluice/applier'
import { compareIds, formatObjectId, parseInventoryId, WaitError, waitForTermination } from '@sluice/cluster'
import type { Run } from '@sluice/runtime'
import { conditionTypes, type Kustomization } from '@sluice/toolkit'
import type { KustomizeParts } from './deps.ts'
import { pruneFailedEvent, terminationTimedOut } from './messages.ts'
import { emit } from './run-context.ts'
import { announceEnd } from './steps/deliver.ts'
import { deleteEntries, pruneLog } from './steps/prune.ts'
import { targetOptions } from './steps/target.ts'
import { timeoutMs } from './timing.ts'

/** Deletes what the Kustomization applied, as its deletion policy says. */
export async function finalizeKustomization(
  run: Run<Kustomization>,
  deps: KustomizeParts,
): Promise<undefined> {
  const { object } = run
  if (deletesObjects(object)) await deleteObjects(run, deps)
  if (object.spec.suspend !== true && run.conditions.is(conditionTypes.ready, 'True')) {
    announceEnd(run, { deps, object })
  }
  return undefined
}

/** A suspended Kustomization leaves its objects alone, whatever its policy. */
function deletesObjects({ spec, status }: Kustomization): boolean {
  if (spec.suspend || (status?.inventory?.entries ?? []).length === 0) return false
  switch (spec.deletionPolicy ?? 'MirrorPrune') {
    case 'MirrorPrune':
      return spec.prune
    case 'Delete':
    case 'WaitForTermination':
      return true
    case 'Orphan':
      return false
  }
}

async function deleteObjects(run: Run<Kustomization>, deps: KustomizeParts): Promise<void> {
  const { object, signal } = run
  const entries = object.status?.inventory?.entries ?? []
  const revision = {
    revision: object.status?.lastAppliedRevision ?? '',
    originRevision: object.status?.lastAppliedOriginRevision,
  }
  const options = targetOptions(deps, { signal, configs: deps.caches.cluster })
  if (!(await canImpersonate(object, options))) {
    const ids = entries.map(({ id }) => parseInventoryId(id)).toSorted(compareIds)
    const message = `unable to prune objects: \n${ids.map(formatObjectId).join('\n')}`
    run.log.info('skipping pruning, failed to find account to impersonate')
    emit(run, message, { revision, type: 'Warning' })
    return
  }
  const target = await targetCluster(object, options)
  try {
    const changes = await deleteEntries(object, entries, { target, signal })
    if (changes.length === 0) return
    emit(run, pruneLog(changes), { revision })
    if (object.spec.deletionPolicy !== 'WaitForTermination') return
    const leaving = changes.filter(({ action }) => action === 'deleted')
    await waitForTermination(leaving, {
      cluster: target,
      clock: deps.clock,
      signal,
      timeoutMs: timeoutMs(object.spec),
    })
  } catch (error) {
    if (error instanceof WaitError) {
      run.log.error(error, terminationTimedOut)
      emit(run, terminationTimedOut, { revision, type: 'Warning' })
      return
    }
    if (!signal.aborted) emit(run, pruneFailedEvent, { revision, type: 'Warning' })
    throw error
  }
}

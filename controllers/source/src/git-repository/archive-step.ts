import { sourceIgnoreFilter } from '@sluice/artifact'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, messages, reasons, sourceReasons } from '@sluice/toolkit'
import { traceUpToDate } from '../shared/notify.ts'
import { done, hasContentConfigChanged } from './checkout-step.ts'
import type { GitStep, GitWork } from './git-work.ts'
import { sameArtifacts } from './include-step.ts'

const { storageOperationFailed, artifactOutdated, artifactInStorage } = conditionTypes

/** Stores the tree as the object's artifact, unless the stored one is the same. */
export const archive: GitStep = async (work) => {
  const { run, checkout } = work
  const stored = run.status.artifact
  const isUpToDate =
    stored !== undefined && stored.revision === checkout?.revision && !hasContentConfigChanged(work)
  if (isUpToDate && sameArtifacts(work.includes, run.object.status?.includedArtifacts ?? [])) {
    traceUpToDate(run, stored.revision)
  } else {
    await store(work)
  }
  run.conditions.remove(artifactOutdated)
  run.conditions.markTrue(
    artifactInStorage,
    reasons.succeeded,
    messages.storedArtifact(run.status.artifact?.revision ?? ''),
  )
  return done(run.object)
}

async function store({ run, deps, checkout, tree, includes }: GitWork): Promise<void> {
  if (!checkout || !tree) throw new TypeError('the tree is checked out before it is archived')
  const { spec, kind } = run.object
  const place = { ...run.key, kind, fileName: `${checkout.commit.id}.tar.gz` }
  try {
    const source = { tree, isExcluded: sourceIgnoreFilter(tree, spec.ignore) }
    run.status.artifact = await deps.store.archive(place, checkout.revision, source)
  } catch (cause) {
    throw new ReconcileFailure(
      sourceReasons.archiveOperationFailed,
      'unable to archive artifact to storage',
      {
        condition: storageOperationFailed,
        cause,
      },
    )
  }
  run.status.includedArtifacts = includes.length > 0 ? includes : undefined
  run.status.observedIgnore = spec.ignore
  run.status.observedRecurseSubmodules = spec.recurseSubmodules || undefined
  run.status.observedInclude = spec.include
  run.status.observedSparseCheckout = spec.sparseCheckout
  run.conditions.remove(storageOperationFailed)
}

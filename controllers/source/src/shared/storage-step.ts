import { ArtifactError, type ArtifactStore, type StoredArtifact } from '@sluice/artifact'
import { errorChain } from '@sluice/ports'
import { announce as announceRun, ReconcileFailure, type Run } from '@sluice/runtime'
import {
  type Artifact,
  conditionTypes,
  messages,
  reasons,
  type SourceStatus,
  sourceReasons,
  type ToolkitObject,
} from '@sluice/toolkit'

/** An object of a kind that serves an artifact. */
export type SourceObject = ToolkitObject & { readonly status?: SourceStatus }

/** What all kinds share of the status. */
type ArtifactStatus = { artifact?: Artifact | undefined; url?: string | undefined }

/** Says that work has begun. */
export async function announce<T extends SourceObject>(run: Run<T>): Promise<undefined> {
  await announceRun(run)
  const { conditions } = run
  // A failed verification is made again; a successful one stands for the artifact that is stored.
  if (conditions.is(conditionTypes.sourceVerified, 'False')) conditions.remove(conditionTypes.sourceVerified)
}

/** As {@link announce}, for kinds that look at the storage afresh: what failed there before is no failure of this run. */
export async function announceAfresh<T extends SourceObject>(run: Run<T>): Promise<undefined> {
  await announce(run)
  run.conditions.remove(conditionTypes.storageOperationFailed)
}

/**
 * Brings the status in line with the store: old files go, a lost or damaged artifact is forgotten and will be built again,
 * and the URL becomes today's.
 */
export async function observeStorage<T extends SourceObject>(
  run: Run<T>,
  store: ArtifactStore,
): Promise<undefined> {
  const status: ArtifactStatus = run.status
  const recorded = status.artifact as StoredArtifact | undefined
  if (recorded) await collectGarbage(run, store, recorded)
  const isIntact = recorded !== undefined && (await verify(run, store, recorded))
  if (isIntact) {
    status.artifact = store.restamp(recorded)
    if (status.url !== undefined) status.url = store.restampUrl(status.url)
    return
  }
  status.artifact = undefined
  status.url = undefined
  const message = recorded ? messages.artifactDisappeared : messages.buildingArtifact
  run.conditions.progress(reasons.progressing, message, { drift: true })
  run.conditions.remove(conditionTypes.artifactInStorage)
  await run.saveStatus()
}

async function collectGarbage<T extends SourceObject>(
  run: Run<T>,
  store: ArtifactStore,
  current: StoredArtifact,
): Promise<void> {
  try {
    const removed = await store.collectGarbage(current)
    if (removed.length > 0) {
      run.event({
        type: 'Trace',
        reason: sourceReasons.garbageCollectionSucceeded,
        message: `garbage collected ${removed.length} artifacts`,
      })
    }
  } catch (error) {
    // Old files are no reason to serve no new ones.
    run.log.error(error, 'garbage collection of artifacts failed')
  }
}

async function verify<T extends SourceObject>(
  run: Run<T>,
  store: ArtifactStore,
  artifact: StoredArtifact,
): Promise<boolean> {
  try {
    if (!(await store.has(artifact))) return false
    await store.verify(artifact)
    return true
  } catch (error) {
    if (error instanceof ArtifactError && error.code === 'ARTIFACT_UNREACHABLE') {
      // The artifact is no worse for it.
      throw new ReconcileFailure(sourceReasons.readOperationFailed, 'unable to read artifact from storage', {
        condition: conditionTypes.storageOperationFailed,
        cause: error,
      })
    }
    run.event({
      type: 'Warning',
      reason: sourceReasons.artifactVerificationFailed,
      message: `failed to verify integrity of artifact: ${errorChain(error)}`,
    })
    await store.remove(artifact)
    return false
  }
}

/** Removes all that an object has in the store; what `finalize` of every source kind does. */
export async function removeArtifacts<T extends SourceObject>(
  run: Run<T>,
  store: ArtifactStore,
): Promise<undefined> {
  const { namespace, name } = run.key
  if (await store.removeAll({ kind: run.object.kind, namespace, name })) {
    run.event({
      type: 'Trace',
      reason: sourceReasons.garbageCollectionSucceeded,
      message: 'garbage collected artifacts for deleted resource',
    })
  }
}

import { ArtifactError } from '@sluice/artifact'
import { errorChain } from '@sluice/ports'
import {
  decodeExternalArtifact,
  externalArtifactDefinition,
  labels,
  reasons,
  resourceOf,
} from '@sluice/toolkit'
import {
  type GeneratorStep,
  type GeneratorWork,
  generatorReasons,
  type InventoryEntry,
  inventoryOf,
} from './generator-work.ts'

/** Nothing else brings the object back; changes of its sources do. */
export const intervalMs = 3_600_000

export const inProgress = 'Reconciliation in progress'

/** Ends the run when what there is is what there should be. */
export const detectDrift: GeneratorStep = async (work) => {
  const { run } = work
  const drift = await driftOf(work)
  if (drift === undefined) {
    const count = inventoryOf(run.object).length
    const message = `No drift detected, ${count} artifact(s) up to date`
    run.log.info(message)
    run.event({ type: 'Trace', reason: generatorReasons.ready, message })
    return { kind: 'done', requeueAfter: intervalMs }
  }
  run.log.info(inProgress, { reason: drift })
  run.conditions.progress(reasons.progressing, inProgress, { drift: true })
  await run.saveStatus()
  return undefined
}

/** Why artifacts have to be made, if they have to. Source: fluxcd/source-watcher 2.2, whose reasons these are. */
async function driftOf(work: GeneratorWork): Promise<string | undefined> {
  const { run, sourcesDigest } = work
  const { spec, metadata, status } = run.object
  const inventory = inventoryOf(run.object)
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'False') return 'NotReady'
  if (ready?.observedGeneration !== metadata.generation) return 'GenerationChanged'
  if (status?.observedSourcesDigest !== sourcesDigest) return 'SourcesChanged'
  if (!spec.pathPattern && inventory.length !== spec.artifacts.length) return 'ArtifactsChanged'
  for (const entry of inventory) {
    const drift = await storedDrift(work, entry)
    if (drift !== undefined) return drift
  }
  return clusterDrift(work)
}

async function storedDrift({ run, deps }: GeneratorWork, entry: InventoryEntry): Promise<string | undefined> {
  const { name, namespace, filename: fileName, digest } = entry
  const { path, url } = deps.store.locate({ kind: 'ExternalArtifact', namespace, name, fileName })
  const stored = { path, url, digest, revision: '', lastUpdateTime: '', size: 0 }
  if (!(await deps.store.has(stored))) return 'ArtifactMissing'
  try {
    await deps.store.verify(stored)
    return undefined
  } catch (error) {
    // The artifact is no worse when nobody can tell.
    if (error instanceof ArtifactError && error.code === 'ARTIFACT_UNREACHABLE') throw error
    run.log.error(error, 'artifact integrity verification failed', { path })
    await deps.store.remove(stored)
    return 'ArtifactCorrupted'
  }
}

async function clusterDrift({ run, deps }: GeneratorWork): Promise<string | undefined> {
  const { metadata } = run.object
  try {
    const { items } = await deps.cluster.list(resourceOf(externalArtifactDefinition), {
      namespace: run.key.namespace,
      labelSelector: `${labels.generator}=${metadata.uid ?? ''}`,
      signal: run.signal,
    })
    const known = new Map(inventoryOf(run.object).map((it) => [it.name, it.digest]))
    const isUnchanged =
      items.length === known.size &&
      items.map(decodeExternalArtifact).every((it) => {
        const { artifact } = it.status ?? {}
        return artifact !== undefined && known.get(it.metadata.name ?? '') === artifact.digest
      })
    return isUnchanged ? undefined : 'ExternalArtifactsChanged'
  } catch (error) {
    if (run.signal.aborted) throw error
    run.log.info('external artifacts cannot be listed', { error: errorChain(error) })
    return 'ExternalArtifactsNotFound'
  }
}

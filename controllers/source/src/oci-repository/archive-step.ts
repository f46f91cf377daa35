import { type StoredArtifact, sourceIgnoreFilter } from '@sluice/artifact'
import { ArchiveError, unpackTarGz } from '@sluice/host'
import type { FileTree } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, type OciRepository, reasons, sourceReasons } from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import { traceUpToDate } from '../shared/notify.ts'
import type { OciStep, OciWork } from './oci-work.ts'
import { isUpToDate } from './pull-step.ts'

const { fetchFailed, storageOperationFailed, artifactOutdated, artifactInStorage } = conditionTypes
const maxUnpackedBytes = 1024 ** 3

/** Stores the layer as the object's artifact: its files, or itself. */
export const archiveLayer: OciStep = async (work) => {
  const { run, revision } = work
  if (isUpToDate(work)) {
    traceUpToDate(run, revision)
  } else {
    await storeLayer(work)
  }
  run.conditions.remove(artifactOutdated)
  run.conditions.markTrue(artifactInStorage, reasons.succeeded, `stored artifact for digest '${revision}'`)
  return done(run.object)
}

function done({ spec }: OciRepository): Outcome {
  return { kind: 'done', requeueAfter: durationMs(spec.interval, 60_000) }
}

async function storeLayer(work: OciWork): Promise<void> {
  const { run, deps, manifest } = work
  const { spec } = run.object
  const stored = await writeLayer(work)
  const metadata = manifest?.annotations ?? {}
  run.status.artifact = { ...stored, ...(Object.keys(metadata).length > 0 ? { metadata } : {}) }
  run.status.observedIgnore = spec.ignore
  run.status.observedLayerSelector = spec.layerSelector
  run.status.url = await deps.store.link(stored, 'latest.tar.gz')
  run.conditions.remove(storageOperationFailed)
}

async function writeLayer({ run, deps, revision, digest, layer }: OciWork): Promise<StoredArtifact> {
  if (!layer) throw new TypeError('the layer is pulled before it is stored')
  const { spec, kind } = run.object
  const place = { ...run.key, kind, fileName: `${digest}.tar.gz` }
  const isCopied = spec.layerSelector?.operation === 'copy'
  const tree = isCopied ? undefined : await unpack(layer)
  try {
    if (!tree) return await deps.store.write(place, revision, layer)
    const isExcluded = sourceIgnoreFilter(tree, spec.ignore)
    return await deps.store.archive(place, revision, { tree, isExcluded })
  } catch (cause) {
    const message = isCopied ? 'unable to copy artifact to storage' : 'unable to archive artifact to storage'
    throw new ReconcileFailure(sourceReasons.archiveOperationFailed, message, {
      condition: storageOperationFailed,
      cause,
    })
  }
}

async function unpack(layer: Uint8Array): Promise<FileTree> {
  try {
    return await unpackTarGz(layer, { maxBytes: maxUnpackedBytes })
  } catch (cause) {
    if (!(cause instanceof ArchiveError)) throw cause
    throw new ReconcileFailure(
      sourceReasons.ociArtifactLayerOperationFailed,
      'failed to extract layer contents from artifact',
      { condition: fetchFailed, cause },
    )
  }
}

import { errorChain, ToolkitError } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { type Artifact, reasons } from '@sluice/toolkit'
import { contentHash } from './content-hash.ts'
import { copyFiles } from './copy/copy-files.ts'
import { intervalMs } from './drift-step.ts'
import { isSameArtifact, publishArtifact, publishedArtifact, withdrawArtifacts } from './external-artifact.ts'
import {
  type GeneratorStep,
  type GeneratorWork,
  generatorReasons,
  type InventoryEntry,
  inventoryOf,
} from './generator-work.ts'
import { type ArtifactRequest, artifactRequests, PathPatternProblem } from './path-pattern.ts'

const kind = 'ExternalArtifact'
const originRevisionKey = 'org.opencontainers.image.revision'

/** Makes the artifacts, tells the cluster, and removes what is no longer asked for. */
export const makeArtifacts: GeneratorStep = async (work) => {
  const { run, deps } = work
  const requests = expand(work)
  if ('kind' in requests) return requests
  const made: InventoryEntry[] = []
  for (const request of requests) {
    // One after the other: memory holds the files of one at a time.
    const artifact = await build(work, request)
    await publish(work, request, artifact)
    made.push(entryOf(work, request, artifact))
    await collectGarbage(work, artifact)
  }
  const names = new Set(made.map(({ name, namespace }) => `${namespace}/${name}`))
  const orphans = inventoryOf(run.object).filter((it) => !names.has(`${it.namespace}/${it.name}`))
  await withdrawArtifacts(run, deps, orphans)
  return conclude(work, made)
}

function expand({ run, trees }: GeneratorWork): readonly ArtifactRequest[] | Outcome {
  try {
    return artifactRequests(run.object.spec, trees)
  } catch (error) {
    if (!(error instanceof PathPatternProblem)) throw error
    const message = `failed to expand path pattern: ${error.message}`
    run.conditions.markFalse('Ready', reasons.buildFailed, message)
    return { kind: 'stalled', reason: reasons.buildFailed, message }
  }
}

async function build(work: GeneratorWork, request: ArtifactRequest): Promise<Artifact> {
  const { run, deps, trees } = work
  const { name } = request
  try {
    const tree = await applyOperations(request, trees)
    const fileName = `${contentHash(tree, name)}.tar.gz`
    const place = { kind, namespace: run.key.namespace, name, fileName }
    const stored = await deps.store.archive(place, '', { tree })
    const artifact = withRevisions(stored, request, work)
    const known = await publishedArtifact(work, name)
    // The same content, made again, is no news.
    return known && isSameArtifact(known, artifact) ? known : artifact
  } catch (error) {
    if (!(error instanceof ToolkitError)) throw error
    throw new ReconcileFailure(reasons.buildFailed, `${name} build failed: ${errorChain(error)}`)
  }
}

async function applyOperations(
  { copy }: ArtifactRequest,
  trees: GeneratorWork['trees'],
): ReturnType<typeof copyFiles> {
  try {
    return await copyFiles(copy, trees)
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new ToolkitError(cause.code, 'failed to apply copy operations', { cause })
  }
}

function withRevisions(
  stored: Artifact,
  { revision, originRevision }: ArtifactRequest,
  { sources }: GeneratorWork,
): Artifact {
  const sourceOf = (reference: string | undefined): Artifact | undefined =>
    reference ? sources.get(reference.replace(/^@/, '')) : undefined
  const origin = sourceOf(originRevision)
  const originText = origin && (origin.metadata?.[originRevisionKey] || origin.revision)
  return {
    ...stored,
    revision: sourceOf(revision)?.revision ?? `latest@${stored.digest}`,
    ...(originText !== undefined && { metadata: { [originRevisionKey]: originText } }),
  }
}

async function publish(work: GeneratorWork, request: ArtifactRequest, artifact: Artifact): Promise<void> {
  const { run } = work
  const { namespace } = run.key
  try {
    await publishArtifact(work, request, artifact)
  } catch (error) {
    if (run.signal.aborted) throw error
    const message = `${request.name} reconcile failed: ${errorChain(error)}`
    throw new ReconcileFailure(reasons.reconciliationFailed, message)
  }
  if (isKnown(work, entryOf(work, request, artifact))) return
  const message = `${kind}/${namespace}/${request.name} reconciled with revision ${artifact.revision}`
  run.event({ type: 'Trace', reason: generatorReasons.ready, message })
}

async function collectGarbage({ run, deps }: GeneratorWork, artifact: Artifact): Promise<void> {
  try {
    await deps.store.collectGarbage({ ...artifact, size: artifact.size ?? 0 })
  } catch (error) {
    // Old files are no reason to serve no new ones.
    run.log.error(error, 'garbage collection of artifacts failed')
  }
}

function conclude(work: GeneratorWork, made: readonly InventoryEntry[]): Outcome {
  const { run, sourcesDigest } = work
  const changed = made.filter((entry) => !isKnown(work, entry))
  run.status.inventory = made
  run.status.observedSourcesDigest = sourcesDigest
  const message = `reconciliation succeeded, generated ${made.length} artifact(s)`
  run.conditions.markTrue('Ready', reasons.succeeded, message)
  run.event({ type: 'Trace', reason: generatorReasons.ready, message })
  if (changed.length > 0) {
    const list = changed.map(({ namespace, name, digest }) => `${namespace}/${name} (${digest})`).join('\n')
    const type = 'Normal'
    run.event({ type, reason: generatorReasons.ready, message: `external artifacts reconciled: ${list}` })
  }
  return { kind: 'done', requeueAfter: intervalMs }
}

function entryOf({ run }: GeneratorWork, { name }: ArtifactRequest, artifact: Artifact): InventoryEntry {
  const filename = artifact.path.slice(artifact.path.lastIndexOf('/') + 1)
  return { name, namespace: run.key.namespace, digest: artifact.digest, filename }
}

function isKnown({ run }: GeneratorWork, { name, digest }: InventoryEntry): boolean {
  return inventoryOf(run.object).some((it) => it.name === name && it.digest === digest)
}

import { DependencyError, durationText } from '@sluice/applier'
import { ArtifactError, unpackedPlace } from '@sluice/artifact'
import { errorChain, type FileTree } from '@sluice/ports'
import type { Outcome } from '@sluice/runtime'
import { conditionTypes, reasons } from '@sluice/toolkit'
import { terminalPrefix } from '../messages.ts'
import { announce, emit, type Revision, revisionMetadata } from '../run-context.ts'
import { retryIntervalMs } from '../timing.ts'
import { checkDependsOn, findCycle, hasDependencies } from './dependencies.ts'
import { resolveSource, SourceError } from './source.ts'
import { failure, need, type Step, type Work } from './work.ts'

const defaultRequeueMs = 30_000

/** Finds the source and its artifact. */
export const findSource: Step = async (work) => {
  const { run, object, deps } = work
  try {
    work.source = await resolveSource(object, {
      cluster: deps.caches.cluster,
      kinds: deps.sourceKinds,
      noCrossNamespaceRefs: deps.options?.noCrossNamespaceRefs ?? false,
      allowsExternalArtifacts: deps.options?.gates?.externalArtifact ?? true,
      signal: run.signal,
    })
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    const message = errorChain(error)
    if (error.code === 'SOURCE_FORBIDDEN') return { kind: 'stalled', reason: reasons.accessDenied, message }
    // The server may be away for a moment: Flux tells of that in the status alone.
    if (error.code !== 'SOURCE_NOT_FOUND') {
      throw failure(work, reasons.artifactFailed, error, { event: 'none' })
    }
    run.conditions.markFalse(conditionTypes.ready, reasons.artifactFailed, message)
    return { kind: 'wait', requeueAfter: retryIntervalMs(object.spec) }
  }
  const { artifact, originRevision } = work.source
  if (!artifact) return awaitArtifact(work, 'Source artifact not found')
  work.revision = { revision: artifact.revision, originRevision }
  return undefined
}

/** Waits for other Kustomizations. */
export const awaitDependencies: Step = async (work) => {
  const { run, object } = work
  if (!hasDependencies(object)) return undefined
  try {
    checkDependsOn(work, need(work, 'source'))
    return undefined
  } catch (error) {
    run.signal.throwIfAborted()
    // An expression that fails as it is evaluated may do better when the dependency is another.
    const terminal =
      error instanceof DependencyError ? terminalOutcome(error, need(work, 'revision')) : undefined
    if (terminal) return terminal
    const cycle = findCycle(work)
    if (cycle) run.log.info(cycle.text)
    const message = [errorChain(error), ...(cycle?.tells ? [cycle.text] : [])].join(': ')
    run.conditions.markFalse(conditionTypes.ready, reasons.dependencyNotReady, message)
    const pauseMs = requeueMs(work)
    emit(run, `Dependencies do not meet ready condition, retrying in ${durationText(pauseMs)}`, {
      revision: need(work, 'revision'),
    })
    return { kind: 'wait', requeueAfter: pauseMs }
  }
}

/** What no other object can mend. */
function terminalOutcome(error: DependencyError, revision: Revision): Outcome | undefined {
  const metadata = revisionMetadata(revision)
  const message = `${terminalPrefix}: ${errorChain(error)}`
  switch (error.code) {
    case 'DEPENDENCY_EXPRESSION':
      return { kind: 'stalled', reason: reasons.invalidCelExpression, message, metadata }
    case 'DEPENDENCY_REFERENCE':
      return { kind: 'stalled', reason: reasons.dependencyNotReady, message, metadata }
    case 'DEPENDENCY_FORBIDDEN':
      return { kind: 'stalled', reason: reasons.accessDenied, message: error.message, metadata }
  }
  return undefined
}

/** Fetches the artifact and finds the directory in it. */
export const fetchArtifact: Step = async (work) => {
  const { run, object, deps } = work
  const { artifact } = need(work, 'source')
  const revision = need(work, 'revision')
  if (!artifact) return undefined
  await announce(run, 'Fetching manifests', revision)
  try {
    work.tree = await deps.fetcher.fetchTree(artifact, { signal: run.signal })
  } catch (error) {
    run.signal.throwIfAborted()
    if (error instanceof ArtifactError && error.code === 'ARTIFACT_NOT_FOUND') {
      return awaitArtifact(work, 'Source is not ready, artifact not found')
    }
    throw failure(work, reasons.artifactFailed, error)
  }
  work.directory = clampedPath(object.spec.path ?? '')
  if (!exists(work.tree, work.directory)) {
    const place = `${unpackedPlace('kustomization', artifact.digest)}/${work.directory}`
    const message = `kustomization path not found: stat ${place}: no such file or directory`
    throw failure(work, reasons.artifactFailed, new SourceError('SOURCE_UNAVAILABLE', message))
  }
  run.status.lastAttemptedRevision = revision.revision
  return undefined
}

function awaitArtifact(work: Work, what: string) {
  const pauseMs = requeueMs(work)
  const message = `${what}, retrying in ${durationText(pauseMs)}`
  work.run.conditions.markFalse(conditionTypes.ready, reasons.artifactFailed, message)
  return { kind: 'wait', requeueAfter: pauseMs } as const
}

function requeueMs({ deps }: Work): number {
  return deps.options?.requeueDependencyMs ?? defaultRequeueMs
}

function exists(tree: FileTree, path: string): boolean {
  return path === '' || tree.stat(path) !== undefined
}

/** A path in the artifact; `..` at its root stays there. */
function clampedPath(path: string): string {
  const kept: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') kept.pop()
    else if (name !== '' && name !== '.') kept.push(name)
  }
  return kept.join('/')
}

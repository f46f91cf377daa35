import { type DriftWatch, elapsedText, type SeenDrift } from '@sluice/applier'
import type { ChangeSet, Cluster, JudgeHealth } from '@sluice/cluster'
import { errorChain, type FileTree, type KubeObject } from '@sluice/ports'
import { type FailureOptions, type Outcome, ReconcileFailure, type Run } from '@sluice/runtime'
import { formatTime, type Kustomization } from '@sluice/toolkit'
import type { KustomizeParts } from '../deps.ts'
import { recordSnapshot } from '../history.ts'
import { type Revision, revisionMetadata } from '../run-context.ts'
import { retryIntervalMs } from '../timing.ts'
import type { ResolvedSource } from './source.ts'

/** What one run works with; steps read and extend it, one after the other. */
export type Work = {
  readonly run: Run<Kustomization>
  readonly object: Kustomization
  readonly deps: KustomizeParts
  /** What Secrets and ConfigMaps that the object refers to are read from. */
  readonly configs: Cluster
  readonly drift: DriftWatch
  /** What woke the run, if it was drift. */
  readonly seenDrift: SeenDrift
  healthOf?: JudgeHealth
  source?: ResolvedSource
  revision?: Revision
  tree?: FileTree
  directory?: string
  target?: Cluster
  built?: { readonly objects: readonly KubeObject[]; readonly digest: string }
  /** Finds the file of each object that was built, in their order. */
  findFiles?: () => Promise<readonly (string | undefined)[]>
  objects?: readonly KubeObject[]
  changes?: ChangeSet
  /** Whether applying changed the cluster. */
  changed?: boolean
}

/** Returns an outcome to stop here, nothing to go on, and throws to fail. */
export type Step = (work: Work) => Promise<Outcome | undefined>

/** A part of the work that an earlier step has to have set. */
export function need<K extends keyof Work>(work: Work, part: K): NonNullable<Work[K]> {
  const value = work[part]
  if (value === undefined || value === null) throw new TypeError(`no ${part} yet`)
  return value
}

/** A failure of a step, to be tried again after the retry interval. Its message is the error's chain. */
export function failure(
  work: Work,
  reason: string,
  error: unknown,
  options: Pick<FailureOptions, 'event'> = {},
): ReconcileFailure {
  return new ReconcileFailure(reason, errorChain(error), {
    retryAfterMs: retryIntervalMs(work.object.spec),
    metadata: revisionMetadata(work.revision ?? {}),
    ...options,
  })
}

/** Notes in the history how this build ended. */
export function remember(work: Work, reason: string): void {
  const { run, deps, built, revision } = work
  if (!built || !revision) return
  run.status.history = recordSnapshot(run.status.history ?? [], {
    digest: built.digest,
    lastReconciled: formatTime(deps.clock.now()),
    lastReconciledDuration: elapsedText(deps.clock.now() - run.startedAt),
    lastReconciledStatus: reason,
    metadata: revisionMetadata(revision),
  })
}

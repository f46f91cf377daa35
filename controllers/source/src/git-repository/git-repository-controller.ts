import { type Reconciler, runSteps } from '@sluice/runtime'
import {
  conditionTypes,
  decodeGitRepository,
  fieldManagers,
  finalizer,
  type GitRepository,
  gitRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { sourceConditions, sourceFailures } from '../shared/conditions.ts'
import { notifySuccess } from '../shared/notify.ts'
import { announceAfresh, observeStorage, removeArtifacts } from '../shared/storage-step.ts'
import { archive } from './archive-step.ts'
import { checkOutCommit, observeRevision } from './checkout-step.ts'
import type { GitRepositoryDeps, GitStep, GitWork } from './git-work.ts'
import { findIncludes, layIncludes } from './include-step.ts'
import { configureRemote } from './remote-step.ts'
import { verifySignatures } from './verify-step.ts'

const { includeUnavailable } = conditionTypes

const steps: readonly GitStep[] = [
  ({ run }) => announceAfresh(run),
  ({ run, deps }) => observeStorage(run, deps.store),
  configureRemote,
  findIncludes,
  checkOutCommit,
  verifySignatures,
  observeRevision,
  layIncludes,
  archive,
]

/** Reconciles GitRepositories: fetches what they name and serves it as an artifact. */
export function gitRepositoryController(deps: GitRepositoryDeps): Reconciler<GitRepository> {
  return {
    resource: resourceOf(gitRepositoryDefinition),
    decode: decodeGitRepository,
    controller: fieldManagers.sourceController,
    fieldManager: fieldManagers.sourceController,
    finalizer,
    answersWhileSuspended: true,
    conditions: sourceConditions({ failures: [includeUnavailable], verified: true }),
    reconcile: async (run) => {
      const work: GitWork = { run, deps, includes: [], summary: '' }
      const outcome = await runSteps(work, steps)
      if (outcome.kind === 'done') {
        notifySuccess(run, `stored artifact for commit '${work.summary}'`, [
          ...sourceFailures,
          includeUnavailable,
        ])
      }
      return outcome
    },
    finalize: (run) => removeArtifacts(run, deps.store),
  }
}

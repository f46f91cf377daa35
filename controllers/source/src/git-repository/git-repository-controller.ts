import type { Reconciler } from '@sluice/runtime'
import {
  decodeGitRepository,
  fieldManagers,
  finalizer,
  type GitRepository,
  gitRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { notifySuccess } from '../shared/notify.ts'
import { announce, observeStorage, removeArtifacts } from '../shared/storage-step.ts'
import { archive } from './archive-step.ts'
import { checkOutCommit, done, observeRevision } from './checkout-step.ts'
import { gitRepositoryConditions, gitRepositoryFailures } from './conditions.ts'
import type { GitRepositoryDeps, GitStep, GitWork } from './git-work.ts'
import { findIncludes, layIncludes } from './include-step.ts'
import { configureRemote } from './remote-step.ts'
import { verifySignatures } from './verify-step.ts'

const steps: readonly GitStep[] = [
  ({ run }) => announce(run).then(() => undefined),
  ({ run, deps }) => observeStorage(run, deps.store).then(() => undefined),
  async ({ run }) => {
    // A failed verification is made again; a successful one stands for the artifact that is stored.
    if (run.conditions.is('SourceVerified', 'False')) run.conditions.remove('SourceVerified')
  },
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
    conditions: gitRepositoryConditions,
    reconcile: async (run) => {
      const work: GitWork = { run, deps, includes: [], summary: '' }
      for (const step of steps) {
        // A step builds on the one before.
        const outcome = await step(work)
        if (!outcome) continue
        if (outcome.kind === 'done') {
          notifySuccess(run, `stored artifact for commit '${work.summary}'`, gitRepositoryFailures)
        }
        return outcome
      }
      return done(run.object)
    },
    finalize: (run) => removeArtifacts(run, deps.store),
  }
}

import { posix } from 'node:path'
import type { GitCheckout } from '@sluice/git'
import { type FileTree, pickDirectories, ToolkitError } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import {
  conditionTypes,
  type GitRepository,
  type GitRepositoryInclude,
  messages,
  reasons,
  sourceReasons,
} from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import { traceUpToDate } from '../shared/notify.ts'
import type { GitStep, GitWork } from './git-work.ts'
import { sameArtifacts } from './include-step.ts'
import { needsVerification } from './verify-step.ts'

const { fetchFailed, artifactInStorage, artifactOutdated } = conditionTypes
const { gitOperationFailed, gitOperationSucceeded, emptyGitRepository } = sourceReasons

/** Fetches the commit, unless the artifact already holds it and would be built the same way. */
export const checkOutCommit: GitStep = async (work) => {
  const { run } = work
  const { artifact } = run.status
  const isStored = artifact !== undefined && run.conditions.is(artifactInStorage, 'True')
  // Signatures of what is pinned are verified each time, as Flux does: keys may have changed.
  const isSkippable = isListed(run.object) || !run.object.spec.verify
  let checkout = await checkOut(work, isStored && isSkippable ? artifact.revision : undefined)
  if (checkout.kind === 'unchanged') {
    if (!hasContentConfigChanged(work)) return concludeUnchanged(work, checkout.revision)
    checkout = await checkOut(work, undefined)
  }
  if (checkout.kind !== 'checkedOut') {
    throw new ReconcileFailure(emptyGitRepository, 'git repository is empty', { condition: fetchFailed })
  }
  run.conditions.remove(fetchFailed)
  work.checkout = checkout
  work.tree = sparse(work, checkout.tree)
  work.summary = subjectOf(checkout.commit.message)
  return undefined
}

/** Says so if what was fetched is not what is stored. */
export const observeRevision: GitStep = async ({ run, checkout }) => {
  const revision = checkout?.revision ?? ''
  if (run.status.artifact?.revision === revision) return
  const message = `new upstream revision '${revision}'`
  if (run.status.artifact) run.conditions.markTrue(artifactOutdated, sourceReasons.newRevision, message)
  run.conditions.progress(reasons.progressing, `${messages.buildingArtifact}: ${message}`, { drift: true })
  await run.saveStatus()
}

/** Whether the artifact would differ although the commit is the same. */
export function hasContentConfigChanged({ run, includes }: GitWork): boolean {
  const { spec, status = {} } = run.object
  const { include = [], sparseCheckout = [] } = spec
  const { observedInclude = [], observedSparseCheckout = [], includedArtifacts = [] } = status
  return (
    spec.ignore !== status.observedIgnore ||
    (spec.recurseSubmodules ?? false) !== (status.observedRecurseSubmodules ?? false) ||
    sparseCheckout.length !== observedSparseCheckout.length ||
    sparseCheckout.some((directory, index) => directory !== observedSparseCheckout[index]) ||
    include.length !== observedInclude.length ||
    include.some((it, index) => !isSameInclude(it, observedInclude[index])) ||
    !sameArtifacts(includes, includedArtifacts) ||
    needsVerification(run.object)
  )
}

function isSameInclude(a: GitRepositoryInclude, b: GitRepositoryInclude | undefined): boolean {
  return a.repository.name === b?.repository.name && a.fromPath === b.fromPath && a.toPath === b.toPath
}

async function checkOut(work: GitWork, lastRevision: string | undefined): Promise<GitCheckout> {
  const { run, deps, remote } = work
  const { spec } = run.object
  if (!remote) throw new TypeError('the remote is configured before it is used')
  try {
    return await deps.git.checkOut(remote, spec.ref ?? {}, {
      signal: run.signal,
      timeoutMs: durationMs(spec.timeout, 60_000),
      recurseSubmodules: spec.recurseSubmodules ?? false,
      ...(lastRevision === undefined ? {} : { lastRevision }),
    })
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    const message = 'failed to checkout and determine revision'
    throw new ReconcileFailure(gitOperationFailed, message, { condition: fetchFailed, cause })
  }
}

function concludeUnchanged(work: GitWork, revision: string): Outcome {
  const { run } = work
  run.conditions.remove(fetchFailed)
  run.conditions.markTrue(artifactInStorage, reasons.succeeded, messages.storedArtifact(revision))
  if (isListed(run.object)) {
    run.event({
      type: 'Trace',
      reason: gitOperationSucceeded,
      message: `no changes since last reconciliation: observed revision '${revision}'`,
    })
  } else {
    traceUpToDate(run, revision)
  }
  work.summary = revision
  return done(run.object)
}

/**
 * Whether the remote's list of references tells that nothing has changed. Flux fetches pinned commits and ranges again
 * before it finds them unchanged.
 */
function isListed({ spec }: GitRepository): boolean {
  return spec.ref?.commit === undefined && spec.ref?.semver === undefined
}

/** How a run that went well ends. */
export function done({ spec }: GitRepository): Outcome {
  return { kind: 'done', requeueAfter: durationMs(spec.interval, 60_000) }
}

function sparse({ run }: GitWork, tree: FileTree): FileTree {
  const { sparseCheckout = [] } = run.object.spec
  if (sparseCheckout.length === 0) return tree
  const directories = sparseCheckout.map((directory) => {
    const path = posix.join('/', directory).slice(1).replace(/\/$/, '')
    if (path !== '' && !tree.stat(path)) {
      throw new ReconcileFailure(
        gitOperationFailed,
        // The two spaces are Flux's.
        `failed to sparse checkout directories : sparse checkout dir '${directory}' does not exist in repository: ` +
          `lstat ${path}: no such file or directory`,
        { condition: fetchFailed },
      )
    }
    return path
  })
  return pickDirectories(tree, directories)
}

/** The first line of a commit's message, of at most 50 characters. */
function subjectOf(message: string): string {
  const [subject = ''] = message.split('\n')
  const chars = Array.from(subject)
  return chars.length > 50 ? `${chars.slice(0, 50).join('')}...` : subject
}

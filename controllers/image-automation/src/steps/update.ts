import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { formatTime, imageAutomationReasons } from '@sluice/toolkit'
import { type Proposal, propose, updateFiles } from '../propose.ts'
import type { Checkout } from '../source/checkout.ts'
import { authorOf, branchRevision, PushError, pushUpdate } from '../source/push.ts'
import type { Source } from '../source/source.ts'
import { from, type Step, type Work } from '../work.ts'
import { pushed, upToDate } from './conclude.ts'
import { checkOutAnew } from './prepare.ts'

/** How often an update is made anew on what others have pushed meanwhile. */
const maxAttempts = 8
const shortHashLength = 7

/** Sets the images in the files, and pushes what has changed. */
export const update: Step = async (work) => {
  for (let attempt = 1; ; attempt += 1) {
    const checkout = from(work, 'checkout')
    try {
      // Each attempt begins with what the one before has found.
      return await updateOnce(work, checkout)
    } catch (error) {
      if (!isRace(error) || attempt === maxAttempts) throw error
      work.checkout = await checkOutAnew(work)
      // Nobody else was faster: the server does not want it.
      if (work.checkout.base.commit.id === checkout.base.commit.id) throw error
      work.run.log.info('someone else pushed meanwhile, updating again', { attempt })
    }
  }
}

async function updateOnce(work: Work, checkout: Checkout): Promise<Outcome> {
  const { run, deps } = work
  const { object } = run
  const files = updateFiles(object, checkout, from(work, 'policies'))
  const { problemFiles } = files
  if (problemFiles.length > 0) run.log.info('files with markers cannot be updated', { files: problemFiles })
  if (files.changes.length === 0) return nothingToDo(work, checkout)
  const proposal = propose(object, files, deps)
  const commit = await pushProposal(work, checkout, proposal)
  if (commit === undefined) return nothingToDo(work, checkout)
  const source = from(work, 'source')
  const { objects } = checkout.base
  observe(work, source.isSwitching ? checkout.revision : branchRevision(source.pushBranch, commit, objects))
  run.status.lastPushCommit = commit
  run.status.lastPushTime = formatTime(deps.clock.now())
  return pushed(work, summary(source, commit, proposal.message))
}

async function pushProposal(
  work: Work,
  checkout: Checkout,
  { files, message }: Proposal,
): Promise<string | undefined> {
  const { run, deps } = work
  try {
    return await pushUpdate(from(work, 'source'), checkout, {
      update: { files, message, author: authorOf(run.object) },
      options: { git: deps.git, signal: run.signal, now: deps.clock.now() },
    })
  } catch (cause) {
    if (!(cause instanceof PushError)) throw cause
    throw new ReconcileFailure(imageAutomationReasons.gitOperationFailed, 'failed to update source', {
      cause,
    })
  }
}

function nothingToDo(work: Work, checkout: Checkout): Outcome {
  const policies = from(work, 'policies')
  const { revision, pushRevision } = checkout
  observe(work, revision)
  work.memory.upToDate(work.run.object, from(work, 'source'), { revision, pushRevision, ...policies })
  return upToDate(work, { isSync: true })
}

function observe(work: Work, revision: string): void {
  const { observed } = from(work, 'policies')
  work.run.status.observedSourceRevision = revision
  work.run.status.observedPolicies = Object.keys(observed).length > 0 ? observed : undefined
}

function summary({ pushBranch, refspec }: Source, commit: string, message: string): string {
  const refspecs = refspec === undefined ? '' : ` and refspecs '${refspec}'`
  const text = message === '' ? '' : `\n${message}`
  return `pushed commit '${commit.slice(0, shortHashLength)}' to branch '${pushBranch}'${refspecs}${text}`
}

function isRace(error: unknown): boolean {
  return (
    error instanceof ReconcileFailure && error.cause instanceof PushError && error.cause.code === 'PUSH_RACED'
  )
}

import { changesOf, onlyPlans, type Plan, tellPlan } from '@sluice/applier'
import { parseDurationMs } from '@sluice/go'
import { errorChain, ToolkitError } from '@sluice/ports'
import type { Outcome } from '@sluice/runtime'
import { conditionTypes } from '@sluice/toolkit'
import { attemptMetadata, type ReleaseContext, releaseContext } from '../actions/release-context.ts'
import { followRelease } from '../drift/watch.ts'
import { helmReasons } from '../reasons.ts'
import { chartTitle, latestOf, releaseTitle } from '../state/history.ts'
import type { ReleaseState } from '../state/release-state.ts'
import { targetChange } from '../state/target-change.ts'
import { type HelmStep, need, notReady, type Work } from '../work.ts'
import { determine } from './release.ts'

/**
 * Ends the run with a plan where that is asked for: the chart is rendered and every object passes a dry run, nothing is
 * written, and the status says what would be, as drift from the release or as the next one.
 */
export const planRelease: HelmStep = async (work) => {
  const { run, object } = work
  if (!onlyPlans(object)) {
    run.conditions.remove(conditionTypes.planned)
    return undefined
  }
  const context = releaseContext(work, { cluster: need(work, 'target'), ...work.names })
  try {
    const records = await context.client.history(run.signal)
    const state = await determine(context, records.at(-1))
    const made = await makePlan(context, state)
    await followRelease(work)
    return conclude(work, state, made)
  } catch (error) {
    run.signal.throwIfAborted()
    const message = `Could not plan release: ${errorChain(error)}`
    return notReady(work, helmReasons.reconcileError, message, { kind: 'backoff', error })
  }
}

async function makePlan({ client, work }: ReleaseContext, state: ReleaseState): Promise<Plan> {
  const { spec } = work.object
  const chart = await need(work, 'chart').load()
  const content = { chart, values: need(work, 'values') }
  const options = (state.kind === 'absent' ? spec.install : spec.upgrade) ?? {}
  const { previews, failures, deleted, hooks } = await client.preview(content, options, work.run.signal)
  const isMade = isAsWanted(state)
  return {
    ...changesOf(previews),
    deleted: isMade ? [] : deleted,
    failures,
    others: [...removalOf(work), ...(isMade ? [] : hooks)].map((line) => ({ line, counts: true })),
  }
}

/** A release that is made elsewhere from now on is removed first. */
function removalOf({ run, object, names, chart }: Work): readonly string[] {
  const current = latestOf(run.status.history ?? [])
  const strategy = object.spec.upgrade?.chartNameChangeStrategy
  const change = targetChange(run.status, { names, chartName: chart?.name ?? '', strategy })
  return current && change ? [`release ${releaseTitle(current)} uninstalled: its ${change} changed`] : []
}

function conclude(work: Work, state: ReleaseState, made: Plan): Outcome {
  const { run, object, seenDrift } = work
  const metadata = attemptMetadata(work, need(work, 'chart'))
  tellPlan(run, made, { title: titleOf(work, state), seenDrift, metadata })
  if (made.failures.length > 0) {
    const error = new ToolkitError('PLAN_REFUSED', made.failures.map(errorChain).join('\n'))
    return notReady(work, helmReasons.reconcileError, error.message, { kind: 'backoff', error })
  }
  run.conditions.remove(conditionTypes.reconciling)
  const ms = parseDurationMs(object.spec.interval)
  return { kind: 'said', concluded: true, next: { kind: 'interval', ms } }
}

function titleOf(work: Work, state: ReleaseState): string {
  const { names, chart, run } = work
  const current = latestOf(run.status.history ?? [])
  if (current && isAsWanted(state)) {
    return `Drift from release ${releaseTitle(current)} with chart ${chartTitle(current)}`
  }
  return `Plan for release ${names.namespace}/${names.fullName} with chart ${chart?.name}@${chart?.version}`
}

/** Nothing would be released: what would change is what others have changed since. */
function isAsWanted({ kind }: ReleaseState): boolean {
  return kind === 'inSync' || kind === 'drifted' || kind === 'untested'
}

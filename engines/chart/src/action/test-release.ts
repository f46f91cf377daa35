import type { Release } from '../release/release.ts'
import { checkReleaseName } from '../render/release-name.ts'
import { type ActionContext, actionError } from './action-context.ts'
import { type Action, type ActionResult, historyOf } from './effects.ts'
import { runHooks } from './hooks.ts'

export type TestOptions = {
  /** Names of the hooks to run; none given runs all. */
  readonly only?: readonly string[]
  readonly without?: readonly string[]
}

/** Runs the test hooks of the last revision. Source: https://helm.sh/docs/topics/chart_tests/ */
export function* testRelease(
  { name, now }: ActionContext,
  { only = [], without = [] }: TestOptions = {},
): Action<ActionResult> {
  checkReleaseName(name)
  const last = (yield* historyOf(name)).at(-1)
  if (!last) throw actionError('release: not found')
  const isMeant = (hook: string): boolean =>
    !without.includes(hook) && (only.length === 0 || only.includes(hook))
  const skipped = last.hooks.filter((it) => !isMeant(it.name))
  const meant: Release = { ...last, hooks: last.hooks.filter((it) => isMeant(it.name)) }
  const { release: tested, failure } = yield* runHooks(meant, 'test', { now })
  const release = { ...tested, hooks: [...skipped, ...tested.hooks] }
  yield { kind: 'record', release, as: 'modified' }
  return { release, failure }
}

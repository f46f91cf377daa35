import { compareGoStrings } from '@sluice/go'
import { ChartError } from '../load/chart-error.ts'
import type { Release, ReleaseHook } from '../release/release.ts'
import type { HookEvent } from '../render/manifests.ts'
import { methodOf } from './apply-method.ts'
import { type Action, type ApplyMethod, attempt, objectsOf, perform } from './effects.ts'

/** A release whose hooks have run, and how that ended. */
export type HooksResult = { readonly release: Release; readonly failure: Error | undefined }

export type HookOptions = {
  readonly now: () => string
  /** How hooks are created. Default: as the release is applied. */
  readonly method?: ApplyMethod
  /** The action was cut short before: what its hooks have completed is not done again. */
  readonly resumes?: boolean
}

const defaultPolicy = ['before-hook-creation']

/**
 * Runs the hooks of an event by weight and name, one after the other, and removes them as their policies say.
 *
 * Source: https://helm.sh/docs/topics/charts_hooks/, Helm 4.3.
 */
export function* runHooks(
  release: Release,
  event: HookEvent,
  { now, method = methodOf(release), resumes = false }: HookOptions,
): Action<HooksResult> {
  const names = release.hooks
    .filter(({ events }) => events.includes(event))
    .toSorted((a, b) => a.weight - b.weight || compareGoStrings(a.name, b.name))
  let current = release
  const done: ReleaseHook[] = []
  for (const it of names) {
    let hook: ReleaseHook = it.deletePolicies.length === 0 ? { ...it, deletePolicies: defaultPolicy } : it
    const keep = (): void => {
      current = replaceHook(current, hook)
    }
    keep()
    if (resumes && hook.lastRun.phase === 'Succeeded' && !runsTwice(hook, event)) {
      done.push(hook)
      continue
    }
    const removal = yield* attempt(removeBy('before-hook-creation', hook))
    if (removal) return { release: current, failure: removal }
    hook = { ...hook, lastRun: { startedAt: now(), completedAt: '', phase: 'Running' } }
    keep()
    yield { kind: 'record', release: current, as: 'modified' }
    const objects = objectsOf(hook.manifest)
    const creation = yield* attempt(perform({ kind: 'create', objects, method }))
    const watching = creation ?? (yield* attempt(perform({ kind: 'watchUntilReady', objects })))
    hook = {
      ...hook,
      lastRun: { ...hook.lastRun, completedAt: now(), phase: watching ? 'Failed' : 'Succeeded' },
    }
    keep()
    if (creation) {
      const message = `warning: Hook ${event} ${hook.path} failed: ${creation.message}`
      return { release: current, failure: new ChartError('CHART_HOOK', message, { cause: creation }) }
    }
    if (watching) {
      yield* showLogs('hook-failed', hook)
      // That a failed hook cannot be removed must not hide why it failed.
      yield* attempt(removeBy('hook-failed', hook))
      const cleaning = yield* attempt(removeAll(done))
      return { release: current, failure: cleaning ?? watching }
    }
    // So that a process that ends here does not run it again.
    yield { kind: 'record', release: current, as: 'modified' }
    done.push(hook)
  }
  for (const hook of done.toReversed()) yield* showLogs('hook-succeeded', hook)
  return { release: current, failure: yield* attempt(removeAll(done.toReversed())) }
}

/** The hooks of an action that is done again, with what they have completed when it was cut short. */
export function resumedHooks(
  hooks: readonly ReleaseHook[],
  { hooks: earlier }: Release,
): readonly ReleaseHook[] {
  return hooks.map((hook) => {
    const same = earlier.find((it) => isSameHook(it, hook))
    return same?.lastRun.phase === 'Succeeded' ? { ...hook, lastRun: same.lastRun } : hook
  })
}

/** Hooks as they were before they ran at these events. */
export function freshHooks(
  hooks: readonly ReleaseHook[],
  events: readonly HookEvent[],
): readonly ReleaseHook[] {
  const lastRun = { startedAt: '', completedAt: '', phase: '' } as const
  return hooks.map((hook) => (hook.events.some((it) => events.includes(it)) ? { ...hook, lastRun } : hook))
}

/** Whether the hook runs before and after the same action: its record does not tell what it has completed of the latter. */
function runsTwice({ events }: ReleaseHook, event: HookEvent): boolean {
  return event.startsWith('post-') && events.some((it) => it === event.replace('post-', 'pre-'))
}

function replaceHook(release: Release, hook: ReleaseHook): Release {
  return { ...release, hooks: release.hooks.map((it) => (isSameHook(it, hook) ? hook : it)) }
}

function isSameHook(a: ReleaseHook, b: ReleaseHook): boolean {
  return a.name === b.name && a.path === b.path && a.manifest === b.manifest
}

function* removeAll(hooks: readonly ReleaseHook[]): Action<void> {
  for (const hook of hooks) yield* removeBy('hook-succeeded', hook)
}

function* showLogs(policy: string, hook: ReleaseHook): Action<void> {
  if (!hook.outputLogPolicies.includes(policy)) return
  // What cannot be shown must not change how the hook ended.
  yield* attempt(perform({ kind: 'showLogs', hook }))
}

function* removeBy(policy: string, { kind, deletePolicies, manifest }: ReleaseHook): Action<void> {
  // Removing a definition would remove all objects of its kind.
  if (kind === 'CustomResourceDefinition' || !deletePolicies.includes(policy)) return
  const objects = objectsOf(manifest)
  yield { kind: 'delete', objects }
  yield { kind: 'waitForDelete', objects }
}

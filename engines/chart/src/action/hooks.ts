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
  /** A revision whose action was cut short: what its hooks have completed is not done again. */
  readonly resumed?: Release | undefined
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
  { now, method = methodOf(release), resumed }: HookOptions,
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
    const earlier = resumed?.hooks.find((other) => isSameHook(other, hook))
    if (earlier?.lastRun.phase === 'Succeeded') {
      hook = { ...hook, lastRun: earlier.lastRun }
      keep()
      done.push(hook)
      continue
    }
    keep()
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

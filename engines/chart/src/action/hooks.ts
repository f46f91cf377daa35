import { compareGoStrings } from '@sluice/go'
import { ChartError } from '../load/chart-error.ts'
import type { Release, ReleaseHook } from '../release/release.ts'
import type { HookEvent } from '../render/manifests.ts'
import { type Action, attempt, objectsOf, perform } from './effects.ts'

/** A release whose hooks have run, and how that ended. */
export type HooksResult = { readonly release: Release; readonly failure: Error | undefined }

const defaultPolicy = ['before-hook-creation']

/**
 * Runs the hooks of an event by weight and name, one after the other, and removes them as their policies say.
 *
 * Source: https://helm.sh/docs/topics/charts_hooks/, Helm 4.3.
 */
export function* runHooks(release: Release, event: HookEvent, now: () => string): Action<HooksResult> {
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
    const removal = yield* attempt(removeBy('before-hook-creation', hook))
    if (removal) return { release: current, failure: removal }
    hook = { ...hook, lastRun: { startedAt: now(), completedAt: '', phase: 'Running' } }
    keep()
    yield { kind: 'record', release: current, as: 'modified' }
    const objects = objectsOf(hook.manifest)
    const creation = yield* attempt(perform({ kind: 'create', objects }))
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
      // That a failed hook cannot be removed must not hide why it failed.
      yield* attempt(removeBy('hook-failed', hook))
      const cleaning = yield* attempt(removeAll(done))
      return { release: current, failure: cleaning ?? watching }
    }
    done.push(hook)
  }
  return { release: current, failure: yield* attempt(removeAll(done.toReversed())) }
}

function replaceHook(release: Release, hook: ReleaseHook): Release {
  const isSame = (it: ReleaseHook): boolean =>
    it.name === hook.name && it.path === hook.path && it.manifest === hook.manifest
  return { ...release, hooks: release.hooks.map((it) => (isSame(it) ? hook : it)) }
}

function* removeAll(hooks: readonly ReleaseHook[]): Action<void> {
  for (const hook of hooks) yield* removeBy('hook-succeeded', hook)
}

function* removeBy(policy: string, { kind, deletePolicies, manifest }: ReleaseHook): Action<void> {
  // Removing a definition would remove all objects of its kind.
  if (kind === 'CustomResourceDefinition' || !deletePolicies.includes(policy)) return
  const objects = objectsOf(manifest)
  yield { kind: 'delete', objects }
  yield { kind: 'waitForDelete', objects }
}

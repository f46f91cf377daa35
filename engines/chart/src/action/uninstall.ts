import { quote } from '@sluice/go'
import type { KubeObject } from '@sluice/ports'
import { ChartError } from '../load/chart-error.ts'
import type { Release } from '../release/release.ts'
import { uninstallOrder } from '../render/kind-order.ts'
import { type Manifest, sortManifests, splitManifests } from '../render/manifests.ts'
import { checkReleaseName } from '../render/release-name.ts'
import { type ActionContext, type ActionOptions, actionError, withStatus } from './action-context.ts'
import { type Action, type ActionResult, attempt, historyOf, objectsOf, perform } from './effects.ts'
import { freshHooks, runHooks } from './hooks.ts'
import { objectsInDoubt } from './in-doubt.ts'
import { byOwner } from './ownership.ts'

export type UninstallOptions = ActionOptions & {
  readonly keepHistory?: boolean
  readonly ignoreNotFound?: boolean
}

/** What was uninstalled, and what was left on purpose, in words. */
export type UninstallResult = ActionResult & { readonly info: string }

const started = 'Deletion in progress (or silently failed)'

/** Uninstalls a release. Source: https://helm.sh/docs/helm/helm_uninstall/, Helm 4.3. */
export function* uninstall(context: ActionContext, options: UninstallOptions = {}): Action<UninstallResult> {
  const { name, now } = context
  if (options.dryRun) return yield* rehearse(name, options)
  if (!isReleaseName(name)) return failed(`uninstall: Release name is invalid: ${name}`)
  const history = yield* historyOf(name)
  const last = history.at(-1)
  if (!last) {
    return options.ignoreNotFound
      ? nothing
      : failed(`uninstall: Release not loaded: ${name}: release: not found`)
  }
  if (last.info.status === 'uninstalled') {
    if (options.keepHistory) return failed(`the release named ${quote(name)} is already deleted`)
    yield* purge(history)
    return { release: last, failure: undefined, info: '' }
  }
  const info = { ...last.info, deleted: now() }
  // One that was begun and not finished goes on where it was.
  const resumes = last.info.status === 'uninstalling'
  const begun = resumes ? last.hooks : freshHooks(last.hooks, ['pre-delete', 'post-delete'])
  let release = withStatus({ ...last, info, hooks: begun }, 'uninstalling', started)
  if (!options.noHooks) {
    const hooks = yield* runHooks(release, 'pre-delete', { now, method: 'ssa', resumes })
    release = hooks.release
    if (hooks.failure) return { release, failure: hooks.failure, info: '' }
  }
  yield { kind: 'record', release, as: 'modified' }
  const removed = yield* removeObjects(release, history)
  if (removed.failure) return failed(`failed to delete release: ${name}`)
  const problems: Error[] = []
  const waiting = yield* attempt(perform({ kind: 'waitForDelete', objects: removed.objects }))
  if (waiting) problems.push(waiting)
  if (!options.noHooks) {
    const hooks = yield* runHooks(release, 'post-delete', { now, method: 'ssa', resumes })
    release = hooks.release
    if (hooks.failure) problems.push(hooks.failure)
  }
  release = withStatus(release, 'uninstalled', options.description || 'Uninstallation complete')
  if (options.keepHistory) yield* keep(release)
  else yield* purge(history)
  const text = problems.map(({ message }) => message).join('; ')
  const failure =
    problems.length > 0
      ? actionError(`uninstallation completed with ${problems.length} error(s): ${text}`, problems[0])
      : undefined
  return { release, failure, info: removed.kept }
}

const nothing: UninstallResult = { release: undefined, failure: undefined, info: '' }

function failed(message: string): UninstallResult {
  return { release: undefined, failure: actionError(message), info: '' }
}

function isReleaseName(name: string): boolean {
  try {
    checkReleaseName(name)
    return true
  } catch (error) {
    if (error instanceof ChartError) return false
    throw error
  }
}

function* rehearse(name: string, { ignoreNotFound = false }: UninstallOptions): Action<UninstallResult> {
  const release = (yield* historyOf(name)).at(-1)
  if (!release) return ignoreNotFound ? nothing : failed('release: not found')
  return { release, failure: undefined, info: keptText(sortedForRemoval(release).kept) }
}

function* purge(history: readonly Release[]): Action<void> {
  for (const { name, revision } of history) yield { kind: 'remove', name, revision }
}

function* keep(release: Release): Action<void> {
  yield { kind: 'record', release, as: 'modified' }
  for (const it of yield* historyOf(release.name)) {
    if (it.info.status !== 'deployed') continue
    yield { kind: 'record', release: withStatus(it, 'superseded'), as: 'modified' }
  }
}

type Removed = {
  readonly objects: readonly KubeObject[]
  readonly kept: string
  readonly failure: Error | undefined
}

function* removeObjects(release: Release, history: readonly Release[]): Action<Removed> {
  const { kept, removed } = sortedForRemoval(release)
  const objects = removed.flatMap(({ content }) => objectsOf(content))
  const { own: known, foreign } = yield* byOwner(objects, release)
  const doubtful = yield* objectsInDoubt(history, { owner: release, known: objectsOf(release.manifest) })
  const own = [...known, ...doubtful.filter((it) => policyOfObject(it) === undefined)]
  const texts = [keptText(kept)].filter((it) => it !== '')
  if (foreign.length > 0) {
    const lines = foreign.map(({ kind, metadata }) => `[${kind}] ${metadata.name}\n`)
    texts.push(
      `${foreign.length} resource(s) were not deleted because they are not owned by this release:\n${lines.join('')}`,
    )
  }
  const failure =
    own.length > 0 ? yield* attempt(perform({ kind: 'delete', objects: own, uninstalls: true })) : undefined
  return { objects: own, kept: texts.join('\n'), failure }
}

type ForRemoval = { readonly kept: readonly Manifest[]; readonly removed: readonly Manifest[] }

function sortedForRemoval({ manifest }: Release): ForRemoval {
  const files = new Map(
    splitManifests(manifest).map((text, index) => [`manifest-${String(index).padStart(6, '0')}`, text]),
  )
  const { manifests } = sortManifests(files, { order: uninstallOrder })
  const policies = manifests.map((it) => ({ it, policy: policyOf(it) }))
  return {
    kept: policies.filter(({ policy }) => policy === 'keep').map(({ it }) => it),
    // An object with another policy is neither kept in words nor removed, as in Helm.
    removed: policies.filter(({ policy }) => policy === undefined).map(({ it }) => it),
  }
}

function policyOf({ content }: Manifest): string | undefined {
  const [object] = objectsOf(content)
  return object && policyOfObject(object)
}

function policyOfObject({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.['helm.sh/resource-policy']?.trim().toLowerCase()
}

function keptText(kept: readonly Manifest[]): string {
  if (kept.length === 0) return ''
  const lines = kept.map(({ kind, content }) => `[${kind}] ${objectsOf(content)[0]?.metadata.name ?? ''}\n`)
  return `These resources were kept due to the resource policy:\n${lines.join('')}`
}

import { ChartError } from '../load/chart-error.ts'
import type { Release } from '../release/release.ts'
import { checkReleaseName } from '../render/release-name.ts'
import {
  type ActionContext,
  type ActionOptions,
  actionError,
  checkDescription,
  createRecord,
  logDebug,
  resolveObjects,
  withStatus,
} from './action-context.ts'
import { applyMethodOf, methodOf } from './apply-method.ts'
import {
  type Action,
  type ActionResult,
  attempt,
  historyOf,
  objectsOf,
  perform,
  type UpdateResult,
} from './effects.ts'
import { freshHooks, resumedHooks, runHooks } from './hooks.ts'
import { objectsInDoubt } from './in-doubt.ts'
import { owned } from './ownership.ts'
import { wasCutShort } from './unlock.ts'

export type RollbackOptions = ActionOptions & {
  /** 0, the default, is the one before the last. */
  readonly revision?: number
  readonly serverSideApply?: string
  readonly cleanupOnFail?: boolean
  /** Whether the record says which revision it repeats, as since Helm 4.3. Default: true. */
  readonly recordsOrigin?: boolean
}

type Rollback = {
  readonly context: ActionContext
  readonly options: RollbackOptions
  readonly last: Release
  /** Whether the last revision was to be the same, and was cut short. */
  readonly resumes: boolean
  readonly history: readonly Release[]
}

/** Makes an old revision the new one. Source: https://helm.sh/docs/helm/helm_rollback/, Helm 4.3. */
export function* rollback(context: ActionContext, options: RollbackOptions = {}): Action<ActionResult> {
  checkDescription(options)
  logDebug(context, 'preparing rollback', { name: context.name })
  const { last, target, resumes, history } = yield* prepare(context, options)
  if (options.dryRun) return { release: target, failure: undefined }
  logDebug(context, 'creating rolled back release', { name: context.name })
  yield* createRecord(target, options.maxHistory ?? 0)
  logDebug(context, 'performing rollback', { name: context.name })
  return yield* apply(target, { context, options, last, resumes, history })
}

function* prepare(
  context: ActionContext,
  options: RollbackOptions,
): Action<Pick<Rollback, 'last' | 'resumes' | 'history'> & { readonly target: Release }> {
  const { name, now } = context
  requireName(name)
  if ((options.revision ?? 0) < 0) throw actionError('invalid release revision')
  const history = yield* historyOf(name)
  const last = history.at(-1)
  if (!last) throw actionError('release: not found')
  const revision = options.revision || last.revision - 1
  logDebug(context, 'rolling back', { currentVersion: last.revision, name, targetVersion: revision })
  const previous = history.find((it) => it.revision === revision)
  if (!previous) throw actionError(`release has no ${revision} version`)
  const resumes = wasCutShort(last) && last.manifest === previous.manifest
  const hooks = freshHooks(previous.hooks, ['pre-rollback', 'post-rollback'])
  const target: Release = {
    ...previous,
    hooks: resumes ? resumedHooks(hooks, last) : hooks,
    namespace: last.namespace,
    revision: last.revision + 1,
    applyMethod: applyMethodOf(options.serverSideApply, previous),
    info: {
      firstDeployed: last.info.firstDeployed,
      lastDeployed: now(),
      deleted: '',
      description: options.description || `Rollback to ${revision}`,
      status: 'pending-rollback',
      rollbackRevision: options.recordsOrigin === false ? 0 : revision,
      notes: previous.info.notes,
    },
  }
  return { last, target, resumes, history }
}

function requireName(name: string): void {
  try {
    checkReleaseName(name)
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw actionError(`prepareRollback: Release name is invalid: ${name}`, cause)
  }
}

function* apply(target: Release, rolling: Rollback): Action<ActionResult> {
  const { context, options, last, resumes, history } = rolling
  let release = target
  const current = objectsOf(last.manifest)
  const to = objectsOf(release.manifest).map((it) => owned(it, release))
  yield* resolveObjects(to, 'new release manifest')
  const known = [...current, ...to]
  const from = [...current, ...(yield* objectsInDoubt(history, { owner: release, known }))]
  if (!options.noHooks) {
    const hooks = yield* runHooks(release, 'pre-rollback', { now: context.now, resumes })
    if (hooks.failure) return hooks
    release = hooks.release
  } else {
    logDebug(context, 'rollback hooks disabled', { name: release.name })
  }
  const update = { from, to, method: methodOf(release), migrates: true, adopts: false }
  const { created, failure } = (yield { kind: 'update', ...update }) as UpdateResult
  if (failure) {
    const message = `Rollback "${release.name}" failed: ${failure.message}`
    context.log?.({ level: 'warning', message, fields: {} })
    return yield* fail(release, { last: withStatus(last, 'superseded'), cause: failure }, () =>
      options.cleanupOnFail ? perform({ kind: 'delete', objects: created }) : undefined,
    )
  }
  const jobs = options.waitForJobs ?? false
  const waiting = yield* attempt(perform({ kind: 'wait', objects: to, jobs }))
  if (waiting) {
    const failed = withStatus(release, 'failed', `Release "${release.name}" failed: ${waiting.message}`)
    yield { kind: 'record', release: last, as: 'modified' }
    yield { kind: 'record', release: failed, as: 'modified' }
    const message = `release ${release.name} failed: ${waiting.message}`
    return { release: failed, failure: actionError(message, waiting) }
  }
  if (!options.noHooks) {
    const hooks = yield* runHooks(release, 'post-rollback', { now: context.now, resumes })
    if (hooks.failure) return hooks
    release = hooks.release
  }
  for (const it of yield* historyOf(release.name)) {
    if (it.info.status !== 'deployed') continue
    logDebug(context, 'superseding previous deployment', { version: it.revision })
    yield { kind: 'record', release: withStatus(it, 'superseded'), as: 'modified' }
  }
  logDebug(context, 'updating status for rolled back release', { name: release.name })
  const deployed = withStatus(release, 'deployed')
  yield { kind: 'record', release: deployed, as: 'modified' }
  return { release: deployed, failure: undefined }
}

function* fail(
  release: Release,
  { last, cause }: { readonly last: Release; readonly cause: Error },
  cleanup: () => Action<void> | undefined,
): Action<ActionResult> {
  const failed = withStatus(release, 'failed', `Rollback "${release.name}" failed: ${cause.message}`)
  yield { kind: 'record', release: last, as: 'modified' }
  yield { kind: 'record', release: failed, as: 'modified' }
  const cleaning = cleanup()
  const problem = cleaning && (yield* attempt(cleaning))
  if (!problem) return { release: failed, failure: cause }
  const message = `an error occurred while cleaning up resources. original rollback error: unable to cleanup resources: ${problem.message}`
  return { release: failed, failure: actionError(message, problem) }
}

import type { KubeObject } from '@sluice/ports'
import type { Chart } from '../chart.ts'
import { ChartError } from '../load/chart-error.ts'
import type { Release } from '../release/release.ts'
import { checkLabels, mergeLabels } from '../release/release-storage.ts'
import { checkReleaseName } from '../render/release-name.ts'
import { coalesceValues } from '../values/coalesce.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { copyTable, isTable, mergeTables } from '../values/tables.ts'
import {
  type ActionContext,
  type ActionOptions,
  actionError,
  createRecord,
  logDebug,
  renderChartFor,
  renderedParts,
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
import { type HooksResult, resumedHooks, runHooks } from './hooks.ts'
import { objectKey, objectsInDoubt } from './in-doubt.ts'
import { adoptable, owned } from './ownership.ts'
import { rollback } from './rollback.ts'
import { wasCutShort } from './unlock.ts'

export type UpgradeOptions = ActionOptions & {
  readonly labels?: ReadonlyMap<string, string>
  /** `auto`, the default, does as the last revision did. */
  readonly serverSideApply?: string
  readonly resetValues?: boolean
  readonly reuseValues?: boolean
  readonly resetThenReuseValues?: boolean
  readonly cleanupOnFail?: boolean
  /** Objects that exist become the release's, whoever owned them. */
  readonly takeOwnership?: boolean
}

type Upgrade = {
  readonly context: ActionContext
  readonly options: UpgradeOptions
  /** The revision that is deployed, or the last one. */
  readonly current: Release
  /** Whether the last revision was to be the same, and was cut short. */
  readonly resumes: boolean
}

/** Upgrades a release to another chart or other values. Source: https://helm.sh/docs/helm/helm_upgrade/, Helm 4.3. */
export function* upgrade(
  context: ActionContext,
  { chart, values }: { readonly chart: Chart; readonly values: MutableValues },
  options: UpgradeOptions = {},
): Action<ActionResult> {
  requireName(context.name)
  logDebug(context, 'preparing upgrade', { name: context.name })
  const history = yield* historyOf(context.name)
  const last = history.at(-1)
  if (!last) throw noneDeployed(context.name)
  if (last.info.status.startsWith('pending-')) {
    throw actionError('another operation (install/upgrade/rollback) is in progress')
  }
  const current = currentOf(history, last)
  logValues(context, { current, options })
  const reused = reuseValues(chart, values, { current, options })
  const prepared = yield* prepare(context, reused, { last, current, options })
  const resumes = wasCutShort(last) && last.manifest === prepared.manifest
  const release = resumes ? { ...prepared, hooks: resumedHooks(prepared.hooks, last) } : prepared
  const from = [...objectsOf(current.manifest)]
  const to = objectsOf(release.manifest).map((it) => owned(it, release))
  yield* resolveObjects(to, 'new release manifest')
  logDebug(context, 'performing update', { name: context.name })
  const keys = new Set(from.map(objectKey))
  const strangers = to.filter((it) => !keys.has(objectKey(it)))
  const known = [...from, ...to]
  from.push(...(yield* adopt(strangers, release, options)))
  from.push(...(yield* objectsInDoubt(history, { owner: release, known })))
  if (options.dryRun) {
    const description = options.description || 'Dry run complete'
    return { release: withStatus(release, 'pending-upgrade', description), failure: undefined }
  }
  logDebug(context, 'creating upgraded release', { name: context.name })
  yield* createRecord(release, options.maxHistory ?? 0)
  const replaced = withNulls(current, values, options)
  return yield* apply(release, { from, to }, { context, options, current: replaced, resumes })
}

function requireName(name: string): void {
  try {
    checkReleaseName(name)
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw actionError(`release name is invalid: ${name}`, cause)
  }
}

function noneDeployed(name: string): ChartError {
  return actionError(`"${name}" has no deployed releases`)
}

function currentOf(history: readonly Release[], last: Release): Release {
  const deployed = history.findLast(({ info }) => info.status === 'deployed')
  if (deployed) return deployed
  if (last.info.status === 'failed' || last.info.status === 'superseded') return last
  throw noneDeployed(last.name)
}

function logValues(
  context: ActionContext,
  { current, options }: { readonly current: Release; readonly options: UpgradeOptions },
): void {
  if (options.resetValues) logDebug(context, "resetting values to the chart's original version")
  else if (options.reuseValues) logDebug(context, "reusing the old release's values")
  else if (options.resetThenReuseValues) logDebug(context, 'merging values from old release to new values')
  else logDebug(context, 'copying values from old release', { name: current.name, version: current.revision })
}

/**
 * The current release as Helm records it when it is replaced: reusing its values writes the nulls of the new ones into them,
 * so that a rollback has them too.
 */
function withNulls(current: Release, values: MutableValues, options: UpgradeOptions): Release {
  const isReused = options.reuseValues || options.resetThenReuseValues
  if (!current.config || options.resetValues || !isReused) return current
  return { ...current, config: nulled(current.config, values) }
}

function nulled(config: MutableValues, values: MutableValues): MutableValues {
  const result: MutableValues = new Map(config)
  for (const [key, value] of values) {
    const old = config.get(key)
    if (value === null) result.set(key, null)
    else if (isTable(value) && isTable(old)) result.set(key, nulled(old, value))
  }
  return result
}

/** The chart and values to render: what the last revision had comes back as the options say. */
function reuseValues(
  chart: Chart,
  values: MutableValues,
  { current, options }: { readonly current: Release; readonly options: UpgradeOptions },
): { readonly chart: Chart; readonly values: MutableValues } {
  const config: MutableValues = current.config ?? new Map()
  const merged = (): MutableValues => {
    const target = copyTable(values)
    mergeTables(target, copyTable(config), { keepNulls: false, warn: () => {}, path: '' })
    return target
  }
  if (options.resetValues) return { chart, values }
  if (options.reuseValues) {
    const old = coalesceValues(current.chart, config, { keepNulls: false, warn: () => {} })
    return { chart: { ...chart, values: old }, values: merged() }
  }
  if (options.resetThenReuseValues) return { chart, values: merged() }
  return { chart, values: values.size === 0 ? config : values }
}

function* prepare(
  context: ActionContext,
  { chart, values }: { readonly chart: Chart; readonly values: MutableValues },
  { last, current, options }: { last: Release; current: Release; options: UpgradeOptions },
): Action<Release> {
  const { name, now } = context
  const { namespace } = current
  const revision = last.revision + 1
  const facts = { name, namespace, revision, isInstall: false, isUpgrade: true }
  const { notes, ...parts } = renderedParts(yield* renderChartFor({ chart, values }, facts))
  const labels = options.labels ?? new Map<string, string>()
  checkLabels(labels)
  const applyMethod = applyMethodOf(options.serverSideApply, last)
  logDebug(context, 'determined release apply method', {
    previous_release_apply_method: last.applyMethod,
    server_side_apply: applyMethod === 'ssa',
  })
  return {
    ...parts,
    name,
    namespace,
    revision,
    config: values,
    applyMethod,
    labels: mergeLabels(last.labels, labels),
    info: {
      firstDeployed: current.info.firstDeployed,
      lastDeployed: now(),
      deleted: '',
      description: 'Preparing upgrade',
      status: 'pending-upgrade',
      rollbackRevision: 0,
      notes,
    },
  }
}

function* adopt(
  objects: readonly KubeObject[],
  release: Release,
  { takeOwnership = false }: UpgradeOptions,
): Action<readonly KubeObject[]> {
  try {
    return yield* adoptable(objects, release, { takeOwnership })
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw actionError(`unable to continue with update: ${cause.message}`, cause)
  }
}

type Objects = { readonly from: readonly KubeObject[]; readonly to: readonly KubeObject[] }

function* apply(release: Release, { from, to }: Objects, upgrading: Upgrade): Action<ActionResult> {
  const { context, options, current } = upgrading
  const before = yield* hooksUnless(release, 'pre-upgrade', upgrading)
  if (before.failure) return yield* fail(before, [], upgrading)
  const method = methodOf(release)
  const migrates = method === 'ssa' && methodOf(current) === 'csa'
  const update = { from, to, method, migrates, adopts: false }
  const { created, failure } = (yield { kind: 'update', ...update }) as UpdateResult
  const waiting =
    failure ?? (yield* attempt(perform({ kind: 'wait', objects: to, jobs: options.waitForJobs ?? false })))
  if (waiting) {
    yield { kind: 'record', release: current, as: 'modified' }
    return yield* fail({ release: before.release, failure: waiting }, created, upgrading)
  }
  const after = yield* hooksUnless(before.release, 'post-upgrade', upgrading)
  if (after.failure) return yield* fail(after, created, upgrading)
  yield { kind: 'record', release: withStatus(current, 'superseded'), as: 'modified' }
  logDebug(context, 'updating status for upgraded release', { name: context.name })
  const deployed = withStatus(after.release, 'deployed', options.description || 'Upgrade complete')
  yield { kind: 'record', release: deployed, as: 'modified' }
  return { release: { ...deployed, name: context.name }, failure: undefined }
}

function* hooksUnless(
  release: Release,
  event: 'pre-upgrade' | 'post-upgrade',
  { context, options, resumes }: Upgrade,
): Action<HooksResult> {
  if (options.noHooks) {
    if (event === 'pre-upgrade') logDebug(context, 'upgrade hooks disabled', { name: release.name })
    return { release, failure: undefined }
  }
  const result = yield* runHooks(release, event, { now: context.now, resumes })
  if (!result.failure) return result
  const message = `${event} hooks failed: ${result.failure.message}`
  return { release: result.release, failure: actionError(message, result.failure) }
}

function* fail(
  { release, failure: cause }: HooksResult,
  created: readonly KubeObject[],
  { context, options }: Upgrade,
): Action<ActionResult> {
  const why = cause?.message ?? ''
  const failed = withStatus(release, 'failed', `Upgrade "${release.name}" failed: ${why}`)
  const ended = (message: string): ActionResult => ({ release: failed, failure: actionError(message, cause) })
  const error = cause ?? actionError(why)
  context.log?.({ level: 'warning', message: 'upgrade failed', fields: { error, name: release.name } })
  yield { kind: 'record', release: failed, as: 'modified' }
  if (options.cleanupOnFail && created.length > 0) {
    logDebug(context, 'cleanup on fail set', { cleaning_resources: created.length })
    const problem = yield* attempt(perform({ kind: 'delete', objects: created }))
    if (problem) {
      return ended(
        `an error occurred while cleaning up resources. original upgrade error: ${why}: unable to cleanup resources: ${problem.message}`,
      )
    }
  }
  if (!options.rollbackOnFailure) return { release: failed, failure: cause }
  const good = (yield* historyOf(release.name)).findLast(({ info }) =>
    ['superseded', 'deployed'].includes(info.status),
  )
  if (!good) {
    return ended(
      `unable to find a previously successful release when attempting to rollback. original upgrade error: ${why}`,
    )
  }
  const { noHooks = false, waitForJobs = false, serverSideApply = 'auto' } = options
  const result = yield* rollback(context, { revision: good.revision, noHooks, waitForJobs, serverSideApply })
  return ended(
    result.failure
      ? `an error occurred while rolling back the release. original upgrade error: ${why}: ${result.failure.message}`
      : `release ${release.name} failed, and has been rolled back due to rollback-on-failure being set: ${why}`,
  )
}

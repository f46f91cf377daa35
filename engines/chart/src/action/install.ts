import type { KubeObject } from '@sluice/ports'
import type { Chart } from '../chart.ts'
import { enableDependencies } from '../dependencies/enabled.ts'
import type { Release } from '../release/release.ts'
import { checkLabels } from '../release/release-storage.ts'
import { crdsOf } from '../render/crds.ts'
import { checkReleaseName } from '../render/release-name.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { ValuesError } from '../values/tables.ts'
import {
  type ActionContext,
  type ActionOptions,
  actionError,
  createRecord,
  renderChartFor,
  renderedParts,
  resolveObjects,
  withStatus,
} from './action-context.ts'
import {
  type Action,
  type ActionResult,
  type ApplyMethod,
  attempt,
  historyOf,
  objectsOf,
  perform,
  type UpdateResult,
} from './effects.ts'
import { type HooksResult, runHooks } from './hooks.ts'
import { adoptable, owned } from './ownership.ts'
import { uninstall } from './uninstall.ts'

export type InstallOptions = ActionOptions & {
  readonly labels?: ReadonlyMap<string, string>
  /** Default: true. */
  readonly serverSideApply?: boolean
  /** Take the name of a release that failed or was uninstalled. */
  readonly replace?: boolean
  readonly skipCRDs?: boolean
  /** Objects that exist become the release's, whoever owned them. */
  readonly takeOwnership?: boolean
  /** Whether the release's namespace is created where it is missing. */
  readonly createNamespace?: boolean
}

/** Installs a chart as a new release. Source: https://helm.sh/docs/helm/helm_install/, Helm 4.3. */
export function* install(
  context: ActionContext,
  { chart, values }: { readonly chart: Chart; readonly values: MutableValues },
  options: InstallOptions = {},
): Action<ActionResult> {
  const { name, namespace } = context
  checkReleaseName(name)
  const last = options.dryRun ? undefined : (yield* historyOf(name)).at(-1)
  if (last && !(options.replace && ['uninstalled', 'failed'].includes(last.info.status))) {
    const cause = actionError('cannot reuse a name that is still in use')
    context.log?.({ level: 'error', message: 'release name check failed', fields: { error: cause } })
    throw actionError(`release name check failed: ${cause.message}`, cause)
  }
  if (!options.skipCRDs && !options.dryRun) {
    yield* installCrds(
      enableDependencies(chart, values, () => {}),
      methodOf(options),
    )
  }
  checkLabels(options.labels ?? new Map())
  const rendered = yield* renderRelease(context, { chart, values }, options)
  if (rendered.failure) return rendered
  const { release } = rendered
  const objects = objectsOf(release.manifest).map((it) => owned(it, { name, namespace }))
  yield* resolveObjects(objects, 'release manifest')
  const adopted = options.dryRun === 'client' ? [] : yield* adopt(objects, release, options)
  if (options.dryRun) {
    return { release: withStatus(release, 'pending-install', 'Dry run complete'), failure: undefined }
  }
  if (options.createNamespace) yield* createNamespace(release)
  const revision = last ? last.revision + 1 : 1
  if (last && last.info.status !== 'failed') {
    const replaced = withStatus(last, 'superseded', 'superseded by new release')
    yield { kind: 'record', release: replaced, as: 'modified' }
  }
  const recorded = { ...release, revision }
  yield* createRecord(recorded, options.maxHistory ?? 0)
  const result = yield* apply(recorded, { objects, adopted }, { context, options })
  return result.failure ? yield* fail(context, result.release, { cause: result.failure, options }) : result
}

type Rendering =
  | { readonly release: Release; readonly failure: undefined }
  | { readonly release: Release | undefined; readonly failure: Error }

function* renderRelease(
  { name, namespace, now }: ActionContext,
  { chart, values }: { readonly chart: Chart; readonly values: MutableValues },
  { labels = new Map(), serverSideApply = true }: InstallOptions,
): Action<Rendering> {
  const time = now()
  const empty: Release = {
    name,
    namespace,
    revision: 1,
    chart,
    config: values,
    manifest: '',
    hooks: [],
    applyMethod: methodOf({ serverSideApply }),
    labels,
    info: {
      firstDeployed: time,
      lastDeployed: time,
      deleted: '',
      description: 'Initial install underway',
      status: 'pending-install',
      rollbackRevision: 0,
      notes: '',
    },
  }
  try {
    const facts = { name, namespace, revision: 1, isInstall: true, isUpgrade: false }
    const { notes, ...parts } = renderedParts(yield* renderChartFor({ chart, values }, facts))
    return { release: { ...empty, ...parts, info: { ...empty.info, notes } }, failure: undefined }
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure
    if (failure instanceof ValuesError) return { release: undefined, failure }
    const description = `failed to render resource: ${failure.message}`
    return { release: withStatus(empty, 'failed', description), failure }
  }
}

function* installCrds(chart: Chart, method: ApplyMethod): Action<void> {
  const installed: KubeObject[] = []
  for (const { content } of crdsOf(chart)) {
    const objects = objectsOf(content)
    // Definitions that exist are never changed.
    const isNew = (yield { kind: 'create', objects, method, keepExisting: true }) !== false
    if (!isNew) continue
    installed.push(...objects)
  }
  if (installed.length > 0) yield { kind: 'wait', objects: installed, jobs: false }
}

function methodOf({ serverSideApply = true }: InstallOptions): ApplyMethod {
  return serverSideApply ? 'ssa' : 'csa'
}

function* createNamespace({ namespace, applyMethod }: Release): Action<void> {
  const metadata = { name: namespace, labels: { name: namespace } }
  const objects = [{ apiVersion: 'v1', kind: 'Namespace', metadata }]
  yield { kind: 'create', objects, method: applyMethod === 'ssa' ? 'ssa' : 'csa', keepExisting: true }
}

function* adopt(
  objects: readonly KubeObject[],
  release: Release,
  { takeOwnership = false }: InstallOptions,
): Action<readonly KubeObject[]> {
  try {
    return yield* adoptable(objects, release, { takeOwnership })
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw actionError(`unable to continue with install: ${cause.message}`, cause)
  }
}

type Applied = {
  readonly objects: readonly KubeObject[]
  readonly adopted: readonly KubeObject[]
}

function* apply(
  release: Release,
  { objects, adopted }: Applied,
  { context, options }: { readonly context: ActionContext; readonly options: InstallOptions },
): Action<HooksResult> {
  const { now } = context
  let current = release
  if (!options.noHooks) {
    const hooks = yield* runHooks(current, 'pre-install', { now })
    current = hooks.release
    if (hooks.failure) {
      return { release: current, failure: actionError(`failed pre-install: ${hooks.failure.message}`) }
    }
  }
  const failure = yield* attempt(createAndWait({ objects, adopted }, options))
  if (failure) return { release: current, failure }
  if (!options.noHooks) {
    const hooks = yield* runHooks(current, 'post-install', { now })
    current = hooks.release
    if (hooks.failure) {
      return { release: current, failure: actionError(`failed post-install: ${hooks.failure.message}`) }
    }
  }
  const deployed = withStatus(current, 'deployed', options.description || 'Install complete')
  yield { kind: 'record', release: deployed, as: 'modified' }
  return { release: deployed, failure: undefined }
}

function* createAndWait({ objects, adopted }: Applied, options: InstallOptions): Action<void> {
  const { waitForJobs = false, takeOwnership = false } = options
  const method = methodOf(options)
  if (adopted.length === 0 && objects.length > 0) {
    yield { kind: 'create', objects, method }
  } else if (objects.length > 0) {
    const update = { from: adopted, to: objects, method, migrates: true, adopts: takeOwnership }
    const { failure } = (yield { kind: 'update', ...update }) as UpdateResult
    if (failure) throw failure
  }
  yield { kind: 'wait', objects, jobs: waitForJobs }
}

function* fail(
  context: ActionContext,
  release: Release,
  { cause, options }: { readonly cause: Error; readonly options: InstallOptions },
): Action<ActionResult> {
  const { name } = context
  const failed = withStatus(release, 'failed', `Release "${name}" failed: ${cause.message}`)
  if (!options.rollbackOnFailure) {
    yield* attempt(perform({ kind: 'record', release: failed, as: 'modified' }))
    return { release: failed, failure: cause }
  }
  const { failure } = yield* uninstall(context, { noHooks: options.noHooks ?? false })
  const message = failure
    ? `an error occurred while uninstalling the release. original install error: ${cause.message}: ${failure.message}`
    : `release ${name} failed, and has been uninstalled due to rollback-on-failure being set: ${cause.message}`
  return { release: failed, failure: actionError(message, cause) }
}

import { digestOf } from '@sluice/artifact'
import { fetchChartIndex, HelmRepositoryError, storableIndex } from '@sluice/helmrepo'
import { gunzip } from '@sluice/host'
import { type Http, ToolkitError } from '@sluice/ports'
import {
  type Outcome,
  ReconcileFailure,
  type Reconciler,
  type Run,
  runSteps,
  type Step,
} from '@sluice/runtime'
import {
  conditionTypes,
  decodeHelmRepository,
  fieldManagers,
  finalizer,
  type HelmRepository,
  helmRepositoryDefinition,
  messages,
  reasons,
  resourceOf,
  sourceReasons,
} from '@sluice/toolkit'
import { sourceConditions, sourceFailures } from '../shared/conditions.ts'
import { durationMs } from '../shared/duration.ts'
import { httpRepositoryOf, readHelmSecrets } from '../shared/helm-remote.ts'
import { humanSize } from '../shared/human-size.ts'
import { notifySuccess, traceUpToDate } from '../shared/notify.ts'
import type { SourceDeps } from '../shared/source-deps.ts'
import { announce, observeStorage, removeArtifacts } from '../shared/storage-step.ts'
import { urlProblem } from '../shared/url-problem.ts'

const { fetchFailed, storageOperationFailed, artifactOutdated, artifactInStorage } = conditionTypes

export type HelmRepositoryDeps = SourceDeps & {
  readonly http: Http
  /** Largest index. Default: 50 MiB. */
  readonly helmIndexMaxBytes?: number
}

type HelmRepositoryWork = {
  readonly run: Run<HelmRepository>
  readonly deps: HelmRepositoryDeps
  bytes: Uint8Array
  revision: string
}

const steps: readonly Step<HelmRepositoryWork>[] = [
  ({ run }) => announce(run),
  ({ run, deps }) => observeStorage(run, deps.store),
  checkUrl,
  fetchIndex,
  storeIndex,
]

/**
 * Reconciles HelmRepositories: fetches their index and serves it. Those of type `oci` have none: they are only data for
 * HelmCharts, without finalizer and status.
 */
export function helmRepositoryController(deps: HelmRepositoryDeps): Reconciler<HelmRepository> {
  return {
    resource: resourceOf(helmRepositoryDefinition),
    decode: decodeHelmRepository,
    controller: fieldManagers.sourceController,
    fieldManager: fieldManagers.sourceController,
    finalizer,
    answersWhileSuspended: true,
    conditions: sourceConditions(),
    isStatic: ({ spec }) => spec.type === 'oci',
    reconcile: async (run) => {
      const outcome = await runSteps({ run, deps, bytes: new Uint8Array(), revision: '' }, steps)
      if (outcome.kind === 'done') {
        const size = humanSize(run.status.artifact?.size ?? 0)
        const message = `stored fetched index of size ${size} from '${run.object.spec.url}'`
        notifySuccess(run, message, sourceFailures)
      }
      return outcome
    },
    finalize: (run) => removeArtifacts(run, deps.store),
  }
}

async function checkUrl({ run }: HelmRepositoryWork): Promise<Outcome | undefined> {
  const { url } = run.object.spec
  const problem = url.startsWith('oci://')
    ? "'oci' URL scheme cannot be used with 'default' HelmRepository type"
    : urlProblem(url)
  if (problem === undefined) return undefined
  const message = `invalid Helm repository URL: ${problem}`
  run.conditions.markTrue(fetchFailed, sourceReasons.urlInvalid, message)
  return { kind: 'stalled', reason: sourceReasons.urlInvalid, message }
}

async function fetchIndex(work: HelmRepositoryWork): Promise<undefined> {
  const { run, deps } = work
  const secrets = await explain(sourceReasons.authenticationFailed, () =>
    readHelmSecrets(deps.cluster, run.object, run),
  )
  const maxBytes = deps.helmIndexMaxBytes ?? 50 * 1024 ** 2
  try {
    work.bytes = await fetchChartIndex(httpRepositoryOf(run.object, secrets), {
      http: deps.http,
      signal: run.signal,
      timeoutMs: durationMs(run.object.spec.timeout, 60_000),
      maxBytes,
      gunzip,
    })
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new ReconcileFailure(
      reasons.failed,
      'failed to fetch Helm repository index: failed to cache index to temporary file',
      { condition: fetchFailed, cause },
    )
  }
  work.revision = digestOf(work.bytes)
  return undefined
}

async function storeIndex(work: HelmRepositoryWork): Promise<Outcome> {
  const { run, deps, revision } = work
  if (run.status.artifact?.revision === revision) {
    traceUpToDate(run, revision)
  } else {
    const index = loadIndex(work.bytes)
    run.conditions.remove(fetchFailed)
    await observeRevision(work)
    const fileName = `index-${revision.replace(/^\w+:/, '')}.yaml`
    const stored = await explainStorage(() =>
      deps.store.write({ ...run.key, kind: run.object.kind, fileName }, revision, index),
    )
    run.status.artifact = stored
    run.status.url = await deps.store.link(stored, 'index.yaml')
    run.conditions.remove(storageOperationFailed)
  }
  run.conditions.remove(fetchFailed, artifactOutdated)
  run.conditions.markTrue(artifactInStorage, reasons.succeeded, `stored artifact: revision '${revision}'`)
  return { kind: 'done', requeueAfter: durationMs(run.object.spec.interval, 60_000) }
}

async function observeRevision({ run, revision }: HelmRepositoryWork): Promise<void> {
  const message = `new index revision '${revision}'`
  if (run.status.artifact) run.conditions.markTrue(artifactOutdated, sourceReasons.newRevision, message)
  run.conditions.progress(reasons.progressing, `${messages.buildingArtifact}: ${message}`, { drift: true })
  await run.saveStatus()
}

function loadIndex(bytes: Uint8Array): Uint8Array {
  try {
    return storableIndex(bytes)
  } catch (cause) {
    if (!(cause instanceof HelmRepositoryError)) throw cause
    throw new ReconcileFailure(
      sourceReasons.indexationFailed,
      'failed to load Helm repository from index YAML',
      { condition: fetchFailed, cause },
    )
  }
}

async function explain<T>(reason: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ToolkitError)) throw error
    const cause = error.cause === undefined ? {} : { cause: error.cause }
    throw new ReconcileFailure(reason, error.message, { condition: fetchFailed, ...cause })
  }
}

async function explainStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new ReconcileFailure(sourceReasons.archiveOperationFailed, 'unable to save artifact to storage', {
      condition: storageOperationFailed,
      cause,
    })
  }
}

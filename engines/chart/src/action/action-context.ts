import type { KubeObject } from '@sluice/ports'
import type { Chart } from '../chart.ts'
import { ChartError } from '../load/chart-error.ts'
import type { Release, ReleaseHook, ReleaseStatus } from '../release/release.ts'
import { revisionsToPrune } from '../release/release-storage.ts'
import type { ReleaseFacts, Rendered } from '../render/render-chart.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { type Action, attempt, historyOf, perform } from './effects.ts'

/** What every action works with. */
export type ActionContext = {
  readonly name: string
  readonly namespace: string
  /** Now, in RFC 3339. */
  readonly now: () => string
  /** Told what Helm logs on the way. */
  readonly log?: (line: ActionLog) => void
}

/** A line of an action's log. */
export type ActionLog = {
  readonly level: 'debug' | 'warning' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, string | number | boolean | Error>>
}

/** Logs a line for those who develop. */
export function logDebug({ log }: ActionContext, message: string, fields: ActionLog['fields'] = {}): void {
  log?.({ level: 'debug', message, fields })
}

/** Options that actions share. */
export type ActionOptions = {
  readonly description?: string
  readonly noHooks?: boolean
  readonly dryRun?: 'client' | 'server'
  readonly waitForJobs?: boolean
  readonly rollbackOnFailure?: boolean
  readonly maxHistory?: number
}

const maxDescriptionLength = 256

/** Refuses long descriptions. @throws {ChartError} `CHART_ACTION` */
export function checkDescription({ description = '' }: ActionOptions): void {
  const { length } = Array.from(description)
  if (length <= maxDescriptionLength) return
  throw actionError(`description must be ${maxDescriptionLength} characters or less, got ${length}`)
}

export function actionError(message: string, cause?: Error): ChartError {
  return new ChartError('CHART_ACTION', message, cause === undefined ? {} : { cause })
}

/** The release with another status. */
export function withStatus(release: Release, status: ReleaseStatus, description?: string): Release {
  const info = { ...release.info, status, ...(description === undefined ? {} : { description }) }
  return { ...release, info }
}

/** What a chart gave, as records have it: the manifest, the hooks that have not run, the notes. */
export function renderedParts({ manifests, hooks, notes, chart }: Rendered): {
  readonly manifest: string
  readonly hooks: readonly ReleaseHook[]
  readonly notes: string
  readonly chart: Chart
} {
  return {
    chart,
    manifest: manifests.map(({ path, content }) => `---\n# Source: ${path}\n${content}\n`).join(''),
    hooks: hooks.map((hook) => ({ ...hook, lastRun: { startedAt: '', completedAt: '', phase: '' } })),
    notes,
  }
}

/** Renders a chart. What is thrown into it is the failure of that. */
export function* renderChartFor(
  { chart, values }: { readonly chart: Chart; readonly values: MutableValues },
  release: ReleaseFacts,
): Action<Rendered> {
  return (yield { kind: 'render', chart, values, release }) as Rendered
}

/** Asks whether the cluster knows the kinds of a manifest's objects. @throws {ChartError} when it does not */
export function* resolveObjects(objects: readonly KubeObject[], which: string): Action<void> {
  if (objects.length === 0) return
  const failure = yield* attempt(perform({ kind: 'resolve', objects }))
  if (!failure) return
  throw actionError(`unable to build kubernetes objects from ${which}: ${failure.message}`, failure)
}

/** Records a new revision, after old ones were removed to make room. */
export function* createRecord(release: Release, maxHistory: number): Action<void> {
  if (maxHistory > 0) {
    const history = yield* historyOf(release.name)
    for (const revision of revisionsToPrune(history, maxHistory)) {
      yield { kind: 'remove', name: release.name, revision }
    }
  }
  yield { kind: 'record', release, as: 'created' }
}

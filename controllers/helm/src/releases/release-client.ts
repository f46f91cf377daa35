import type { Observer } from '@sluice/applier'
import type { ApplyMethod, Chart, MutableValues, Release } from '@sluice/chart'
import type { Cluster, JudgeHealth } from '@sluice/cluster'
import type { JsonObject, KubeObject } from '@sluice/ports'
import type {
  HelmInstall,
  HelmRollback,
  HelmTest,
  HelmUninstall,
  HelmUpgrade,
  IgnoreRule,
} from '@sluice/toolkit'
import type { PreviewOptions, ReleasePreview } from './preview-release.ts'
import type { PostRendering } from './render/renderer.ts'

/** Where a release lives. */
export type ReleaseTarget = {
  /** The target cluster, with the rights that the HelmRelease names. */
  readonly cluster: Cluster
  readonly name: string
  readonly namespace: string
  /** Where the records are. */
  readonly storageNamespace: string
}

/** What is to be released. */
export type ReleaseContent = {
  readonly chart: Chart
  /** What the user gave, without the chart's defaults. */
  readonly values: MutableValues
}

/** How actions of one HelmRelease go about it. */
export type ReleaseBehaviour = {
  /** What objects become before they are applied: the user's renderers, common metadata, origin labels. */
  readonly postRendering: PostRendering
  /** Labels of the definitions that the chart brings in `crds/`: whose they are. */
  readonly originLabels: Readonly<Record<string, string>>
  /** Revisions that are kept; 0 for all of them. */
  readonly maxHistory: number
  readonly waitStrategy: 'poller' | 'legacy'
  /** How installations apply where the HelmRelease says nothing. */
  readonly installMethod: ApplyMethod
  /** Whether the target is another cluster than the manager's, rather than that with other rights. */
  readonly isRemote: boolean
  /** Whether the release is in the HelmRelease's own namespace, which is there. */
  readonly isAtHome: boolean
  /** Managers whose fields count as drift where the release does not have them. */
  readonly overrideManagers: readonly string[]
  /** How objects are judged where the HelmRelease has expressions for it; by the rules of their kinds when absent. */
  readonly healthOf?: JudgeHealth
  /** Told of objects as they are read and written, so that what an action does is no drift. */
  readonly observer?: Observer
  /** Told of each record as it is written, so that nothing is forgotten when the process ends within an action. */
  readonly observe: (release: Release) => void
}

/** The bounds of one action. */
export type ActionBounds = {
  /** Milliseconds for all that the action waits for. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Ends waiting for objects to be ready, but not for hooks, tests and deletions. */
  readonly interruption?: AbortSignal
}

/** How an action ended. */
export type ActionEnd = {
  /** The newest record that the action wrote; absent when it failed before it wrote any. */
  readonly release: Release | undefined
  readonly failure: Error | undefined
  /** What Helm would have logged, the oldest first, bounded; shown with failures. */
  readonly logs: readonly string[]
}

/** One object that differs from its manifest. */
export type DriftedObject = {
  /** The object as the manifest has it, after defaults. */
  readonly object: KubeObject
  /** `removed` is missing in the cluster. */
  readonly kind: 'changed' | 'removed' | 'excluded'
  /** JSON pointers of fields that the cluster has and the manifest has not, that differ, and that are missing. */
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly missing: readonly string[]
  /** JSON patch (RFC 6902) that puts back what is `changed`; empty for the others. */
  readonly patch: readonly JsonObject[]
}

/** What of a drift could be put back. */
export type Correction = {
  readonly corrected: readonly DriftedObject[]
  readonly failures: readonly { readonly object: DriftedObject; readonly error: Error }[]
}

/** Helm's actions upon one release. Failures of actions are outcomes; only an aborted signal is thrown. */
export interface ReleaseClient {
  /** All records, the oldest first. Answered by a cache where the controller's own cluster is the target. */
  history(signal: AbortSignal): Promise<readonly Release[]>
  install(content: ReleaseContent, options: HelmInstall, bounds: ActionBounds): Promise<ActionEnd>
  upgrade(content: ReleaseContent, options: HelmUpgrade, bounds: ActionBounds): Promise<ActionEnd>
  /** To `revision`; 0 for the one before. */
  rollback(revision: number, options: HelmRollback, bounds: ActionBounds): Promise<ActionEnd>
  uninstall(options: HelmUninstall, bounds: ActionBounds): Promise<ActionEnd>
  test(options: HelmTest, bounds: ActionBounds): Promise<ActionEnd>
  /** Marks a record whose action was cut short as failed, so that the next action is possible. */
  unlock(release: Release, bounds: ActionBounds): Promise<ActionEnd>
  /** What the cluster has changed since `release` was applied. Hooks are left out. */
  drift(
    release: Release,
    ignore: readonly IgnoreRule[],
    signal: AbortSignal,
  ): Promise<readonly DriftedObject[]>
  correct(drifted: readonly DriftedObject[], signal: AbortSignal): Promise<Correction>
  /** What making the release would do. @throws {ChartError} {@link ApiError} */
  preview(content: ReleaseContent, options: PreviewOptions, signal: AbortSignal): Promise<ReleasePreview>
}

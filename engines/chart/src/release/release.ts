import type { Chart } from '../chart.ts'
import type { Hook } from '../render/manifests.ts'
import type { MutableValues } from '../values/set-parser.ts'

export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback'

/** What happened to a release. Times are RFC 3339, empty when they never came. */
export type ReleaseInfo = {
  readonly firstDeployed: string
  readonly lastDeployed: string
  readonly deleted: string
  readonly description: string
  /** One of {@link ReleaseStatus}; records of other tools may have more. */
  readonly status: ReleaseStatus | (string & {})
  /** The revision that was rolled back to; 0 for no rollback. */
  readonly rollbackRevision: number
  readonly notes: string
}

/** How a hook ended when it last ran. */
export type HookRun = {
  readonly startedAt: string
  readonly completedAt: string
  /** Empty for a hook that has not run. */
  readonly phase: '' | 'Unknown' | 'Running' | 'Succeeded' | 'Failed' | (string & {})
}

export type ReleaseHook = Hook & { readonly lastRun: HookRun }

/** A deployment of a chart: one revision of a release, as Helm records it. */
export type Release = {
  readonly name: string
  readonly namespace: string
  readonly revision: number
  readonly info: ReleaseInfo
  readonly chart: Chart
  /** What the user gave, without the chart's defaults. */
  readonly config: MutableValues | undefined
  readonly manifest: string
  readonly hooks: readonly ReleaseHook[]
  /** Whether it was applied at the server (`ssa`) or the client (`csa`, also when empty). */
  readonly applyMethod: '' | 'csa' | 'ssa' | (string & {})
  /** The user's own labels of the record. */
  readonly labels: ReadonlyMap<string, string>
}

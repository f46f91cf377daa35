import type { SeenDrift } from '@sluice/applier'
import type { MutableValues } from '@sluice/chart'
import type { Cluster, JudgeHealth } from '@sluice/cluster'
import type { ReleaseNames } from '@sluice/delivery'
import type { Next, Outcome, Run, Step } from '@sluice/runtime'
import { conditionTypes, type HelmRelease, reasons } from '@sluice/toolkit'
import type { ChartSource } from './charts/chart-source.ts'
import type { SourceChart } from './charts/source-chart.ts'
import type { HelmParts } from './deps.ts'

/** What one run works with; steps read and extend it, one after the other. */
export type Work = {
  readonly run: Run<HelmRelease>
  readonly object: HelmRelease
  readonly deps: HelmParts
  /** What Secrets and ConfigMaps that the object refers to are read from. */
  readonly configs: Cluster
  readonly names: ReleaseNames
  /** What somebody else did to objects of the release, when that is why the run was asked for. */
  readonly seenDrift: SeenDrift
  healthOf?: JudgeHealth
  source?: ChartSource
  values?: MutableValues
  configDigest?: string
  chart?: SourceChart
  target?: Cluster
}

/** A step of a run of the helm controller. */
export type HelmStep = Step<Work>

const defaultRequeueMs = 30_000
export const inProgress = 'reconciliation in progress'
export const terminalPrefix = 'Reconciliation failed terminally due to configuration error'

/** A part of the work that an earlier step has to have set. */
export function need<K extends keyof Work>(work: Work, part: K): NonNullable<Work[K]> {
  const value = work[part]
  if (value === undefined || value === null) throw new TypeError(`no ${part} yet`)
  return value
}

/** The pause while something is missing that somebody else makes, in milliseconds. */
export function requeueMs({ deps }: Work): number {
  return deps.options?.requeueDependencyMs ?? defaultRequeueMs
}

/** Ends a run without a conclusion: what `Ready` says is why. */
export function notReady({ run }: Work, reason: string, message: string, next: Next): Outcome {
  run.conditions.markFalse(conditionTypes.ready, reason, message)
  return { kind: 'said', concluded: false, next }
}

/** Ends a run that cannot succeed before something changes. */
export function stalled({ run }: Work, reason: string, message: string): Outcome {
  run.conditions.markFalse(conditionTypes.ready, reason, message)
  run.conditions.markStalled(reason, message)
  return { kind: 'said', concluded: true, next: { kind: 'nothing' } }
}

/** What was in the way is not any more: `Ready` does not go on saying so. */
export function overcome({ run }: Work, ...overcomeReasons: readonly string[]): void {
  const ready = run.conditions.get(conditionTypes.ready)
  if (!ready || !overcomeReasons.includes(ready.reason)) return
  run.conditions.markUnknown(conditionTypes.ready, reasons.progressing, inProgress)
}

import { durationText } from '@sluice/applier'
import type { Kustomization } from '@sluice/toolkit'
import { timeoutMs } from './timing.ts'

/** What a run is doing, as the condition Reconciling says it. */
export type Phase = 'Fetching manifests' | 'Building manifests' | 'Detecting drift' | 'Running health checks'

/** Texts of conditions and events that people and tools know. Source: FEATURES of Flux 2.9, §5.6 and §5.7. */
export function phaseText(phase: Phase, revision: string, { spec }: Kustomization): string {
  return `${phase} for revision ${revision} with a timeout of ${durationText(timeoutMs(spec))}`
}

export const inProgress = 'Reconciliation in progress'
export const terminalPrefix = 'Reconciliation failed terminally due to configuration error'
export const pruneFailedEvent = 'pruning for deleted resource failed'
export const terminationTimedOut = 'failed to wait for resources termination'

import type { Release } from '@sluice/chart'
import type { StatusDraft } from '@sluice/runtime'
import type { HelmRelease, HelmReleaseSpec, ReleaseSnapshot } from '@sluice/toolkit'
import type { DriftedObject } from '../releases/release-client.ts'
import { type History, newestOf, previousOf, trimmed } from './history.ts'
import {
  type Attempts,
  activePolicy,
  installPolicy,
  isExhausted,
  type RemediationPolicy,
  retryPauseMs,
  upgradePolicy,
} from './policy.ts'
import type { ReleaseState } from './release-state.ts'

/** What is to be done next. */
export type NextAction =
  | { readonly kind: 'install' }
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'test' }
  | { readonly kind: 'unlock'; readonly release: Release }
  | { readonly kind: 'correct'; readonly drift: readonly DriftedObject[] }
  /** Undoes a failure by going back to a release. */
  | { readonly kind: 'rollback'; readonly target: ReleaseSnapshot }
  /** Undoes a failure by removing the release. */
  | { readonly kind: 'uninstall' }
  | { readonly kind: 'none' }
  /** Nothing, and nothing more before something changes. */
  | { readonly kind: 'exhausted' }
  /** Nothing: there is no release to go back to. */
  | { readonly kind: 'noTarget' }

export type Decision = {
  readonly action: NextAction
  /** What is still of use of the history. */
  readonly history: History
}

export type DecisionFacts = {
  readonly spec: Pick<HelmReleaseSpec, 'install' | 'upgrade' | 'test' | 'driftDetection'>
  readonly status: Attempts & Pick<StatusDraft<HelmRelease>, 'history'>
  /** Whether an upgrade or installation is asked for whatever the state is. */
  readonly isForced: boolean
  /** Whether failures are tried again where the specification says nothing. */
  readonly retriesByDefault?: boolean | undefined
  /** Whether a snapshot is still what the records say. */
  readonly isUnchanged: (snapshot: ReleaseSnapshot) => boolean
}

/**
 * What a state calls for.
 *
 * Source: helm-controller of Flux 2.9; FEATURES §6.3.
 */
export function nextAction(state: ReleaseState, facts: DecisionFacts): Decision {
  const { spec, status, isForced } = facts
  const history = status.history ?? []
  switch (state.kind) {
    case 'inSync': {
      const kept = keptInSync(history, facts)
      return { action: isForced ? { kind: 'upgrade' } : { kind: 'none' }, history: kept }
    }
    case 'locked':
      return { action: { kind: 'unlock', release: state.release }, history }
    case 'absent':
      return { action: attempt('install', installPolicy(spec, status), isForced), history }
    case 'unmanaged':
      // What is known of it no longer holds.
      return { action: { kind: 'upgrade' }, history: [] }
    case 'outOfSync':
      return { action: attempt('upgrade', upgradePolicy(spec, status), isForced), history }
    case 'drifted': {
      const corrects = spec.driftDetection?.mode === 'enabled'
      return { action: corrects ? { kind: 'correct', drift: state.drift } : { kind: 'none' }, history }
    }
    case 'untested':
      return { action: { kind: 'test' }, history }
    case 'failed':
      return afterFailure(history, facts)
  }
}

function attempt(kind: 'install' | 'upgrade', policy: RemediationPolicy, isForced: boolean): NextAction {
  return isExhausted(policy) && !isForced ? { kind: 'exhausted' } : { kind }
}

function keptInSync(history: History, { spec, status, retriesByDefault }: DecisionFacts): History {
  if (retryPauseMs(spec, status, { byDefault: retriesByDefault }) !== undefined) return newestOf(history)
  const policy = activePolicy(spec, status)
  const ignoreTests = policy?.ignoreTestFailures ?? spec.test?.ignoreFailures ?? false
  return trimmed(history, { ignoreTests })
}

function afterFailure(history: History, facts: DecisionFacts): Decision {
  const { spec, status, isForced, retriesByDefault, isUnchanged } = facts
  if (retryPauseMs(spec, status, { byDefault: retriesByDefault }) !== undefined) {
    return { action: { kind: 'upgrade' }, history: newestOf(history) }
  }
  const policy = activePolicy(spec, status)
  // Without failures counted, what made it fail must have changed since.
  if (!policy || policy.failures <= 0 || isForced) return { action: { kind: 'upgrade' }, history }
  if (isExhausted(policy) && !policy.remediateLastFailure) return { action: { kind: 'exhausted' }, history }

  const ignoreTests = policy.ignoreTestFailures
  const kept = trimmed(history, { ignoreTests })
  if (policy.strategy === 'uninstall') return { action: { kind: 'uninstall' }, history: kept }
  const target = previousOf(kept, { ignoreTests })
  if (!target) return { action: { kind: 'noTarget' }, history: kept }
  // A record that others have changed or removed is nothing to go back to.
  const action: NextAction = isUnchanged(target) ? { kind: 'rollback', target } : { kind: 'upgrade' }
  return { action, history: kept }
}

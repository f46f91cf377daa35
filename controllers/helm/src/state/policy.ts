import { parseDurationMs } from '@sluice/go'
import type { StatusDraft } from '@sluice/runtime'
import type { ActionStrategy, HelmRelease, HelmReleaseSpec } from '@sluice/toolkit'

/** What is done about failures of the action that was attempted last. */
export type RemediationPolicy = {
  /** How often it is tried again; below zero without end. */
  readonly retries: number
  readonly failures: number
  readonly ignoreTestFailures: boolean
  /** Whether the failure that used up the retries is undone too. */
  readonly remediateLastFailure: boolean
  readonly strategy: 'rollback' | 'uninstall'
  /** An upgrade that is undone by removing the release is followed by an installation. */
  readonly uninstallsAfterUpgrade: boolean
}

/** The status' part that policies look at. */
export type Attempts = Pick<
  StatusDraft<HelmRelease>,
  'installFailures' | 'upgradeFailures' | 'lastAttemptedReleaseAction'
>

type Spec = Pick<HelmReleaseSpec, 'install' | 'upgrade' | 'test'>

const defaultRetryIntervalMs = 300_000
const defaultTimeoutMs = 300_000

export function installPolicy({ install, test }: Spec, status: Attempts): RemediationPolicy {
  const { retries = 0, ignoreTestFailures, remediateLastFailure = false } = install?.remediation ?? {}
  return {
    retries,
    failures: status.installFailures ?? 0,
    ignoreTestFailures: ignoreTestFailures ?? test?.ignoreFailures ?? false,
    remediateLastFailure,
    strategy: 'uninstall',
    uninstallsAfterUpgrade: false,
  }
}

export function upgradePolicy({ upgrade, test }: Spec, status: Attempts): RemediationPolicy {
  const remediation = upgrade?.remediation ?? {}
  const { retries = 0, ignoreTestFailures, strategy = 'rollback' } = remediation
  return {
    retries,
    failures: status.upgradeFailures ?? 0,
    ignoreTestFailures: ignoreTestFailures ?? test?.ignoreFailures ?? false,
    remediateLastFailure: remediation.remediateLastFailure ?? retries > 0,
    strategy,
    uninstallsAfterUpgrade: strategy === 'uninstall',
  }
}

/** The policy for what was attempted last. */
export function activePolicy(spec: Spec, status: Attempts): RemediationPolicy | undefined {
  const { lastAttemptedReleaseAction: action } = status
  if (action === undefined) return undefined
  return action === 'install' ? installPolicy(spec, status) : upgradePolicy(spec, status)
}

export function isExhausted({ retries, failures }: RemediationPolicy): boolean {
  return retries >= 0 && failures > retries
}

/** The pause between attempts in milliseconds where failures of the last action are tried again instead of undone. */
export function retryPauseMs(
  spec: Spec,
  { lastAttemptedReleaseAction: action }: Attempts,
  { byDefault = false }: { readonly byDefault?: boolean | undefined } = {},
): number | undefined {
  return action && pauseOf(spec[action]?.strategy, byDefault)
}

function pauseOf(strategy: ActionStrategy | undefined, byDefault: boolean): number | undefined {
  const retries = strategy ? strategy.name === 'RetryOnFailure' : byDefault
  if (!retries) return undefined
  return strategy?.retryInterval === undefined
    ? defaultRetryIntervalMs
    : parseDurationMs(strategy.retryInterval)
}

/** Actions whose time is limited by a field of their own. */
export type TimedAction = 'install' | 'upgrade' | 'test' | 'rollback' | 'uninstall'

/** How long an action may take, in milliseconds; without an action, how long anything may take. */
export function timeoutMs({ spec }: Pick<HelmRelease, 'spec'>, action?: TimedAction): number {
  const asked = (action && spec[action]?.timeout) ?? spec.timeout
  return asked === undefined ? defaultTimeoutMs : parseDurationMs(asked)
}

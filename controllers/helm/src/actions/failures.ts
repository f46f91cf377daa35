import type { Run } from '@sluice/runtime'
import type { HelmRelease } from '@sluice/toolkit'

/** Forgets how often actions failed. */
export function clearFailures({ status }: Run<HelmRelease>): void {
  status.failures = undefined
  status.installFailures = undefined
  status.upgradeFailures = undefined
}

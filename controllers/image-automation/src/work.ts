import type { Run, Step as RunStep } from '@sluice/runtime'
import type { ImageUpdateAutomation } from '@sluice/toolkit'
import type { ImageAutomationDeps } from './deps.ts'
import type { Memory } from './memory.ts'
import type { SelectedPolicies } from './policies.ts'
import type { Checkout } from './source/checkout.ts'
import type { Source } from './source/source.ts'

/** What one run works with; steps read and extend it, from the first to the last. */
export type Work = {
  readonly run: Run<ImageUpdateAutomation>
  readonly deps: ImageAutomationDeps
  readonly memory: Memory
  policies?: SelectedPolicies
  source?: Source
  checkout?: Checkout
}

export type Step = RunStep<Work>

/** What an earlier step has put there. */
export function from<K extends 'policies' | 'source' | 'checkout'>(
  work: Work,
  name: K,
): NonNullable<Work[K]> {
  const value = work[name]
  if (value === undefined) throw new TypeError(`${name} comes of an earlier step`)
  return value
}

import type { Effect } from '@sluice/chart'
import type { KubeObject } from '@sluice/ports'
import { waitForDeletion } from './deletion.ts'
import { waitAsBefore, waitForHooksAsBefore } from './legacy.ts'
import { type WaitContext, waitForHooks, waitUntilCurrent } from './poller.ts'

/** How an action waits. Without `waits` only hooks are waited for. */
export type WaitPlan = { readonly strategy: 'poller' | 'legacy'; readonly waits: boolean }

type Wait = Extract<Effect, { kind: 'wait' | 'waitForDelete' | 'watchUntilReady' }>

/** @throws {WaitError} {@link ReleaseObjectError} when it takes too long, or never will be */
export async function waitAs(effect: Wait, plan: WaitPlan, context: WaitContext): Promise<void> {
  const objects: readonly KubeObject[] = effect.objects
  // Who waits for nothing but hooks has them watched by the newer rules, as Helm does.
  const strategy = plan.waits ? plan.strategy : 'poller'
  switch (effect.kind) {
    case 'wait':
      if (!plan.waits) return
      if (strategy === 'legacy') await waitAsBefore(objects, effect, context)
      else await waitUntilCurrent(objects, effect, context)
      return
    case 'waitForDelete':
      if (plan.waits) await waitForDeletion(objects, strategy, context)
      return
    case 'watchUntilReady':
      if (strategy === 'legacy') await waitForHooksAsBefore(objects, context)
      else await waitForHooks(objects, context)
  }
}

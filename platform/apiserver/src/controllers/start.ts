import { crdCleanup } from '../crd/crd-cleanup.ts'
import { runCrdController } from '../crd/crd-controller.ts'
import type { StorageEvent } from '../storage/storage.ts'
import type { Controller, ControllerContext } from './context.ts'
import { eventExpiry } from './event-expiry.ts'
import { garbageCollector } from './garbage-collector.ts'
import { namespaceContent } from './namespace-content.ts'
import { namespaceDefaults } from './namespace-defaults.ts'
import { policyStatus } from './policy-status.ts'
import { roleAggregation } from './role-aggregation.ts'

/**
 * Starts what runs beside the requests. What is stored already has been seen when this returns; the promise inside of
 * the result settles when all have ended.
 */
export function startControllers(context: ControllerContext): { readonly ended: Promise<unknown> } {
  const { core, signal } = context
  const { storage } = core
  const controllers: readonly Controller[] = [
    namespaceDefaults(context),
    namespaceContent(context),
    crdCleanup(context),
    garbageCollector(context),
    eventExpiry(context),
    roleAggregation(context),
    policyStatus(context),
  ]
  const { revision } = storage
  const changes = storage.watch('', { revision, signal })
  for (const [key, object] of storage.entries()) {
    tell(controllers, { type: 'put', key, revision, object })
  }
  return {
    ended: Promise.allSettled([
      runCrdController(core, signal),
      ...controllers.map((it) => it.run()),
      observe(controllers, changes),
    ]),
  }
}

async function observe(
  controllers: readonly Controller[],
  changes: AsyncIterable<StorageEvent>,
): Promise<void> {
  for await (const event of changes) tell(controllers, event)
}

function tell(controllers: readonly Controller[], event: StorageEvent): void {
  for (const controller of controllers) controller.observe(event)
}

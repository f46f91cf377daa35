import { errorChain, type KubeObject } from '@sluice/ports'
import {
  type Outcome,
  type Reconciler,
  type ReconcilerContext,
  type Run,
  runSteps,
  type Watch,
} from '@sluice/runtime'
import {
  type ConditionTable,
  conditionTypes,
  decodeImageUpdateAutomation,
  fieldManagers,
  finalizer,
  gitRepositoryDefinition,
  type ImagePolicyStatus,
  type ImageUpdateAutomation,
  imagePolicyDefinition,
  imageUpdateAutomationDefinition,
  resourceOf,
} from '@sluice/toolkit'
import type { ImageAutomationDeps } from './deps.ts'
import { createMemory, type Memory } from './memory.ts'
import { isSameImage } from './policies.ts'
import { sourceKey } from './source/source.ts'
import { Stall } from './stall.ts'
import { announce } from './steps/announce.ts'
import { checkOut, configureSource, observePolicies } from './steps/prepare.ts'
import { update } from './steps/update.ts'
import type { Step } from './work.ts'

const { ready, reconciling, stalled } = conditionTypes

const steps: readonly Step[] = [announce, observePolicies, configureSource, checkOut, update]

/** The steps set `Ready` themselves. */
const conditions: ConditionTable = {
  target: ready,
  owned: [ready, reconciling, stalled],
  summarize: [],
  negativePolarity: [reconciling, stalled],
}

/**
 * Commits the images that policies chose to where Git repositories ask for them.
 *
 * @example
 * manager.add(imageUpdateAutomationController({ caches: manager.caches, clock, git, random, crypto }))
 */
export function imageUpdateAutomationController(
  deps: ImageAutomationDeps,
): Reconciler<ImageUpdateAutomation> {
  const memory = createMemory()
  return {
    resource: resourceOf(imageUpdateAutomationDefinition),
    decode: decodeImageUpdateAutomation,
    controller: fieldManagers.imageAutomationController,
    fieldManager: fieldManagers.imageAutomationController,
    finalizer,
    conditions,
    reconcile: (run) => reconcile(run, deps, memory),
    finalize: async ({ object }) => {
      memory.forget(object)
      return undefined
    },
    watches: [repositoryWatch],
    start: watchPolicies,
  }
}

/** A policy's new image wakes all automations of its namespace: which of them need it is written in their repositories. */
function watchPolicies(context: ReconcilerContext): void {
  const automations = context.caches.cache(resourceOf(imageUpdateAutomationDefinition))
  context.caches.cache(resourceOf(imagePolicyDefinition)).subscribe(({ before, after }) => {
    if (!before || !after || !hasNewImage(before, after)) return
    for (const { metadata } of automations.list(after.metadata.namespace)) {
      const { namespace = '', name = '' } = metadata
      context.enqueue({ namespace, name })
    }
  })
}

async function reconcile(
  run: Run<ImageUpdateAutomation>,
  deps: ImageAutomationDeps,
  memory: Memory,
): Promise<Outcome> {
  try {
    return await runSteps({ run, deps, memory }, steps)
  } catch (error) {
    if (!(error instanceof Stall)) throw error
    const message = errorChain(error)
    run.conditions.markFalse(ready, error.reason, message)
    return { kind: 'stalled', reason: error.reason, message }
  }
}

/** A repository that is reached in another way wakes what works on it; new commits do not. */
const repositoryWatch: Watch<ImageUpdateAutomation> = {
  resource: resourceOf(gitRepositoryDefinition),
  refersTo: (object) => [sourceKey(object)],
  when: ({ before, after }) =>
    before !== undefined && after !== undefined && before.metadata.generation !== after.metadata.generation,
}

function hasNewImage(before: KubeObject, after: KubeObject): boolean {
  const latest = latestOf(after)
  return latest !== undefined && !isSameImage(latestOf(before), latest)
}

function latestOf({ status }: KubeObject): ImagePolicyStatus['latestRef'] {
  return ((status ?? {}) as ImagePolicyStatus).latestRef
}

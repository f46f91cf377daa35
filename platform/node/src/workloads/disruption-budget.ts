import type { KubeObject, LabelSelector } from '@sluice/ports'
import { type Controller, itself } from '../world/controller.ts'
import type { KindName } from '../world/kinds.ts'
import { controllerOf } from '../world/object-store.ts'
import type { World } from '../world/world.ts'
import { selects } from './selects.ts'
import { isReady, type Pod, putStatus, type Workload } from './workload.ts'

type DisruptionBudget = KubeObject & {
  readonly spec: {
    readonly selector?: LabelSelector
    readonly minAvailable?: number | string
    readonly maxUnavailable?: number | string
  }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

type Condition = {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
  readonly observedGeneration?: number | undefined
}

type Counts = { readonly expected: number; readonly desired: number; readonly healthy: number }

/** Where the wanted number of pods of a controller is found. */
const scalable: ReadonlyMap<string, KindName> = new Map([
  ['ReplicaSet', 'replicasets'],
  ['StatefulSet', 'statefulsets'],
])

/**
 * Counts how many of a budget's pods may be evicted.
 *
 * Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 */
export const disruptionBudgetController: Controller = {
  name: 'disruption-controller',
  triggers: {
    poddisruptionbudgets: itself,
    pods: ({ metadata }, world) => {
      const budgets = [...world.objects('poddisruptionbudgets').inNamespace(metadata.namespace ?? '')]
      return budgets
        .filter((it) => selects((it as DisruptionBudget).spec.selector, metadata.labels))
        .flatMap(itself)
    },
  },
  reconcile: async (key, world) => {
    const budget = world.objects('poddisruptionbudgets').get(key) as DisruptionBudget | undefined
    if (!budget || budget.metadata.deletionTimestamp) return undefined
    const { expected, desired, healthy } = count(budget, world)
    const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0
    await putStatus('poddisruptionbudgets', budget, {
      world,
      status: {
        observedGeneration: budget.metadata.generation,
        disruptionsAllowed: allowed,
        currentHealthy: healthy,
        desiredHealthy: desired,
        expectedPods: expected,
        conditions: [allowance(budget, allowed, world.timestamp())],
      },
    })
    return undefined
  },
}

function count({ spec, metadata }: DisruptionBudget, world: World): Counts {
  const inNamespace = [...world.objects('pods').inNamespace(metadata.namespace ?? '')] as Pod[]
  const pods = inNamespace.filter((it) => selects(spec.selector, it.metadata.labels))
  const healthy = pods.filter((it) => isReady(it) && it.metadata.deletionTimestamp === undefined).length
  const { minAvailable = 1, maxUnavailable } = spec
  if (maxUnavailable !== undefined) {
    const expected = wantedPods(pods, world)
    return { expected, healthy, desired: Math.max(0, expected - share(maxUnavailable, expected)) }
  }
  // A number is of the pods that there are; a share is of those that there should be.
  const expected = typeof minAvailable === 'number' ? pods.length : wantedPods(pods, world)
  return { expected, healthy, desired: share(minAvailable, expected) }
}

function share(value: number | string, of: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * of) / 100)
}

/** How many pods the controllers of these pods want. */
function wantedPods(pods: readonly Pod[], world: World): number {
  const owners = new Map<string, number>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    const kind = scalable.get(owner?.kind ?? '')
    if (!owner || !kind) continue
    const stored = world.objects(kind).get(`${pod.metadata.namespace ?? ''}/${owner.name}`)
    owners.set(owner.uid, (stored as Workload | undefined)?.spec.replicas ?? 0)
  }
  return [...owners.values()].reduce((sum, it) => sum + it, 0)
}

function allowance({ metadata, status }: DisruptionBudget, allowed: number, at: string): Condition {
  const claim =
    allowed > 0
      ? { status: 'True', reason: 'SufficientPods' }
      : { status: 'False', reason: 'InsufficientPods' }
  const known = status?.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  return {
    type: 'DisruptionAllowed',
    observedGeneration: metadata.generation,
    ...claim,
    message: '',
    lastTransitionTime: known?.status === claim.status ? known.lastTransitionTime : at,
  }
}

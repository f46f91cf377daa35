import { type Controller, itself, ownerOfKind } from '../world/controller.ts'
import type { World } from '../world/world.ts'
import { selects } from './selects.ts'
import {
  adopters,
  availableInMs,
  claimObjects,
  isAvailable,
  isGone,
  isReady,
  type Pod,
  podOf,
  putStatus,
  type Workload,
  withoutZeros,
} from './workload.ts'

/** Pods are made and removed in portions, so that a wrong number does not flood the server. */
const burst = 500

/** Keeps as many pods as a ReplicaSet asks for. */
export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  triggers: {
    replicasets: itself,
    pods: (pod, world) => [...ownerOfKind('ReplicaSet')(pod), ...adopters('replicasets', pod, world)],
  },
  reconcile: async (key, world) => {
    const set = world.objects('replicasets').get(key) as Workload | undefined
    if (!set) return undefined
    const pods = await claimObjects<Pod>('pods', set, world)
    const live = pods.filter((pod) => !isGone(pod))
    if (!set.metadata.deletionTimestamp) await scale(set, live, world)
    return await report(set, world)
  },
}

async function scale(set: Workload, live: readonly Pod[], world: World): Promise<void> {
  const wanted = set.spec.replicas ?? 1
  const missing = Math.min(wanted - live.length, burst)
  for (let made = 0; made < missing; made += 1) {
    // In sequence: a quota that refuses the first spares the rest.
    const pod = await world.create('pods', podOf(set, set.spec.template, { name: `${set.metadata.name}-` }))
    await world.note(set, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${pod.metadata.name}`,
      component: replicaSetController.name,
    })
  }
  for (const pod of dispensable(live, live.length - wanted)) {
    await world.remove('pods', pod)
    await world.note(set, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${pod.metadata.name}`,
      component: replicaSetController.name,
    })
  }
}

/** The pods that are missed least: not ready before ready, young before old. */
function dispensable(live: readonly Pod[], count: number): readonly Pod[] {
  if (count <= 0) return []
  return live
    .toSorted((left, right) => {
      const readiness = Number(isReady(left)) - Number(isReady(right))
      if (readiness !== 0) return readiness
      return (right.metadata.creationTimestamp ?? '').localeCompare(left.metadata.creationTimestamp ?? '')
    })
    .slice(0, Math.min(count, burst))
}

async function report(read: Workload, world: World): Promise<number | undefined> {
  // Scaling changed what is cached; the set itself may have been written by its Deployment meanwhile.
  const set = (world.objects('replicasets').get(itself(read)[0] ?? '') ?? read) as Workload
  if (set.metadata.uid !== read.metadata.uid) return undefined
  const { minReadySeconds = 0, template } = set.spec
  const now = world.clock.now()
  const all = [...world.objects('pods').controlledBy(set.metadata.uid ?? '')] as Pod[]
  const pods = all.filter((pod) => !isGone(pod))
  const ready = pods.filter(isReady)
  const labels = template.metadata?.labels ?? {}

  await putStatus('replicasets', set, {
    world,
    status: {
      ...withoutZeros({
        fullyLabeledReplicas: pods.filter((pod) => selects({ matchLabels: labels }, pod.metadata.labels))
          .length,
        readyReplicas: ready.length,
        availableReplicas: pods.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
        observedGeneration: set.metadata.generation ?? 0,
      }),
      replicas: pods.length,
      terminatingReplicas: all.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length,
    },
  })
  const waits = ready.map((pod) => availableInMs(pod, minReadySeconds, now)).filter((ms) => ms > 0)
  return waits.length > 0 ? Math.min(...waits) : undefined
}

import type { KubeObject } from '@sluice/ports'
import { type Controller, itself, ownerOfKind } from '../world/controller.ts'
import type { World } from '../world/world.ts'
import {
  type Deployment,
  type ReplicaSet,
  type Rollout,
  revisionAnnotation,
  revisionOf,
} from './deployment-kinds.ts'
import { deploymentStatus, isComplete, progressDeadlineInMs } from './deployment-status.ts'
import { newReplicaSet, sameTemplate } from './new-replica-set.ts'
import { oldSetSizes, wantedNewSize } from './rolling-update.ts'
import { isGone, type Pod, putStatus } from './workload.ts'

const component = 'deployment-controller'

/** Rolls a Deployment's template out through ReplicaSets. */
export const deploymentController: Controller = {
  name: component,
  triggers: {
    deployments: itself,
    replicasets: ownerOfKind('Deployment'),
    // A deployment that recreates waits for the last pod of the old template.
    pods: (pod, world) => {
      const set = world.objects('replicasets').get(ownerOfKind('ReplicaSet')(pod)[0] ?? '')
      return set ? ownerOfKind('Deployment')(set) : []
    },
  },
  reconcile: async (key, world) => {
    const deployment = world.objects('deployments').get(key) as Deployment | undefined
    if (!deployment || deployment.metadata.deletionTimestamp) return undefined
    const found = rolloutOf(deployment, world)
    const rollout = deployment.spec.paused ? found : await withNewSet(deployment, found, world)
    await scaleSets(deployment, rollout, world)
    const after = rolloutOf(deployment, world)
    await report(deployment, after, world)
    if (isComplete(deployment, after)) await dropHistory(deployment, after, world)
    return progressDeadlineInMs(deployment, after, world.clock.now())
  },
}

function rolloutOf(deployment: Deployment, world: World): Rollout {
  const sets = [...world.objects('replicasets').controlledBy(deployment.metadata.uid ?? '')] as ReplicaSet[]
  const sorted = sets
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((left, right) => revisionOf(left) - revisionOf(right))
  const current = sorted.find((set) => sameTemplate(set.spec.template, deployment.spec.template))
  const old = sorted.filter((set) => set !== current)
  return current ? { current, old } : { old }
}

async function withNewSet(deployment: Deployment, rollout: Rollout, world: World): Promise<Rollout> {
  const revision = Math.max(0, ...rollout.old.map(revisionOf)) + 1
  const { current } = rollout
  if (!current) {
    // Recreation waits until nothing of the old template is left; the new set comes with its size then.
    const size = wantedNewSize(deployment, rollout, { oldPodsLeft: hasOldPods(rollout, world) })
    const set = newReplicaSet(deployment, { revision, size })
    const created = (await world.create('replicasets', set)) as ReplicaSet
    if (size > 0) await noteScaling(deployment, created, { from: 0, to: size, world })
    return { ...rollout, current: created }
  }
  if (revisionOf(current) >= revision) return rollout
  // A template that was rolled out before is in force again.
  const annotations = { ...current.metadata.annotations, [revisionAnnotation]: String(revision) }
  const updated = { ...current, metadata: { ...current.metadata, annotations } }
  return { ...rollout, current: (await world.update('replicasets', updated)) as ReplicaSet }
}

async function scaleSets(deployment: Deployment, rollout: Rollout, world: World): Promise<void> {
  const resize = async (set: ReplicaSet, to: number) => {
    const from = set.spec.replicas ?? 1
    if (from === to) return
    await world.update('replicasets', { ...set, spec: { ...set.spec, replicas: to } })
    await noteScaling(deployment, set, { from, to, world })
  }
  const { current, old } = rollout
  if (deployment.spec.paused) {
    const active = [...old, ...(current ? [current] : [])].filter((set) => (set.spec.replicas ?? 1) > 0)
    const [only] = active.length === 0 && current ? [current] : active
    if (only && active.length <= 1) await resize(only, deployment.spec.replicas ?? 1)
    return
  }
  // Growing first keeps the service up while old pods leave.
  if (current) {
    await resize(current, wantedNewSize(deployment, rollout, { oldPodsLeft: hasOldPods(rollout, world) }))
  }
  const sizes = oldSetSizes(deployment, rolloutOf(deployment, world))
  for (const [set, size] of sizes) await resize(set, size)
}

function hasOldPods({ old }: Rollout, world: World): boolean {
  return old.some((set) => {
    const pods = [...world.objects('pods').controlledBy(set.metadata.uid ?? '')] as Pod[]
    return pods.some((pod) => !isGone(pod) || pod.metadata.deletionTimestamp !== undefined)
  })
}

async function noteScaling(
  deployment: KubeObject,
  set: KubeObject,
  { from, to, world }: { readonly from: number; readonly to: number; readonly world: World },
): Promise<void> {
  const direction = to > from ? 'up' : 'down'
  await world.note(deployment, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${to}`,
    component,
  })
}

async function report(read: Deployment, rollout: Rollout, world: World): Promise<void> {
  const deployment = (world.objects('deployments').get(itself(read)[0] ?? '') ?? read) as Deployment
  if (deployment.metadata.uid !== read.metadata.uid) return
  const { current } = rollout
  const revision = current ? String(revisionOf(current)) : undefined
  const known = deployment.metadata.annotations?.[revisionAnnotation]
  const status = deploymentStatus(read, rollout, { now: world.clock.now(), timestamp: world.timestamp() })
  if (revision === undefined || revision === known) {
    await putStatus('deployments', deployment, { status, world })
    return
  }
  // The controller manager writes both at once through the status, which is what the managed fields show.
  const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision }
  const metadata = { ...deployment.metadata, annotations }
  await world.updateStatus('deployments', { ...deployment, metadata, status })
}

async function dropHistory(deployment: Deployment, { old }: Rollout, world: World): Promise<void> {
  const { revisionHistoryLimit = 10 } = deployment.spec
  const idle = old.filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0)
  for (const set of idle.slice(0, Math.max(0, idle.length - revisionHistoryLimit))) {
    await world.remove('replicasets', set)
  }
}

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
import {
  createdStatus,
  deploymentStatus,
  isComplete,
  pausedStatus,
  progressDeadlineInMs,
} from './deployment-status.ts'
import { newReplicaSet, sameTemplate } from './new-replica-set.ts'
import { oldSetSizes, wantedNewSize } from './rolling-update.ts'
import { adopters, claimObjects, isGone, type Pod, putStatus } from './workload.ts'

const component = 'deployment-controller'

/** Rolls a Deployment's template out through ReplicaSets. */
export const deploymentController: Controller = {
  name: component,
  triggers: {
    deployments: itself,
    replicasets: (set, world) => [...ownerOfKind('Deployment')(set), ...adopters('deployments', set, world)],
    // A deployment that recreates waits for the last pod of the old template.
    pods: (pod, world) => {
      const set = world.objects('replicasets').get(ownerOfKind('ReplicaSet')(pod)[0] ?? '')
      return set ? ownerOfKind('Deployment')(set) : []
    },
  },
  reconcile: async (key, world) => {
    const deployment = world.objects('deployments').get(key) as Deployment | undefined
    if (!deployment || deployment.metadata.deletionTimestamp) return undefined
    await claimObjects('replicasets', deployment, world)
    if (await announcePause(deployment, world)) return 0
    const found = rolloutOf(deployment, world)
    const rollout = deployment.spec.paused ? found : await withNewSet(deployment, found, world)
    await scaleSets(deployment, rollout, world)
    const after = rolloutOf(deployment, world)
    // What has been announced comes back as a change, with which the rollout goes on.
    if (await announceSet(deployment, { found, rollout: after, world })) return 0
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

/** Says in the status that the rollout stands still or goes on. @returns whether there was something to say */
async function announcePause(deployment: Deployment, world: World): Promise<boolean> {
  const status = pausedStatus(deployment, world.timestamp())
  if (!status) return false
  await world.updateStatus('deployments', { ...deployment, status })
  return true
}

/**
 * Says which revision is rolled out, and that a set was made for it, before anything is known of its pods: clients see
 * this state first. The revision, an annotation, is written through the status, which is what the managed fields show.
 *
 * @returns whether there was something to say
 */
async function announceSet(
  deployment: Deployment,
  {
    found,
    rollout: { current },
    world,
  }: { readonly found: Rollout; readonly rollout: Rollout; readonly world: World },
): Promise<boolean> {
  if (!current) return false
  const revision = String(revisionOf(current))
  const isNew = found.current === undefined
  if (!isNew && deployment.metadata.annotations?.[revisionAnnotation] === revision) return false
  const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision }
  const metadata = { ...deployment.metadata, annotations }
  const status = isNew ? createdStatus(deployment, current, world.timestamp()) : deployment.status
  await world.updateStatus('deployments', { ...deployment, metadata, ...(status ? { status } : {}) })
  return true
}

async function report(read: Deployment, rollout: Rollout, world: World): Promise<void> {
  const deployment = (world.objects('deployments').get(itself(read)[0] ?? '') ?? read) as Deployment
  if (deployment.metadata.uid !== read.metadata.uid) return
  const status = deploymentStatus(read, rollout, { now: world.clock.now(), timestamp: world.timestamp() })
  await putStatus('deployments', deployment, { status, world })
}

async function dropHistory(deployment: Deployment, { old }: Rollout, world: World): Promise<void> {
  const { revisionHistoryLimit = 10 } = deployment.spec
  const idle = old.filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0)
  for (const set of idle.slice(0, Math.max(0, idle.length - revisionHistoryLimit))) {
    await world.remove('replicasets', set)
  }
}

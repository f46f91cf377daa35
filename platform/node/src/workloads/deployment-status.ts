import {
  type Deployment,
  type DeploymentCondition,
  type ReplicaSet,
  type Rollout,
} from './deployment-kinds.ts'
import { bounds } from './rolling-update.ts'
import { withoutZeros } from './workload.ts'

/** What the controller manager stores for a Deployment without a deadline. */
const noDeadline = 2_147_483_647

type Counts = {
  readonly replicas: number
  readonly updatedReplicas: number
  readonly readyReplicas: number
  readonly availableReplicas: number
}

/** Whether all pods are of the present template and available, and none of another is left. */
export function isComplete(deployment: Deployment, rollout: Rollout): boolean {
  const { replicas, updatedReplicas, availableReplicas } = countsOf(rollout)
  const wanted = deployment.spec.replicas ?? 1
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted
}

/** The status as the deployment controller writes it, conditions with its reasons and messages. */
export function deploymentStatus(
  deployment: Deployment,
  rollout: Rollout,
  time: { readonly now: number; readonly timestamp: string },
): object {
  const counts = countsOf(rollout)
  const unavailable = Math.max(0, totalSize(rollout) - counts.availableReplicas)
  const terminating = setsOf(rollout).reduce((sum, set) => sum + (set.status?.terminatingReplicas ?? 0), 0)
  const conditions = [
    condition(deployment, availability(deployment, counts), time.timestamp),
    progress(deployment, rollout, time),
  ]
  return {
    observedGeneration: deployment.metadata.generation,
    ...withoutZeros({ ...counts, unavailableReplicas: unavailable }),
    terminatingReplicas: terminating,
    conditions: conditions.filter((item) => item !== undefined),
  }
}

/** Milliseconds until a rollout that does not move counts as failed; nothing when that cannot happen. */
export function progressDeadlineInMs(
  deployment: Deployment,
  rollout: Rollout,
  now: number,
): number | undefined {
  const { progressDeadlineSeconds = noDeadline, paused = false } = deployment.spec
  if (progressDeadlineSeconds === noDeadline || paused || isComplete(deployment, rollout)) return undefined
  const known = conditionOf(deployment, 'Progressing')
  // Its answer was written a moment ago at most, so one more second makes sure that the deadline has passed.
  const since = known ? Date.parse(known.lastUpdateTime) : now
  const left = since + progressDeadlineSeconds * 1_000 - now
  return known?.reason === 'ProgressDeadlineExceeded' ? undefined : Math.max(left, 0) + 1_000
}

type Claim = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>

function availability(deployment: Deployment, { availableReplicas }: Counts): Claim {
  const needed = (deployment.spec.replicas ?? 1) - bounds(deployment).maxUnavailable
  return availableReplicas >= needed
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

function progress(
  deployment: Deployment,
  rollout: Rollout,
  { now, timestamp }: { readonly now: number; readonly timestamp: string },
): DeploymentCondition | undefined {
  const { progressDeadlineSeconds = noDeadline, paused = false } = deployment.spec
  const known = conditionOf(deployment, 'Progressing')
  if (progressDeadlineSeconds === noDeadline) return undefined
  if (paused) {
    return condition(
      deployment,
      {
        type: 'Progressing',
        status: 'Unknown',
        reason: 'DeploymentPaused',
        message: 'Deployment is paused',
      },
      timestamp,
    )
  }
  const name = `ReplicaSet "${rollout.current?.metadata.name ?? ''}"`
  const claim = (status: string, reason: string, message: string): DeploymentCondition =>
    condition(deployment, { type: 'Progressing', status, reason, message: `${name} ${message}` }, timestamp)

  if (isComplete(deployment, rollout)) {
    return claim('True', 'NewReplicaSetAvailable', 'has successfully progressed.')
  }
  const moved = hasMoved(deployment, rollout)
  if (known?.reason === 'NewReplicaSetAvailable' && !moved) return known
  if (moved || !known) {
    return { ...claim('True', 'ReplicaSetUpdated', 'is progressing.'), lastUpdateTime: timestamp }
  }
  const expired = Date.parse(known.lastUpdateTime) + progressDeadlineSeconds * 1_000 <= now
  return expired ? claim('False', 'ProgressDeadlineExceeded', 'has timed out progressing.') : known
}

/** Whether more pods are new, ready or available than the status says, or fewer are old; or the template changed. */
function hasMoved(deployment: Deployment, rollout: Rollout): boolean {
  const before = deployment.status as (Partial<Counts> & { observedGeneration?: number }) | undefined
  const now = countsOf(rollout)
  const {
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
    observedGeneration = 0,
  } = before ?? {}
  return (
    observedGeneration !== deployment.metadata.generation ||
    now.updatedReplicas > updatedReplicas ||
    now.replicas - now.updatedReplicas < replicas - updatedReplicas ||
    now.readyReplicas > readyReplicas ||
    now.availableReplicas > availableReplicas
  )
}

/** The condition with the times that it has: `lastTransitionTime` moves with the status alone. */
function condition(deployment: Deployment, claim: Claim, timestamp: string): DeploymentCondition {
  const known = conditionOf(deployment, claim.type)
  if (known?.status === claim.status && known.reason === claim.reason && known.message === claim.message) {
    return known
  }
  const lastTransitionTime = known?.status === claim.status ? known.lastTransitionTime : timestamp
  return { ...claim, lastUpdateTime: timestamp, lastTransitionTime }
}

function conditionOf({ status }: Deployment, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((item) => item.type === type)
}

function setsOf({ current, old }: Rollout): readonly ReplicaSet[] {
  return current ? [...old, current] : old
}

function countsOf(rollout: Rollout): Counts {
  const sum = (count: (set: ReplicaSet) => number | undefined) =>
    setsOf(rollout).reduce((total, set) => total + (count(set) ?? 0), 0)
  return {
    replicas: sum(({ status }) => status?.replicas),
    updatedReplicas: rollout.current?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas: sum(({ status }) => status?.availableReplicas),
  }
}

function totalSize(rollout: Rollout): number {
  return setsOf(rollout).reduce((total, set) => total + (set.spec.replicas ?? 1), 0)
}

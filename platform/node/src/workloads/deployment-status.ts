import type { KubeObject } from '@sluice/ports'
import type { Deployment, DeploymentCondition, ReplicaSet, Rollout } from './deployment-kinds.ts'
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

/** When a status is written. */
type Time = { readonly now: number; readonly timestamp: string }

/** The status as the deployment controller writes it, conditions with its reasons and messages. */
export function deploymentStatus(deployment: Deployment, rollout: Rollout, time: Time): object {
  const counts = countsOf(rollout)
  const unavailable = Math.max(0, totalSize(rollout) - counts.availableReplicas)
  const terminating = setsOf(rollout).reduce((sum, set) => sum + (set.status?.terminatingReplicas ?? 0), 0)
  const known = withCondition(
    deployment.status?.conditions ?? [],
    availability(deployment, counts),
    time.timestamp,
  )
  return {
    observedGeneration: deployment.metadata.generation,
    ...withoutZeros({ ...counts, unavailableReplicas: unavailable }),
    terminatingReplicas: terminating,
    conditions: progressed(known, { deployment, rollout, time }),
  }
}

/** The status once a set has been made for the template, before anything else is known of it. */
export function createdStatus(deployment: Deployment, set: KubeObject, timestamp: string): object {
  if (!hasDeadline(deployment)) return deployment.status ?? {}
  const message = `Created new replica set "${set.metadata.name}"`
  return withProgress(deployment, { status: 'True', reason: 'NewReplicaSetCreated', message }, timestamp)
}

/** The status that says that a rollout was paused or goes on; `undefined` when it says so already. */
export function pausedStatus(deployment: Deployment, timestamp: string): object | undefined {
  const reason = conditionOf(deployment, 'Progressing')?.reason
  const { paused = false } = deployment.spec
  // A rollout that has failed stays failed, so that resuming it is no success.
  if (!hasDeadline(deployment) || reason === 'ProgressDeadlineExceeded') return undefined
  if (paused === (reason === 'DeploymentPaused')) return undefined
  const claim = paused
    ? { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' }
  return withProgress(deployment, claim, timestamp)
}

function withProgress(deployment: Deployment, claim: Omit<Claim, 'type'>, timestamp: string): object {
  const { conditions = [] } = deployment.status ?? {}
  return {
    ...deployment.status,
    conditions: withCondition(conditions, { type: 'Progressing', ...claim }, timestamp),
  }
}

function hasDeadline({ spec }: Deployment): boolean {
  return (spec.progressDeadlineSeconds ?? noDeadline) !== noDeadline
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

type Conditions = readonly DeploymentCondition[]

/** The conditions with what there is to say of the rollout's progress. */
function progressed(
  conditions: Conditions,
  {
    deployment,
    rollout,
    time,
  }: { readonly deployment: Deployment; readonly rollout: Rollout; readonly time: Time },
): Conditions {
  const { progressDeadlineSeconds = noDeadline, paused = false } = deployment.spec
  const others = conditions.filter(({ type }) => type !== 'Progressing')
  if (progressDeadlineSeconds === noDeadline) return others
  const known = conditionOf(deployment, 'Progressing')
  const { replicas, updatedReplicas } = countsOf(rollout)
  const isOver = replicas === updatedReplicas && known?.reason === 'NewReplicaSetAvailable'
  if (paused || isOver) return conditions

  const name = `ReplicaSet "${rollout.current?.metadata.name ?? ''}"`
  const claim = (status: string, reason: string, message: string): Claim => ({
    type: 'Progressing',
    status,
    reason,
    message: `${name} ${message}`,
  })
  if (isComplete(deployment, rollout)) {
    const done = claim('True', 'NewReplicaSetAvailable', 'has successfully progressed.')
    return withCondition(conditions, done, time.timestamp)
  }
  if (hasMoved(deployment, rollout) || !known) {
    // Each movement renews the time from which the deadline counts, though the words stay the same.
    const moving = stamped(claim('True', 'ReplicaSetUpdated', 'is progressing.'), known, time.timestamp)
    return [...others, moving]
  }
  // What was complete and is not any more, as when it was scaled, has no deadline.
  if (known.reason === 'NewReplicaSetAvailable') return conditions
  const expired = Date.parse(known.lastUpdateTime) + progressDeadlineSeconds * 1_000 <= time.now
  return expired
    ? withCondition(
        conditions,
        claim('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'),
        time.timestamp,
      )
    : conditions
}

/** Whether more pods are new, ready or available than the status says, or fewer are old. */
function hasMoved(deployment: Deployment, rollout: Rollout): boolean {
  const before = deployment.status as Partial<Counts> | undefined
  const now = countsOf(rollout)
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = before ?? {}
  return (
    now.updatedReplicas > updatedReplicas ||
    now.replicas - now.updatedReplicas < replicas - updatedReplicas ||
    now.readyReplicas > readyReplicas ||
    now.availableReplicas > availableReplicas
  )
}

/**
 * The conditions with one of them claimed anew: it goes to the end, unless status and reason are what they were, in
 * which case nothing changes. `lastTransitionTime` moves with the status alone.
 */
function withCondition(conditions: Conditions, claim: Claim, timestamp: string): Conditions {
  const known = conditions.find(({ type }) => type === claim.type)
  if (known?.status === claim.status && known.reason === claim.reason) return conditions
  return [...conditions.filter((it) => it !== known), stamped(claim, known, timestamp)]
}

function stamped(
  claim: Claim,
  known: DeploymentCondition | undefined,
  timestamp: string,
): DeploymentCondition {
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

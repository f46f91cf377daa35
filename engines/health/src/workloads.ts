import type { KubeObject } from '@sluice/ports'
import { conditionsOf, fieldAt, hasCondition, intAt, textAt } from './fields.ts'
import { current, failed, type Health, inProgress } from './verdict.ts'

/** What the controller manager stores for a Deployment without a deadline. */
const noDeadline = 2_147_483_647

/** The first check whose count falls short of what is wanted makes the object wait for it. */
type Check = readonly [label: string, have: number, want: number]

export function deploymentHealth(deployment: KubeObject): Health {
  const conditions = conditionsOf(deployment)
  if (
    conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')
  ) {
    return failed('Progress deadline exceeded')
  }

  const wanted = intAt(deployment, 'spec.replicas', 1)
  const { replicas, updated, available, ready } = counts(deployment)
  const waiting =
    shortOf([
      ['Replicas', replicas, wanted],
      ['Updated', updated, wanted],
    ]) ??
    terminating(replicas, wanted) ??
    shortOf([
      ['Available', available, updated],
      ['Ready', ready, wanted],
    ])
  if (waiting) return waiting

  // Without a deadline the controller writes no condition Progressing, so there is nothing to wait for.
  const progressed =
    intAt(deployment, 'spec.progressDeadlineSeconds', noDeadline) === noDeadline ||
    conditions.some(
      ({ type, status, reason }) =>
        type === 'Progressing' && status === 'True' && reason === 'NewReplicaSetAvailable',
    )
  if (!progressed) return inProgress('ReplicaSet not Available')
  if (!hasCondition(deployment, 'Available', 'True')) return inProgress('Deployment not Available')
  return current(`Deployment is available. Replicas: ${replicas}`)
}

export function replicaSetHealth(set: KubeObject): Health {
  if (hasCondition(set, 'ReplicaFailure', 'True')) return inProgress('Replica Failure condition. Check Pods')
  const wanted = intAt(set, 'spec.replicas', 1)
  const { replicas, available, ready } = counts(set)
  return (
    shortOf([
      ['Labelled', intAt(set, 'status.fullyLabeledReplicas', 0), wanted],
      ['Available', available, wanted],
      ['Ready', ready, wanted],
    ]) ??
    terminating(replicas, wanted) ??
    current(`ReplicaSet is available. Replicas: ${replicas}`)
  )
}

export function statefulSetHealth(set: KubeObject): Health {
  if (textAt(set, 'spec.updateStrategy.type', '') === 'OnDelete') {
    return current('StatefulSet is using the ondelete update strategy')
  }
  const wanted = intAt(set, 'spec.replicas', 1)
  const { replicas, updated, ready } = counts(set)
  const waiting =
    shortOf([
      ['Replicas', replicas, wanted],
      ['Ready', ready, wanted],
    ]) ?? terminating(replicas, wanted)
  if (waiting) return waiting

  const partition = intAt(set, 'spec.updateStrategy.rollingUpdate.partition', -1)
  if (partition !== -1) {
    return (
      shortOf([['updated', updated, wanted - partition]]) ??
      current(`Partition rollout complete. updated: ${updated}`)
    )
  }

  const behind = shortOf([['current', intAt(set, 'status.currentReplicas', 0), wanted]])
  if (behind) return behind
  if (textAt(set, 'status.currentRevision', '') !== textAt(set, 'status.updateRevision', '')) {
    return inProgress('Waiting for updated revision to match current')
  }
  return current(`All replicas scheduled as expected. Replicas: ${replicas}`)
}

export function daemonSetHealth(set: KubeObject): Health {
  // The generic check lets absent generations pass; a DaemonSet whose controller has seen it has both.
  if (typeof set.metadata.generation !== 'number') {
    return inProgress(`${set.kind} metadata.generation not found`)
  }
  if (typeof fieldAt(set, 'status.observedGeneration') !== 'number') {
    return inProgress(`${set.kind} status.observedGeneration not found`)
  }

  const wanted = intAt(set, 'status.desiredNumberScheduled', -1)
  if (wanted === -1) return inProgress('Missing .status.desiredNumberScheduled')
  return (
    shortOf([
      ['Current', intAt(set, 'status.currentNumberScheduled', 0), wanted],
      ['Updated', intAt(set, 'status.updatedNumberScheduled', 0), wanted],
      ['Available', intAt(set, 'status.numberAvailable', 0), wanted],
      ['Ready', intAt(set, 'status.numberReady', 0), wanted],
    ]) ?? current(`All replicas scheduled as expected. Replicas: ${wanted}`)
  )
}

function counts(object: KubeObject) {
  return {
    replicas: intAt(object, 'status.replicas', 0),
    updated: intAt(object, 'status.updatedReplicas', 0),
    available: intAt(object, 'status.availableReplicas', 0),
    ready: intAt(object, 'status.readyReplicas', 0),
  }
}

function shortOf(checks: readonly Check[]): Health | undefined {
  const missed = checks.find(([, have, want]) => have < want)
  return missed && inProgress(`${missed[0]}: ${missed[1]}/${missed[2]}`)
}

function terminating(have: number, want: number): Health | undefined {
  return have > want ? inProgress(`Pending termination: ${have - want}`) : undefined
}

import type { KubeObject } from '@sluice/ports'
import { conditionsOf, fieldAt, hasCondition, textAt } from './fields.ts'
import { current, failed, type Health, inProgress, unknown } from './verdict.ts'

/** How long a pod may be unschedulable before it is reported as failed. */
const scheduleWindowMs = 15_000

/** Whether pods of the object have a say in its health, so that they are worth reading. */
export function dependsOnPods({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return apiVersion.startsWith('apps/') && (kind === 'ReplicaSet' || kind === 'StatefulSet')
}

export function podHealth(pod: KubeObject, { now }: { readonly now: number }): Health {
  const phase = textAt(pod, 'status.phase', '')
  switch (phase) {
    case 'Succeeded':
      return current('Pod has completed successfully')
    case 'Failed':
      return current('Pod has completed, but not successfully')
    case 'Running':
      return runningHealth(pod)
    case 'Pending':
      return pendingHealth(pod, now)
    case '':
      return inProgress('Pod phase not available')
    default:
      return unknown(`unknown phase ${phase}`)
  }
}

/**
 * Corrects the verdict over a controller of pods that is still in progress: pods that failed for good make it fail.
 * Pods being deleted and pods that a scheduler may still place do not count.
 *
 * Source: kstatus polling of Flux's fork of cli-utils, pod controllers.
 */
export function withPods(
  health: Health,
  object: KubeObject,
  { now, pods = [] }: { readonly now: number; readonly pods?: readonly KubeObject[] },
): Health {
  if (health.status !== 'InProgress' || !dependsOnPods(object)) return health
  const count = pods.filter((pod) => hasFailedForGood(pod, now)).length
  return count > 0 ? failed(`${count} pods have failed`) : health
}

function hasFailedForGood(pod: KubeObject, now: number): boolean {
  if (pod.metadata.deletionTimestamp || isUnschedulable(pod)) return false
  return podHealth(pod, { now }).status === 'Failed'
}

function runningHealth(pod: KubeObject): Health {
  if (hasCondition(pod, 'Ready', 'True')) return current('Pod is Ready')
  const looping = crashLoopingContainers(pod)
  return looping.length > 0
    ? failed(`Containers in CrashLoop state: ${looping.join(',')}`)
    : inProgress('Pod is running but is not Ready')
}

function pendingHealth(pod: KubeObject, now: number): Health {
  if (!isUnschedulable(pod)) return inProgress('Pod is in the Pending phase')
  const created = Date.parse(pod.metadata.creationTimestamp ?? '')
  return now - scheduleWindowMs < created
    ? inProgress('Pod has not been scheduled')
    : failed('Pod could not be scheduled')
}

function isUnschedulable(pod: KubeObject): boolean {
  return conditionsOf(pod).some(
    ({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
  )
}

function crashLoopingContainers(pod: KubeObject): readonly string[] {
  const statuses = fieldAt(pod, 'status.containerStatuses')
  if (!Array.isArray(statuses)) return []
  return statuses
    .filter((status) => textAt(status, 'state.waiting.reason', '') === 'CrashLoopBackOff')
    .map((status) => textAt(status, 'name', ''))
    .filter((name) => name !== '')
}

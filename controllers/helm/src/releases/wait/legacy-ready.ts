import type { KubeObject } from '@sluice/ports'
import { ReleaseObjectError } from '../apply/placed.ts'

/** What readiness may depend on besides the object. */
export type Related = {
  /** ReplicaSets of a Deployment. */
  readonly replicaSets: readonly KubeObject[]
  /** Pods of a ReplicaSet or ReplicationController. */
  readonly pods: readonly KubeObject[]
}

/**
 * Whether an object is ready by the rules that Helm had before it knew kstatus.
 *
 * Source: https://helm.sh/docs/intro/using_helm/#helpful-options-for-installupgraderollback, Helm 3 `--wait`.
 * @throws {ReleaseObjectError} for a Job that will never be
 */
export function isReadyAsBefore(
  object: KubeObject,
  { related, jobs }: { readonly related: Related; readonly jobs: boolean },
): boolean {
  switch (object.kind) {
    case 'Pod':
      return hasCondition(object, 'Ready')
    case 'Job':
      return !jobs || isJobDone(object)
    case 'Deployment':
      return isDeploymentReady(object, related.replicaSets)
    case 'PersistentVolumeClaim':
      return statusOf(object)['phase'] === 'Bound'
    case 'Service':
      return isServiceReady(object)
    case 'DaemonSet':
      return isDaemonSetReady(object)
    case 'CustomResourceDefinition':
      return hasCondition(object, 'Established') || hasCondition(object, 'NamesAccepted', 'False')
    case 'StatefulSet':
      return isStatefulSetReady(object)
    case 'ReplicaSet':
    case 'ReplicationController':
      return isObserved(object) && related.pods.every((pod) => hasCondition(pod, 'Ready'))
    default:
      return true
  }
}

type Fields = Readonly<Record<string, unknown>>

function isJobDone(job: KubeObject): boolean {
  const { backoffLimit, completions } = specOf(job)
  const { failed, succeeded } = statusOf(job)
  if (count(failed, 0) > count(backoffLimit, 6)) {
    throw new ReleaseObjectError(`job is failed: ${job.metadata.namespace ?? ''}/${job.metadata.name ?? ''}`)
  }
  return completions === undefined ? true : count(succeeded, 0) >= count(completions, 0)
}

function isDeploymentReady(deployment: KubeObject, replicaSets: readonly KubeObject[]): boolean {
  const { paused, replicas, strategy } = specOf(deployment)
  if (paused === true) return true
  const revision = deployment.metadata.annotations?.[revisionAnnotation]
  const newest = replicaSets.find((it) => it.metadata.annotations?.[revisionAnnotation] === revision)
  if (!newest || !isObserved(deployment)) return false
  const wanted = count(replicas, 1)
  const { type, rollingUpdate } = fields(strategy)
  const unavailable =
    type === 'Recreate' ? 0 : share(fields(rollingUpdate)['maxUnavailable'] ?? '25%', wanted)
  return count(statusOf(newest)['readyReplicas'], 0) >= wanted - unavailable
}

const revisionAnnotation = 'deployment.kubernetes.io/revision'

function isServiceReady(service: KubeObject): boolean {
  const { type, clusterIP, externalIPs } = specOf(service)
  if (type === 'ExternalName') return true
  if (clusterIP === undefined || clusterIP === '') return false
  if (type !== 'LoadBalancer') return true
  if (Array.isArray(externalIPs) && externalIPs.length > 0) return true
  const { ingress } = fields(statusOf(service)['loadBalancer'])
  return Array.isArray(ingress)
}

function isDaemonSetReady(set: KubeObject): boolean {
  if (!isObserved(set)) return false
  const { type, rollingUpdate } = fields(specOf(set)['updateStrategy'])
  if (type !== 'RollingUpdate') return true
  const { desiredNumberScheduled, updatedNumberScheduled, numberReady } = statusOf(set)
  const wanted = count(desiredNumberScheduled, 0)
  if (count(updatedNumberScheduled, 0) !== wanted) return false
  const unavailable = share(fields(rollingUpdate)['maxUnavailable'] ?? 1, wanted, Math.ceil)
  return count(numberReady, 0) >= wanted - unavailable
}

function isStatefulSetReady(set: KubeObject): boolean {
  if (!isObserved(set)) return false
  const { replicas, updateStrategy } = specOf(set)
  const { type, rollingUpdate } = fields(updateStrategy)
  if (type === 'OnDelete') return true
  const wanted = count(replicas, 1)
  const partition = count(fields(rollingUpdate)['partition'], 0)
  const { updatedReplicas, readyReplicas, currentRevision, updateRevision } = statusOf(set)
  if (count(updatedReplicas, 0) < wanted - partition) return false
  if (count(readyReplicas, 0) !== wanted) return false
  return partition > 0 || currentRevision === updateRevision
}

function isObserved(object: KubeObject): boolean {
  return count(statusOf(object)['observedGeneration'], 0) >= count(object.metadata.generation, 0)
}

function hasCondition(object: KubeObject, type: string, status = 'True'): boolean {
  const { conditions } = statusOf(object)
  return (
    Array.isArray(conditions) &&
    conditions.some((it) => fields(it)['type'] === type && fields(it)['status'] === status)
  )
}

/** A number, or a percentage of `total`. */
function share(value: unknown, total: number, round = Math.floor): number {
  if (typeof value !== 'string') return count(value, 0)
  const percent = /^(\d+)%$/.exec(value)?.[1]
  return percent === undefined ? 0 : round((Number(percent) * total) / 100)
}

function specOf(object: KubeObject): Fields {
  return fields(object['spec'])
}

function statusOf(object: KubeObject): Fields {
  return fields(object['status'])
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function count(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}

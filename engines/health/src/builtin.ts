import type { KubeObject } from '@sluice/ports'
import { conditionsOf, textAt } from './fields.ts'
import { jobHealth } from './job.ts'
import { podHealth } from './pods.ts'
import { current, failed, type Health, inProgress } from './verdict.ts'
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './workloads.ts'

/** Judges an object of one kind whose generation is observed. */
export type BuiltinRule = (object: KubeObject, context: { readonly now: number }) => Health

/** Rules by `group/Kind`, the core group without its slash. */
export const builtinRules: ReadonlyMap<string, BuiltinRule> = new Map<string, BuiltinRule>([
  ['ConfigMap', alwaysReady],
  ['Secret', alwaysReady],
  ['batch/CronJob', alwaysReady],
  ['Service', serviceHealth],
  ['PersistentVolumeClaim', claimHealth],
  ['Pod', podHealth],
  ['policy/PodDisruptionBudget', () => current('AllowedDisruptions has been computed.')],
  ['batch/Job', jobHealth],
  ['apiextensions.k8s.io/CustomResourceDefinition', definitionHealth],
  ['apps/Deployment', deploymentHealth],
  ['extensions/Deployment', deploymentHealth],
  ['apps/ReplicaSet', replicaSetHealth],
  ['extensions/ReplicaSet', replicaSetHealth],
  ['apps/DaemonSet', daemonSetHealth],
  ['extensions/DaemonSet', daemonSetHealth],
  ['apps/StatefulSet', statefulSetHealth],
])

function alwaysReady(): Health {
  return current('Resource is always ready')
}

function serviceHealth(service: KubeObject): Health {
  const waits =
    textAt(service, 'spec.type', 'ClusterIP') === 'LoadBalancer' &&
    textAt(service, 'spec.clusterIP', '') === ''
  return waits ? inProgress('ClusterIP not set. Service type: LoadBalancer') : current('Service is ready')
}

function claimHealth(claim: KubeObject): Health {
  const phase = textAt(claim, 'status.phase', 'unknown')
  return phase === 'Bound' ? current('PVC is Bound') : inProgress(`PVC is not Bound. phase: ${phase}`)
}

function definitionHealth(definition: KubeObject): Health {
  for (const { type, status, reason, message } of conditionsOf(definition)) {
    if (type === 'NamesAccepted' && status === 'False') return failed(message)
    if (type !== 'Established') continue
    if (status === 'False' && reason !== 'Installing') return failed(message)
    if (status === 'True') return current('CRD is established')
  }
  return inProgress('Install in progress')
}

import type { KubeObject } from '@sluice/ports'
import type { ObjectId } from './object-id.ts'

/** Applied before all other kinds, in this order. Source: fluxcd/pkg ssa, ReconcileOrder. */
const first = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
/** Applied after all other kinds, in this order. */
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

const weights = new Map([
  ...first.map((kind, index) => [kind, index - first.length] as const),
  ...last.map((kind, index) => [kind, index + 1] as const),
])

/** The order of applying; deleting goes backwards. */
export function compareIds(a: ObjectId, b: ObjectId): number {
  return (
    (weights.get(a.kind) ?? 0) - (weights.get(b.kind) ?? 0) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  )
}

/** What is applied, and waited for where others build on it, before the next stage begins. */
export type Stage = 'definitions' | 'classes' | 'custom' | 'rest'

/** @param customKinds kinds of a stage of their own, as `group/Kind`, the core group without slash. */
export function stageOf({ apiVersion, kind }: KubeObject, customKinds: ReadonlySet<string>): Stage {
  if (isClusterDefinition(apiVersion, kind)) return 'definitions'
  if (kind.endsWith('Class')) return 'classes'
  const slash = apiVersion.indexOf('/')
  const groupKind = slash < 0 ? kind : `${apiVersion.slice(0, slash)}/${kind}`
  return customKinds.has(groupKind) ? 'custom' : 'rest'
}

function isClusterDefinition(apiVersion: string, kind: string): boolean {
  switch (kind) {
    case 'CustomResourceDefinition':
      return apiVersion.startsWith('apiextensions.k8s.io/')
    case 'Namespace':
      return apiVersion === 'v1'
    case 'ClusterRole':
      return apiVersion.startsWith('rbac.authorization.k8s.io/')
    default:
      return false
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

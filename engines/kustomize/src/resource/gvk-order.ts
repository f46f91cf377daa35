import { compareUtf8 } from '@sluice/ports'
import type { GvkSelector } from './res-id.ts'

/** Kinds that others need, in the order in which they come first. */
export const firstKinds: readonly string[] = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
/** Kinds that come last: they look at what is made after them. */
export const lastKinds: readonly string[] = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

const ranks = kindRanks(firstKinds, lastKinds)

/** Rank by kind: negative for the first ones, 0 for those not listed, positive for the last. */
export function kindRanks(first: readonly string[], last: readonly string[]): ReadonlyMap<string, number> {
  return new Map([
    ...first.map((kind, i) => [kind, i - first.length] as const),
    ...last.map((kind, i) => [kind, i + 1] as const),
  ])
}

/** Orders by kustomize's rank of the kind, then by group, version and kind. */
export function compareGvks(a: GvkSelector, b: GvkSelector): number {
  const byRank = (ranks.get(a.kind ?? '') ?? 0) - (ranks.get(b.kind ?? '') ?? 0)
  return byRank === 0 ? compareUtf8(gvkSortText(a), gvkSortText(b)) : byRank
}

/** Group, version and kind as one text in which empty parts sort last. */
export function gvkSortText({ group, version, kind }: GvkSelector): string {
  return `${group || '~G'}_${version || '~V'}_${kind || '~K'}`
}

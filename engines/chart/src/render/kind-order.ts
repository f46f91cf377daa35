/** Kinds in the order in which Helm creates them. Others come last, by name. */
const installKinds: readonly string[] = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]

export type KindOrder = ReadonlyMap<string, number>

export const installOrder: KindOrder = new Map(installKinds.map((kind, index) => [kind, index]))
/** The reverse, but validation goes before mutation so that webhooks cannot block what follows. */
export const uninstallOrder: KindOrder = new Map(
  installKinds.toReversed().map((kind, index) => [kind, index]),
)

/** Sorts by kind; what is of one kind keeps its order. */
export function sortByKind<T extends { readonly kind: string }>(items: readonly T[], order: KindOrder): T[] {
  return items.toSorted((a, b) => compareKinds(a.kind, b.kind, order))
}

function compareKinds(a: string, b: string, order: KindOrder): number {
  const first = order.get(a)
  const second = order.get(b)
  if (first !== undefined && second !== undefined) return first - second
  if (first !== undefined) return -1
  if (second !== undefined) return 1
  return a < b ? -1 : a > b ? 1 : 0
}

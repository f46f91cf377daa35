/** What the node's controllers read and write, by plural, with the version they speak. */
export const kinds = {
  pods: { apiVersion: 'v1', kind: 'Pod' },
  services: { apiVersion: 'v1', kind: 'Service' },
  endpoints: { apiVersion: 'v1', kind: 'Endpoints' },
  endpointslices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  nodes: { apiVersion: 'v1', kind: 'Node' },
  persistentvolumeclaims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  persistentvolumes: { apiVersion: 'v1', kind: 'PersistentVolume' },
  storageclasses: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment' },
  replicasets: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  statefulsets: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemonsets: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  controllerrevisions: { apiVersion: 'apps/v1', kind: 'ControllerRevision' },
  cronjobs: { apiVersion: 'batch/v1', kind: 'CronJob' },
  jobs: { apiVersion: 'batch/v1', kind: 'Job' },
  poddisruptionbudgets: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
} as const

export type KindName = keyof typeof kinds

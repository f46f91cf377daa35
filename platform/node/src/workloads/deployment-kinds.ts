import type { KubeObject } from '@sluice/ports'
import type { Workload } from './workload.ts'

/** A Deployment's spec and what its status says so far. */
export type Deployment = Workload & {
  readonly spec: {
    readonly strategy?: {
      readonly type?: string
      readonly rollingUpdate?: {
        readonly maxSurge?: number | string
        readonly maxUnavailable?: number | string
      }
    }
    readonly paused?: boolean
    readonly revisionHistoryLimit?: number
    readonly progressDeadlineSeconds?: number
  }
  readonly status?: { readonly conditions?: readonly DeploymentCondition[] }
}

export type DeploymentCondition = {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastUpdateTime: string
  readonly lastTransitionTime: string
}

export type ReplicaSet = Workload & {
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly terminatingReplicas?: number
  }
}

/** The ReplicaSets of a Deployment: the one of its present template, and those before, oldest first. */
export type Rollout = { readonly current?: ReplicaSet; readonly old: readonly ReplicaSet[] }

/** Where a Deployment keeps the number of its rollouts. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision'

/** Which rollout of its Deployment made the set; 0 if it does not say. */
export function revisionOf({ metadata }: KubeObject): number {
  const revision = Number(metadata.annotations?.[revisionAnnotation] ?? '0')
  return Number.isSafeInteger(revision) ? revision : 0
}

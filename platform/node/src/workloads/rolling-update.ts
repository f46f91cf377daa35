import type { Deployment, ReplicaSet, Rollout } from './deployment-kinds.ts'

/** How far a rollout may stray from the wanted number of pods. */
type Bounds = { readonly maxSurge: number; readonly maxUnavailable: number }

/**
 * Surge rounds up and unavailability down; if both came to nothing no rollout could move, so one pod may be missing.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export function bounds({ spec }: Deployment): Bounds {
  if (spec.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: spec.replicas ?? 1 }
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {}
  const replicas = spec.replicas ?? 1
  const surge = share(maxSurge, replicas, Math.ceil)
  const missing = Math.min(share(maxUnavailable, replicas, Math.floor), replicas)
  return surge === 0 && missing === 0
    ? { maxSurge: 0, maxUnavailable: 1 }
    : { maxSurge: surge, maxUnavailable: missing }
}

function share(value: number | string, of: number, round: (count: number) => number): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(value)?.[1]
  return percent === undefined ? 0 : round((Number(percent) * of) / 100)
}

/** How many pods the present template may have by now. */
export function wantedNewSize(
  deployment: Deployment,
  { current, old }: Rollout,
  { oldPodsLeft }: { readonly oldPodsLeft: boolean },
): number {
  const wanted = deployment.spec.replicas ?? 1
  const have = current?.spec.replicas ?? 0
  if (deployment.spec.strategy?.type === 'Recreate') return oldPodsLeft ? Math.min(have, wanted) : wanted
  if (have >= wanted) return wanted
  const total = have + sum(old)
  const room = wanted + bounds(deployment).maxSurge - total
  return room <= 0 ? have : have + Math.min(room, wanted - have)
}

/**
 * The sizes that sets of former templates shrink to: first by what is not available anyway, then as far as enough
 * pods stay available, the oldest first.
 */
export function oldSetSizes(
  deployment: Deployment,
  { current, old }: Rollout,
): ReadonlyMap<ReplicaSet, number> {
  const sizes = new Map(old.map((set) => [set, set.spec.replicas ?? 1]))
  if (deployment.spec.strategy?.type === 'Recreate') {
    for (const set of old) sizes.set(set, 0)
    return sizes
  }
  const minAvailable = (deployment.spec.replicas ?? 1) - bounds(deployment).maxUnavailable
  const newSize = current?.spec.replicas ?? 0
  const newAvailable = Math.min(available(current), newSize)
  let spare = newSize + sum(old) - minAvailable - (newSize - newAvailable)

  const shrink = (set: ReplicaSet, by: number) => {
    const count = Math.max(0, Math.min(by, sizes.get(set) ?? 0))
    sizes.set(set, (sizes.get(set) ?? 0) - count)
    return count
  }
  for (const set of old) {
    if (spare <= 0) break
    spare -= shrink(set, Math.min(spare, (set.spec.replicas ?? 1) - available(set)))
  }
  let surplus =
    newAvailable +
    old.reduce((total, set) => total + Math.min(available(set), sizes.get(set) ?? 0), 0) -
    minAvailable
  for (const set of old) {
    if (surplus <= 0) break
    surplus -= shrink(set, surplus)
  }
  return sizes
}

function sum(sets: readonly ReplicaSet[]): number {
  return sets.reduce((total, set) => total + (set.spec.replicas ?? 1), 0)
}

function available(set: ReplicaSet | undefined): number {
  return set?.status?.availableReplicas ?? 0
}

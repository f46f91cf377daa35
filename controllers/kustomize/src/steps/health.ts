import {
  type ChangeSet,
  type Cluster,
  type JudgeHealth,
  type ObjectId,
  type Target,
  waitForReady,
} from '@sluice/cluster'
import { type Clock, type KubeObject, parseApiVersion } from '@sluice/ports'
import { type Kustomization, kustomizationDefinition } from '@sluice/toolkit'
import { timeoutMs } from '../timing.ts'

/** What is to be healthy: all that was applied, or what the Kustomization names. */
export function healthTargets(object: Kustomization, changes: ChangeSet): readonly Target[] {
  const { wait = false, healthChecks = [] } = object.spec
  return wait ? changes.filter(({ action }) => action !== 'skipped') : healthChecks.map(referenceTarget)
}

/** Whether anything is to be waited for at all. */
export function checksHealth({ spec }: Kustomization): boolean {
  return spec.wait === true || (spec.healthChecks ?? []).length > 0
}

export type HealthOptions = {
  readonly target: Cluster
  readonly clock: Clock
  readonly failFast: boolean
  readonly signal: AbortSignal
  readonly healthOf: JudgeHealth
}

/** Waits for all but the Kustomization itself, which would wait for ever. @throws {WaitError} */
export async function awaitHealth(
  object: Kustomization,
  targets: readonly Target[],
  { applied, ...options }: HealthOptions & { readonly applied: readonly KubeObject[] },
): Promise<void> {
  const { target, clock, failFast, signal, healthOf } = options
  const vanishing = new Set(applied.filter(vanishesWhenDone).map(({ metadata }) => keyOfJob(metadata)))
  const others = targets.filter(({ id }) => !isSelf(id, object))
  await waitForReady(others, {
    cluster: target,
    clock,
    signal,
    timeoutMs: timeoutMs(object.spec),
    failFast,
    healthOf,
    mayBeAbsent: (id) => isJob(id) && vanishing.has(keyOfJob(id)),
  })
}

function referenceTarget({
  apiVersion = 'apps/v1',
  kind,
  name,
  namespace = '',
}: NonNullable<Kustomization['spec']['healthChecks']>[number]): Target {
  const { group, version } = parseApiVersion(apiVersion === '' ? 'apps/v1' : apiVersion)
  return { id: { group, kind, name, namespace }, version }
}

function isSelf({ kind, name, namespace }: ObjectId, { metadata }: Kustomization): boolean {
  return kind === kustomizationDefinition.kind && name === metadata.name && namespace === metadata.namespace
}

/** A Job with a time to live may be gone before anybody looks. */
function vanishesWhenDone({ apiVersion, kind, ...rest }: KubeObject): boolean {
  const { spec } = rest as { readonly spec?: { readonly ttlSecondsAfterFinished?: unknown } }
  return apiVersion.startsWith('batch/') && kind === 'Job' && spec?.ttlSecondsAfterFinished !== undefined
}

function isJob({ group, kind }: ObjectId): boolean {
  return group === 'batch' && kind === 'Job'
}

function keyOfJob({
  namespace = '',
  name = '',
}: {
  readonly namespace?: string
  readonly name?: string
}): string {
  return `${namespace}/${name}`
}

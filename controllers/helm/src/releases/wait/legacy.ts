import { followObjects, type Seen } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { joinedError, ReleaseObjectError } from '../apply/placed.ts'
import { deadlineText } from './deletion.ts'
import { isReadyAsBefore, type Related } from './legacy-ready.ts'
import type { WaitContext } from './poller.ts'
import { awaited } from './targets.ts'

/** Waits until objects are ready by Helm 3's rules. @throws {ReleaseObjectError} in its words */
export async function waitAsBefore(
  objects: readonly KubeObject[],
  { jobs }: { readonly jobs: boolean },
  { site, clock, timeoutMs }: WaitContext,
): Promise<void> {
  const { cluster, signal } = site
  const targets = (await awaited(objects, site)).map(({ target }) => target)
  await followObjects(targets, { cluster, signal, clock, timeoutMs }, async (seen, isOver) => {
    const open: Seen[] = []
    for (const it of seen) {
      const isReady =
        it.object && isReadyAsBefore(it.object, { jobs, related: await relatedTo(it.object, site) })
      if (!isReady) open.push(it)
    }
    if (open.length > 0 && isOver) throw new ReleaseObjectError(deadlineText)
    return open.map(({ target }) => target)
  })
}

/** Waits until hooks that are Jobs or Pods have succeeded. @throws {ReleaseObjectError} when one has failed */
export async function waitForHooksAsBefore(
  objects: readonly KubeObject[],
  { site, clock, timeoutMs }: WaitContext,
): Promise<void> {
  const { cluster, signal } = site
  const all = await awaited(objects, site)
  const targets = all.filter(({ placed }) => placed.resource.kind === 'Job' || placed.resource.kind === 'Pod')
  const known = new Set<Seen['target']>()
  await followObjects(
    targets.map(({ target }) => target),
    { cluster, signal, clock, timeoutMs },
    (seen, isOver) => {
      const failures: Error[] = []
      const open: Seen[] = []
      for (const it of seen) {
        if (it.object) known.add(it.target)
        // One that was there and is gone has been removed on purpose.
        const isGone = !it.object && it.trouble === undefined && known.has(it.target)
        const failure = it.object && failureOf(it.object)
        if (failure) failures.push(failure)
        else if (!isGone && !(it.object && hasSucceeded(it.object))) open.push(it)
      }
      const failure = joinedError(failures, '\n')
      if (failure && open.length === 0) throw failure
      const isLate = open.length > 0 && isOver
      if (isLate) throw failure ?? new ReleaseObjectError('timed out waiting for the condition')
      return open.map(({ target }) => target)
    },
  )
}

type Status = {
  readonly phase?: string
  readonly conditions?: readonly {
    readonly type?: string
    readonly status?: string
    readonly reason?: string
  }[]
}

function failureOf(object: KubeObject): Error | undefined {
  const { phase, conditions = [] } = statusOf(object)
  const { name } = object.metadata
  if (object.kind === 'Pod') {
    return phase === 'Failed' ? new ReleaseObjectError(`pod ${name} failed`) : undefined
  }
  const failed = conditions.find((it) => it.type === 'Failed' && it.status === 'True')
  return failed && new ReleaseObjectError(`job ${name} failed: ${failed.reason ?? ''}`)
}

function hasSucceeded(object: KubeObject): boolean {
  const { phase, conditions = [] } = statusOf(object)
  if (object.kind === 'Pod') return phase === 'Succeeded'
  return conditions.some((it) => it.type === 'Complete' && it.status === 'True')
}

function statusOf(object: KubeObject): Status {
  return object['status'] ?? {}
}

async function relatedTo(object: KubeObject, { cluster, signal }: WaitContext['site']): Promise<Related> {
  const none: Related = { replicaSets: [], pods: [] }
  const labelSelector = selectorText(object)
  const { namespace } = object.metadata
  if (labelSelector === '' || namespace === undefined) return none
  const scope = { namespace, labelSelector, signal }
  if (object.kind === 'Deployment') {
    const resource = await cluster.resourceFor('apps/v1', 'ReplicaSet', { signal })
    return { ...none, replicaSets: (await cluster.list(resource, scope)).items }
  }
  if (object.kind !== 'ReplicaSet' && object.kind !== 'ReplicationController') return none
  const resource = await cluster.resourceFor('v1', 'Pod', { signal })
  return { ...none, pods: (await cluster.list(resource, scope)).items }
}

/** The pods that an object selects by labels; expressions are not asked for, since charts have none here. */
function selectorText(object: KubeObject): string {
  const { selector } = (object['spec'] ?? {}) as { readonly selector?: Readonly<Record<string, unknown>> }
  const labels = (selector?.['matchLabels'] ?? selector ?? {}) as Readonly<Record<string, unknown>>
  return Object.entries(labels)
    .filter(([, value]) => typeof value === 'string')
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
}

import type { KubeObject, LabelSelector, ObjectMeta, OwnerReference } from '@sluice/ports'
import { itself } from '../world/controller.ts'
import type { KindName } from '../world/kinds.ts'
import { controllerOf } from '../world/object-store.ts'
import type { World } from '../world/world.ts'
import { selects } from './selects.ts'
import { canonicalJson } from './template-hash.ts'

/** The part of an object that says what its pods are like. */
export type PodTemplate = {
  readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>
  readonly spec: Readonly<Record<string, unknown>>
}

/** A pod, as far as its controllers look at it. */
export type Pod = KubeObject & {
  readonly spec: {
    readonly nodeName?: string
    readonly nodeSelector?: Readonly<Record<string, string>>
    readonly schedulingGates?: readonly object[]
    readonly restartPolicy?: string
    readonly hostNetwork?: boolean
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
    readonly readinessGates?: readonly { readonly conditionType: string }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly conditions?: readonly PodCondition[]
    readonly startTime?: string
  }
}

export type Container = {
  readonly name: string
  readonly image?: string
  readonly ports?: readonly {
    readonly name?: string
    readonly containerPort: number
    readonly protocol?: string
  }[]
}

export type PodCondition = {
  readonly type: string
  readonly status: string
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string
  readonly reason?: string
  readonly message?: string
}

/** A controller of pods: its selector, template and wanted count. */
export type Workload = KubeObject & {
  readonly spec: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template: PodTemplate
    readonly minReadySeconds?: number
  }
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}

/** Whether the pod is ready and has been for `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return isReady(pod) && availableInMs(pod, minReadySeconds, now) <= 0
}

/** Milliseconds until a ready pod counts as available. */
export function availableInMs(pod: Pod, minReadySeconds: number, now: number): number {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')
  const since = Date.parse(ready?.lastTransitionTime ?? '')
  return Number.isNaN(since) ? 0 : since + minReadySeconds * 1_000 - now
}

/** Whether the pod has ended or is about to, so that it counts for nobody. */
export function isGone(pod: Pod): boolean {
  const phase = pod.status?.phase
  return phase === 'Succeeded' || phase === 'Failed' || pod.metadata.deletionTimestamp !== undefined
}

/** The reference that makes `owner` the controller of what carries it. */
export function controlledBy({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return {
    apiVersion,
    kind,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** A pod made from the owner's template. A name that ends in `-` is completed by the server. */
export function podOf(
  owner: KubeObject,
  template: PodTemplate,
  { name, labels, spec }: { name: string; labels?: Readonly<Record<string, string>>; spec?: object },
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name.endsWith('-') ? { generateName: name } : { name }),
      namespace: owner.metadata.namespace ?? '',
      labels: { ...template.metadata?.labels, ...labels },
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [controlledBy(owner)],
    },
    spec: { ...template.spec, ...spec },
  }
}

/**
 * The objects that belong to `owner`: those that it controls and selects. One that it selects and nobody controls is
 * adopted, one that it controls and selects no more is let go. An owner on its way out does neither.
 */
export async function claimObjects<T extends KubeObject>(
  kind: KindName,
  owner: Workload,
  world: World,
): Promise<readonly T[]> {
  const { namespace = '', uid = '', deletionTimestamp } = owner.metadata
  const { selector } = owner.spec
  const objects = world.objects(kind)
  const owned = [...objects.controlledBy(uid)]
  if (deletionTimestamp) return owned as T[]
  const claimed: KubeObject[] = []
  for (const object of owned) {
    if (!selector || selects(selector, object.metadata.labels)) {
      claimed.push(object)
      continue
    }
    const released = withOwners(object, (owners) => owners.filter((it) => it.uid !== uid))
    // One at a time: each response has to be known before the next decision.
    await world.update(kind, released)
  }
  // A copy, since adopting moves an object out of the set that is walked.
  for (const orphan of Array.from(objects.orphansIn(namespace))) {
    if (orphan.metadata.deletionTimestamp || !selects(selector, orphan.metadata.labels)) continue
    claimed.push(
      await world.update(
        kind,
        withOwners(orphan, (owners) => [...owners, controlledBy(owner)]),
      ),
    )
  }
  return claimed as T[]
}

function withOwners(
  object: KubeObject,
  change: (owners: readonly OwnerReference[]) => readonly OwnerReference[],
): KubeObject {
  const { ownerReferences = [], ...metadata } = object.metadata
  return { ...object, metadata: { ...metadata, ownerReferences: change(ownerReferences) } }
}

/** Owners of a kind that may adopt the object. */
export function adopters(kind: KindName, object: KubeObject, world: World): string[] {
  if (controllerOf(object)) return []
  const owners = [...world.objects(kind).inNamespace(object.metadata.namespace ?? '')] as Workload[]
  return owners.filter((it) => selects(it.spec.selector, object.metadata.labels)).flatMap(itself)
}

/** Whether two values describe the same thing: absent and null are equal, the order of keys does not count. */
export function sameContent(left: unknown, right: unknown): boolean {
  return canonicalJson(left) === canonicalJson(right)
}

/** Writes the status if it differs from the one that is there. */
export async function putStatus(
  kind: Parameters<World['updateStatus']>[0],
  object: KubeObject,
  { status, world }: { readonly status: object; readonly world: World },
): Promise<void> {
  if (sameContent(object['status'], status)) return
  await world.updateStatus(kind, { ...object, status })
}

/** Drops zeros, as Go's `omitempty` does. */
export function withoutZeros<T extends Record<string, unknown>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>
}

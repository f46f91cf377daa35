import type { KubeObject } from '@sluice/ports'
import { type Controller, itself, ownerOfKind } from '../world/controller.ts'
import type { World } from '../world/world.ts'
import { currentRevision, dropOldRevisions, type Revisions, revisionLabel } from './controller-revision.ts'
import {
  availableInMs,
  claimObjects,
  isAvailable,
  isGone,
  isReady,
  type Pod,
  type PodTemplate,
  podOf,
  putStatus,
  type Workload,
  withoutZeros,
} from './workload.ts'

type StatefulSet = Workload & {
  readonly spec: {
    readonly serviceName?: string
    readonly podManagementPolicy?: string
    readonly ordinals?: { readonly start?: number }
    readonly revisionHistoryLimit?: number
    readonly updateStrategy?: {
      readonly type?: string
      readonly rollingUpdate?: { readonly partition?: number }
    }
    readonly volumeClaimTemplates?: readonly (KubeObject & { readonly spec: unknown })[]
  }
  readonly status?: { readonly currentRevision?: string; readonly updateRevision?: string }
}

const component = 'statefulset-controller'

/** Keeps the numbered pods of a StatefulSet, one after the other, each with its claims. */
export const statefulSetController: Controller = {
  name: component,
  triggers: { statefulsets: itself, pods: ownerOfKind('StatefulSet') },
  reconcile: async (key, world) => {
    const set = world.objects('statefulsets').get(key) as StatefulSet | undefined
    if (!set || set.metadata.deletionTimestamp) return undefined
    const revisions = await currentRevision(set, world)
    const pods = (await claimObjects<Pod>('pods', set, world)).filter((pod) => ordinalOf(set, pod) >= 0)
    const state: State = { set, revisions, pods, world }
    if (await fill(state)) await update(state)
    return await report(state)
  },
}

type State = {
  readonly set: StatefulSet
  readonly revisions: Revisions
  readonly pods: readonly Pod[]
  readonly world: World
}

/**
 * Creates missing pods and removes those past the wanted number.
 *
 * @returns whether nothing stands in the way of an update.
 */
async function fill(state: State): Promise<boolean> {
  const { set, pods, world } = state
  const inOrder = set.spec.podManagementPolicy !== 'Parallel'
  const start = set.spec.ordinals?.start ?? 0
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]))
  const settled = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, world.clock.now())
  let complete = true

  for (let ordinal = start; ordinal < start + (set.spec.replicas ?? 1); ordinal += 1) {
    const pod = byOrdinal.get(ordinal)
    if (pod && isEnded(pod)) await world.remove('pods', pod)
    if (!pod) await createPod(state, ordinal)
    if (pod && settled(pod) && !pod.metadata.deletionTimestamp) continue
    complete = false
    if (inOrder) return false
  }

  const surplus = [...byOrdinal.keys()]
    .filter((ordinal) => ordinal < start || ordinal >= start + (set.spec.replicas ?? 1))
    .toSorted((left, right) => right - left)
  for (const ordinal of surplus) {
    const pod = byOrdinal.get(ordinal)
    if (pod && !pod.metadata.deletionTimestamp) await deletePod(state, pod)
    if (inOrder) return false
  }
  return complete
}

/** Replaces one pod of a former template: the highest number first, down to the partition. */
async function update({ set, revisions, pods, world }: State): Promise<void> {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {}
  if (type === 'OnDelete') return
  const first = rollingUpdate?.partition ?? 0
  const outdated = pods
    .filter((pod) => revisionOf(pod) !== revisions.current.metadata.name && ordinalOf(set, pod) >= first)
    .toSorted((left, right) => ordinalOf(set, right) - ordinalOf(set, left))[0]
  if (outdated) await deletePod({ set, revisions, pods, world }, outdated)
}

async function createPod(state: State, ordinal: number): Promise<void> {
  const { set, world } = state
  const name = `${set.metadata.name}-${ordinal}`
  const revision = revisionFor(state, ordinal)
  const claims = await createClaims(set, { name, world })
  const template = templateOf(state, revision)
  const volumes = ((template.spec['volumes'] ?? []) as { name: string }[]).filter(
    (volume) => !claims.some((claim) => claim.name === volume.name),
  )
  const pod = podOf(set, template, {
    name,
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      [revisionLabel]: revision,
      'statefulset.kubernetes.io/pod-name': name,
    },
    spec: {
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(claims.length > 0 ? { volumes: [...volumes, ...claims] } : {}),
    },
  })
  await world.create('pods', pod)
  await world.note(set, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `create Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    component,
  })
}

async function deletePod({ set, world }: State, pod: Pod): Promise<void> {
  await world.remove('pods', pod)
  await world.note(set, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
    component,
  })
}

type ClaimVolume = {
  readonly name: string
  readonly persistentVolumeClaim: { readonly claimName: string }
}

async function createClaims(
  set: StatefulSet,
  { name, world }: { readonly name: string; readonly world: World },
): Promise<readonly ClaimVolume[]> {
  const { namespace = '' } = set.metadata
  const volumes: ClaimVolume[] = []
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const volume = template.metadata.name ?? ''
    const claimName = `${volume}-${name}`
    volumes.push({ name: volume, persistentVolumeClaim: { claimName } })
    if (world.objects('persistentvolumeclaims').get(`${namespace}/${claimName}`)) continue
    const labels = { ...template.metadata.labels, ...set.spec.selector?.matchLabels }
    const metadata = { ...template.metadata, name: claimName, namespace, labels }
    await world.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: template.spec,
    })
  }
  return volumes
}

/** Pods below the partition are made from the revision that was current before. */
function revisionFor({ set, revisions }: State, ordinal: number): string {
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  const newest = revisions.current.metadata.name ?? ''
  return ordinal < partition ? (knownRevision(set, revisions) ?? newest) : newest
}

function knownRevision(set: StatefulSet, revisions: Revisions): string | undefined {
  const name = set.status?.currentRevision
  return revisions.all.some(({ metadata }) => metadata.name === name) ? name : undefined
}

function templateOf({ set, revisions }: State, revision: string): PodTemplate {
  const found = revisions.all.find(({ metadata }) => metadata.name === revision)
  const data = found?.data as { readonly spec?: { readonly template?: PodTemplate } } | undefined
  return data?.spec?.template ?? set.spec.template
}

async function report({ set: read, revisions, world }: State): Promise<number | undefined> {
  const set = (world.objects('statefulsets').get(itself(read)[0] ?? '') ?? read) as StatefulSet
  const now = world.clock.now()
  const minReady = set.spec.minReadySeconds ?? 0
  const owned = [...world.objects('pods').controlledBy(set.metadata.uid ?? '')] as Pod[]
  const pods = owned.filter((pod) => ordinalOf(set, pod) >= 0)
  const live = pods.filter((pod) => !isGone(pod))
  const updateRevision = revisions.current.metadata.name ?? ''
  const updated = live.filter((pod) => revisionOf(pod) === updateRevision).length
  const wanted = set.spec.replicas ?? 1
  const ready = live.filter(isReady)
  const rolledOut = updated === wanted && ready.length === wanted && live.length === wanted
  const current = rolledOut ? updateRevision : (knownRevision(set, revisions) ?? updateRevision)

  await putStatus('statefulsets', set, {
    world,
    status: {
      observedGeneration: set.metadata.generation,
      replicas: pods.length,
      ...withoutZeros({
        readyReplicas: ready.length,
        currentReplicas: live.filter((pod) => revisionOf(pod) === current).length,
        updatedReplicas: updated,
      }),
      availableReplicas: live.filter((pod) => isAvailable(pod, minReady, now)).length,
      currentRevision: current,
      updateRevision,
      collisionCount: 0,
    },
  })
  const used = new Set([...pods.map(revisionOf), current])
  await dropOldRevisions(revisions, { used, limit: set.spec.revisionHistoryLimit ?? 10, world })
  const waits = ready.map((pod) => availableInMs(pod, minReady, now)).filter((ms) => ms > 0)
  return waits.length > 0 ? Math.min(...waits) : undefined
}

function isEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[revisionLabel] ?? ''
}

/** The number at the end of the pod's name; -1 for a pod that is none of the set's. */
function ordinalOf(set: StatefulSet, pod: Pod): number {
  const prefix = `${set.metadata.name}-`
  const name = pod.metadata.name ?? ''
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^\d+$/.test(digits) ? Number(digits) : -1
}

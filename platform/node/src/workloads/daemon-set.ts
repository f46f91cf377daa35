import { hasLabels, type KubeObject } from '@sluice/ports'
import { type Controller, itself, ownerOfKind } from '../world/controller.ts'
import type { World } from '../world/world.ts'
import {
  currentRevision,
  dropOldRevisions,
  hashOf,
  type Revisions,
  revisionLabel,
} from './controller-revision.ts'
import {
  availableInMs,
  claimObjects,
  isAvailable,
  isGone,
  isReady,
  type Pod,
  podOf,
  putStatus,
  type Workload,
  withoutZeros,
} from './workload.ts'

type DaemonSet = Workload & {
  readonly spec: {
    readonly revisionHistoryLimit?: number
    readonly updateStrategy?: { readonly type?: string }
  }
}

const component = 'daemonset-controller'

/** Keeps one pod of a DaemonSet on each node that it wants. Updates replace a node's pod at once. */
export const daemonSetController: Controller = {
  name: component,
  triggers: {
    daemonsets: itself,
    pods: ownerOfKind('DaemonSet'),
    nodes: (_node, world) => [...world.objects('daemonsets').all()].flatMap(itself),
  },
  reconcile: async (key, world) => {
    const set = world.objects('daemonsets').get(key) as DaemonSet | undefined
    if (!set || set.metadata.deletionTimestamp) return undefined
    const revisions = await currentRevision(set, world)
    const pods = await claimObjects<Pod>('pods', set, world)
    const nodes = [...world.objects('nodes').all()].filter((node) => wants(set, node)).map(nameOfNode)
    await place(set, { nodes, pods, revisions, world })
    return await report(set, { nodes: new Set(nodes), revisions, world })
  },
}

type Placement = {
  readonly nodes: readonly string[]
  readonly pods: readonly Pod[]
  readonly revisions: Revisions
  readonly world: World
}

async function place(set: DaemonSet, { nodes, pods, revisions, world }: Placement): Promise<void> {
  const current = hashOf(revisions.current)
  const replaces = set.spec.updateStrategy?.type !== 'OnDelete'
  for (const pod of pods) {
    const { phase } = pod.status ?? {}
    const unwanted = !nodes.includes(nodeOf(pod)) || phase === 'Failed' || phase === 'Succeeded'
    const outdated = replaces && pod.metadata.labels?.[revisionLabel] !== current
    if ((!unwanted && !outdated) || pod.metadata.deletionTimestamp) continue
    await world.remove('pods', pod)
    await note(set, `Deleted pod: ${pod.metadata.name}`, { reason: 'SuccessfulDelete', world })
  }
  const taken = new Set(
    ([...world.objects('pods').controlledBy(set.metadata.uid ?? '')] as Pod[]).map(nodeOf),
  )
  for (const node of nodes) {
    if (taken.has(node)) continue
    const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1'
    const labels = { [revisionLabel]: current, 'pod-template-generation': generation }
    const pod = podOf(set, set.spec.template, { name: `${set.metadata.name}-`, labels, spec: pinnedTo(node) })
    const created = await world.create('pods', pod)
    await note(set, `Created pod: ${created.metadata.name}`, { reason: 'SuccessfulCreate', world })
  }
}

/** The affinity by which a pod of a DaemonSet says which node it is for. */
function pinnedTo(node: string): object {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }]
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [{ matchFields }] }
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution } } }
}

type PinnedSpec = {
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly {
          readonly matchFields?: readonly { readonly values?: readonly string[] }[]
        }[]
      }
    }
  }
}

function nodeOf(pod: Pod): string {
  const { affinity } = pod.spec as PinnedSpec
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return pod.spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0] ?? ''
}

function wants(set: DaemonSet, node: KubeObject): boolean {
  const selector = set.spec.template.spec['nodeSelector'] as Record<string, string> | undefined
  return (
    node.metadata.deletionTimestamp === undefined && hasLabels(node.metadata.labels ?? {}, selector ?? {})
  )
}

function nameOfNode({ metadata }: KubeObject): string {
  return metadata.name ?? ''
}

async function report(
  read: DaemonSet,
  { nodes, revisions, world }: { nodes: ReadonlySet<string>; revisions: Revisions; world: World },
): Promise<number | undefined> {
  const set = (world.objects('daemonsets').get(itself(read)[0] ?? '') ?? read) as DaemonSet
  const now = world.clock.now()
  const { minReadySeconds = 0, revisionHistoryLimit = 10 } = set.spec
  const all = [...world.objects('pods').controlledBy(set.metadata.uid ?? '')] as Pod[]
  const pods = all.filter((pod) => !isGone(pod) && nodes.has(nodeOf(pod)))
  const ready = pods.filter(isReady)
  const available = pods.filter((pod) => isAvailable(pod, minReadySeconds, now)).length
  const current = hashOf(revisions.current)

  await putStatus('daemonsets', set, {
    world,
    status: {
      currentNumberScheduled: pods.length,
      numberMisscheduled: all.filter((pod) => !isGone(pod)).length - pods.length,
      desiredNumberScheduled: nodes.size,
      numberReady: ready.length,
      observedGeneration: set.metadata.generation,
      ...withoutZeros({
        updatedNumberScheduled: pods.filter((pod) => pod.metadata.labels?.[revisionLabel] === current).length,
        numberAvailable: available,
        numberUnavailable: nodes.size - available,
      }),
    },
  })
  const used = new Set(all.map((pod) => pod.metadata.labels?.[revisionLabel] ?? ''))
  await dropOldRevisions(revisions, { used, limit: revisionHistoryLimit, world })
  const waits = ready.map((pod) => availableInMs(pod, minReadySeconds, now)).filter((ms) => ms > 0)
  return waits.length > 0 ? Math.min(...waits) : undefined
}

async function note(
  set: DaemonSet,
  message: string,
  { reason, world }: { readonly reason: string; readonly world: World },
): Promise<void> {
  await world.note(set, { type: 'Normal', reason, message, component })
}

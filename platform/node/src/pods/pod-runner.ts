import { hasLabels } from '@sluice/ports'
import { type Pod, sameContent } from '../workloads/workload.ts'
import { type Controller, itself } from '../world/controller.ts'
import type { World } from '../world/world.ts'
import { addressPool } from './address-pool.ts'
import { defaultFate, type PodFate } from './pod-fate.ts'
import { podStatus, unschedulableStatus } from './pod-status.ts'

/** How the simulated kubelet behaves. */
export type PodRunnerOptions = {
  readonly nodeName: string
  /** Decides about a pod; what it leaves open follows {@link defaultFate}. */
  readonly fateOf?: (pod: Pod) => PodFate | undefined
  /** How long a pod that ends runs. */
  readonly runMs?: number
}

const hostIp = '127.0.0.1'

/** Scheduler and kubelet in one: assigns pods to the node and reports what would become of them. */
export function podRunner({ nodeName, fateOf, runMs = 1_000 }: PodRunnerOptions): Controller {
  const addresses = addressPool()
  return {
    name: 'kubelet',
    triggers: { pods: itself },
    reconcile: async (key, world) => {
      const pod = world.objects('pods').get(key) as Pod | undefined
      if (!pod) return undefined
      const { uid = '' } = pod.metadata
      if (pod.status?.podIP) addresses.claim(uid, pod.status.podIP)
      if (pod.metadata.deletionTimestamp) {
        addresses.free(uid)
        await world.remove('pods', pod, { gracePeriodSeconds: 0 })
        return undefined
      }
      // Whoever put gates on the pod takes them away when it may go somewhere.
      if ((pod.spec.schedulingGates ?? []).length > 0) return undefined
      if (pod.spec.nodeName === undefined) return await schedule(pod, nodeName, world)
      // A pod that was assigned elsewhere is nobody's business here.
      return pod.spec.nodeName === nodeName ? await run(pod, world) : undefined
    },
  }

  async function run(pod: Pod, world: World): Promise<number | undefined> {
    const { phase } = pod.status ?? {}
    if (phase === 'Succeeded' || phase === 'Failed') return undefined
    const fate = fateOf?.(pod) ?? defaultFate(pod)
    const running = phase === 'Running'
    const endsInMs = untilEnd(pod, { fate, runMs, now: world.clock.now() })
    const ended = running && endsInMs <= 0
    if (running && !ended && matchesFate(pod, fate)) return finite(endsInMs)

    const podIp = pod.spec.hostNetwork ? hostIp : addresses.take(pod.metadata.uid ?? '')
    const status = podStatus(pod, { fate, at: world.timestamp(), podIp, hostIp, ended })
    if (sameContent(pod.status, status)) return undefined
    await world.updateStatus('pods', { ...pod, status: { ...pod.status, ...status } }, 'kubelet')
    if (!running) await noteStart(pod, fate, world)
    return ended ? undefined : finite(endsInMs)
  }
}

/** Milliseconds until the pod ends; infinite for one that does not. */
function untilEnd(
  { status }: Pod,
  { fate, runMs, now }: { readonly fate: PodFate; readonly runMs: number; readonly now: number },
): number {
  if (fate !== 'succeeds' && fate !== 'fails') return Number.POSITIVE_INFINITY
  const started = Date.parse(status?.startTime ?? '')
  return Number.isNaN(started) ? runMs : started + runMs - now
}

function finite(ms: number): number | undefined {
  return Number.isFinite(ms) ? ms : undefined
}

/** Whether the reported readiness is what the fate asks for, so that a changed annotation takes effect. */
function matchesFate(pod: Pod, fate: PodFate): boolean {
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  return ready === (fate === 'ready')
}

async function schedule(pod: Pod, nodeName: string, world: World): Promise<undefined> {
  const node = world.objects('nodes').get(`/${nodeName}`)
  const { nodeSelector = {} } = pod.spec
  if (node && hasLabels(node.metadata.labels ?? {}, nodeSelector)) {
    await world.bind(pod, nodeName)
    return undefined
  }
  const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
  const status = unschedulableStatus(pod, message, world.timestamp())
  if (sameContent(pod.status, status)) return undefined
  await world.updateStatus('pods', { ...pod, status }, 'kube-scheduler')
  await world.note(pod, {
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    component: 'default-scheduler',
  })
  return undefined
}

async function noteStart(pod: Pod, fate: PodFate, world: World): Promise<void> {
  const failing = fate === 'image-missing' || fate === 'crash-loops'
  await world.note(pod, {
    type: failing ? 'Warning' : 'Normal',
    reason: failing ? 'BackOff' : 'Simulated',
    message: failing
      ? `Simulated ${fate === 'image-missing' ? 'failure to pull an image' : 'crash of a container'}`
      : 'This node simulates pods: no image is pulled and no container runs',
    component: 'kubelet',
  })
}

import type { Container, Pod, PodCondition } from '../workloads/workload.ts'
import type { PodFate } from './pod-fate.ts'

/** What a status is made from. Times as objects carry them. */
export type PodScene = {
  readonly fate: PodFate
  readonly at: string
  readonly podIp: string
  readonly hostIp: string
  /** A pod that ends runs first; this says that it has run. */
  readonly ended: boolean
}

/** The status that a kubelet would report. */
export function podStatus(pod: Pod, scene: PodScene): object {
  const { at, podIp, hostIp } = scene
  const phase = phaseOf(scene)
  const ready = scene.fate === 'ready'
  const ended = phase === 'Succeeded' || phase === 'Failed'
  const unready = ended
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : { reason: 'ContainersNotReady', message: unreadyMessage(pod) }
  const readiness = ready ? { status: 'True' } : { status: 'False', ...unready }
  const conditions: readonly PodCondition[] = [
    { type: 'PodReadyToStartContainers', status: ended ? 'False' : 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'Ready', ...readiness },
    { type: 'ContainersReady', ...readiness },
    { type: 'PodScheduled', status: 'True' },
  ]
  return {
    phase,
    observedGeneration: pod.metadata.generation ?? 1,
    conditions: conditions.map((condition) => withTimes(pod, condition, at)),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    startTime: pod.status?.startTime ?? at,
    ...(pod.spec.initContainers?.length
      ? { initContainerStatuses: pod.spec.initContainers.map((container) => initStatus(container, at)) }
      : {}),
    containerStatuses: pod.spec.containers.map((container) => containerStatus(container, scene)),
  }
}

/** The status of a pod that no node takes. */
export function unschedulableStatus(pod: Pod, message: string, at: string): object {
  const observedGeneration = pod.metadata.generation ?? 1
  const condition = {
    type: 'PodScheduled',
    observedGeneration,
    status: 'False',
    reason: 'Unschedulable',
    message,
  }
  return { ...pod.status, phase: 'Pending', conditions: [withTimes(pod, condition, at)] }
}

function phaseOf({ fate, ended }: PodScene): string {
  if (fate === 'image-missing') return 'Pending'
  if (ended && fate === 'succeeds') return 'Succeeded'
  return ended && fate === 'fails' ? 'Failed' : 'Running'
}

function unreadyMessage({ spec }: Pod): string {
  return `containers with unready status: [${spec.containers.map(({ name }) => name).join(' ')}]`
}

/** A condition keeps its time for as long as its status stays. */
function withTimes(pod: Pod, condition: PodCondition, at: string): object {
  const known = pod.status?.conditions?.find(({ type }) => type === condition.type)
  const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : at
  return { ...condition, lastProbeTime: null, lastTransitionTime: lastTransitionTime ?? at }
}

function containerStatus({ name, image = '' }: Container, scene: PodScene): object {
  const { fate, at, ended } = scene
  const ready = fate === 'ready'
  const base = {
    name,
    image,
    imageID: '',
    ready,
    started: fate !== 'image-missing' && fate !== 'crash-loops' && !ended,
    restartCount: fate === 'crash-loops' ? 1 : 0,
    lastState: {},
  }
  switch (fate) {
    case 'image-missing': {
      const message = `Back-off pulling image "${image}"`
      return { ...base, state: { waiting: { reason: 'ImagePullBackOff', message } } }
    }
    case 'crash-loops': {
      const message = `back-off 10s restarting failed container=${name}`
      const lastState = { terminated: termination(1, at) }
      return { ...base, lastState, state: { waiting: { reason: 'CrashLoopBackOff', message } } }
    }
    case 'succeeds':
    case 'fails':
      return {
        ...base,
        state: ended
          ? { terminated: termination(fate === 'fails' ? 1 : 0, at) }
          : { running: { startedAt: at } },
      }
    case 'ready':
    case 'never-ready':
      return { ...base, state: { running: { startedAt: at } } }
  }
}

function initStatus({ name, image = '' }: Container, at: string): object {
  const state = { terminated: termination(0, at) }
  return { name, image, imageID: '', ready: true, started: false, restartCount: 0, lastState: {}, state }
}

function termination(exitCode: number, at: string): object {
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: at, finishedAt: at }
}

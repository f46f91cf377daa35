import { type Controller, itself, ownerOfKind } from '../world/controller.ts'
import type { World } from '../world/world.ts'
import { claimObjects, type Pod, podOf, putStatus, type Workload, withoutZeros } from './workload.ts'

type Job = Workload & {
  readonly spec: {
    readonly completions?: number
    readonly parallelism?: number
    readonly backoffLimit?: number
    readonly activeDeadlineSeconds?: number
    readonly ttlSecondsAfterFinished?: number
    readonly suspend?: boolean
    readonly completionMode?: string
  }
  readonly status?: JobStatus
}

type JobStatus = {
  readonly startTime?: string
  readonly completionTime?: string
  readonly conditions?: readonly JobCondition[]
}

type JobCondition = {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastProbeTime: string
  readonly lastTransitionTime: string
}

/** How a Job ended: the condition to say so. */
type Ending = { readonly type: 'Complete' | 'Failed'; readonly reason: string; readonly message: string }

const component = 'job-controller'
const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

/** Runs a Job's pods to completion. */
export const jobController: Controller = {
  name: component,
  triggers: { jobs: itself, pods: ownerOfKind('Job') },
  reconcile: async (key, world) => {
    const job = world.objects('jobs').get(key) as Job | undefined
    if (!job || job.metadata.deletionTimestamp) return undefined
    const finished = endOf(job)
    if (finished) return await expire(job, finished, world)

    const pods = await claimObjects<Pod>('pods', job, world)
    const ending = decide(job, pods, world.clock.now())
    if (ending || job.spec.suspend) await stopPods(pods, world)
    else await startPods(job, pods, world)
    await report(job, ending, world)
    return ending ? 0 : deadlineInMs(job, world.clock.now())
  },
}

function decide(job: Job, pods: readonly Pod[], now: number): Ending | undefined {
  const succeeded = pods.filter((pod) => phaseOf(pod) === 'Succeeded').length
  const failed = pods.filter((pod) => phaseOf(pod) === 'Failed').length
  const active = pods.filter(isActive).length
  const { backoffLimit = 6, completions, activeDeadlineSeconds, suspend = false } = job.spec
  if (failed > backoffLimit) {
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    }
  }
  if (activeDeadlineSeconds !== undefined && !suspend && (deadlineInMs(job, now) ?? 1) <= 0) {
    return {
      type: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    }
  }
  // Without a number the first success ends the Job, as soon as the others have ended too.
  const complete = completions === undefined ? succeeded > 0 && active === 0 : succeeded >= completions
  return complete
    ? {
        type: 'Complete',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
      }
    : undefined
}

async function startPods(job: Job, pods: readonly Pod[], world: World): Promise<void> {
  const { completions, parallelism = 1, completionMode, template } = job.spec
  const succeeded = pods.filter((pod) => phaseOf(pod) === 'Succeeded').length
  const active = pods.filter(isActive)
  const open = completions === undefined ? (succeeded > 0 ? 0 : parallelism) : completions - succeeded
  const missing = Math.min(parallelism, open) - active.length
  const indexes = completionMode === 'Indexed' ? freeIndexes(completions ?? 1, pods) : []

  for (let made = 0; made < missing; made += 1) {
    const index = indexes[made]
    const name = index === undefined ? `${job.metadata.name}-` : `${job.metadata.name}-${index}-`
    const base = podOf(job, template, { name, labels: jobLabels(job, index) })
    const annotations = { ...base.metadata.annotations, [indexAnnotation]: String(index) }
    const pod = index === undefined ? base : { ...base, metadata: { ...base.metadata, annotations } }
    const created = await world.create('pods', pod)
    await world.note(job, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${created.metadata.name}`,
      component,
    })
  }
  const surplus = missing < 0 ? active.slice(missing) : []
  for (const pod of surplus) await world.remove('pods', pod)
}

function jobLabels(job: Job, index: number | undefined): Record<string, string> {
  const { uid = '', name = '' } = job.metadata
  return {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
    ...(index === undefined ? {} : { [indexAnnotation]: String(index) }),
  }
}

function freeIndexes(completions: number, pods: readonly Pod[]): readonly number[] {
  const taken = new Set(
    pods
      .filter((pod) => isActive(pod) || phaseOf(pod) === 'Succeeded')
      .map((pod) => Number(pod.metadata.annotations?.[indexAnnotation])),
  )
  return Array.from({ length: completions }, (_, index) => index).filter((index) => !taken.has(index))
}

async function stopPods(pods: readonly Pod[], world: World): Promise<void> {
  for (const pod of pods.filter(isActive)) await world.remove('pods', pod)
}

async function report(read: Job, ending: Ending | undefined, world: World): Promise<void> {
  const job = (world.objects('jobs').get(itself(read)[0] ?? '') ?? read) as Job
  const pods = [...world.objects('pods').controlledBy(job.metadata.uid ?? '')] as Pod[]
  const timestamp = world.timestamp()
  const active = ending ? [] : pods.filter(isActive)
  const conditions = ending ? endConditions(ending, timestamp) : suspension(job, timestamp)
  const startTime = job.spec.suspend ? undefined : (job.status?.startTime ?? timestamp)

  await putStatus('jobs', job, {
    world,
    status: {
      ...(startTime ? { startTime } : {}),
      ...(ending?.type === 'Complete' ? { completionTime: timestamp } : {}),
      ...(conditions.length > 0 ? { conditions } : {}),
      ...withoutZeros({
        active: active.length,
        succeeded: pods.filter((pod) => phaseOf(pod) === 'Succeeded').length,
        failed: pods.filter((pod) => phaseOf(pod) === 'Failed').length,
      }),
      ready: active.filter((pod) => phaseOf(pod) === 'Running').length,
      terminating: pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length,
      uncountedTerminatedPods: {},
    },
  })
  if (ending) {
    const complete = ending.type === 'Complete'
    await world.note(job, {
      type: complete ? 'Normal' : 'Warning',
      reason: complete ? 'Completed' : ending.reason,
      message: complete ? 'Job completed' : ending.message,
      component,
    })
  }
}

/** The end is announced by the criterion that was met, then stated. Source: batch/v1 of Kubernetes 1.31 and later. */
function endConditions({ type, reason, message }: Ending, at: string): readonly JobCondition[] {
  const times = { lastProbeTime: at, lastTransitionTime: at }
  const first = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  return [first, type].map((name) => ({ type: name, status: 'True', reason, message, ...times }))
}

function suspension(job: Job, at: string): readonly JobCondition[] {
  const known = job.status?.conditions?.find(({ type }) => type === 'Suspended')
  const { suspend = false } = job.spec
  if (!known && !suspend) return []
  const status = suspend ? 'True' : 'False'
  if (known?.status === status) return [known]
  const [reason, message] = suspend ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed']
  return [{ type: 'Suspended', status, reason, message, lastProbeTime: at, lastTransitionTime: at }]
}

function endOf({ status }: Job): JobCondition | undefined {
  return status?.conditions?.find(
    (condition) =>
      condition.status === 'True' && (condition.type === 'Complete' || condition.type === 'Failed'),
  )
}

/** Removes a finished Job whose time to live is over. */
async function expire(job: Job, finished: JobCondition, world: World): Promise<number | undefined> {
  const { ttlSecondsAfterFinished } = job.spec
  if (ttlSecondsAfterFinished === undefined) return undefined
  const left = Date.parse(finished.lastTransitionTime) + ttlSecondsAfterFinished * 1_000 - world.clock.now()
  if (left > 0) return left
  await world.remove('jobs', job)
  return undefined
}

function deadlineInMs({ spec, status }: Job, now: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend) return undefined
  const start = status?.startTime ? Date.parse(status.startTime) : now
  return start + spec.activeDeadlineSeconds * 1_000 - now
}

function isActive(pod: Pod): boolean {
  const phase = phaseOf(pod)
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined
}

function phaseOf({ status }: Pod): string | undefined {
  return status?.phase
}

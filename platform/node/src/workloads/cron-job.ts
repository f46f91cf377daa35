import type { KubeObject, ObjectMeta } from '@sluice/ports'
import { type Controller, itself, ownerOfKind } from '../world/controller.ts'
import type { World } from '../world/world.ts'
import { type CronSchedule, nextTime, parseCron } from './cron-schedule.ts'
import { controlledBy, putStatus } from './workload.ts'

type CronJob = KubeObject & {
  readonly spec: {
    readonly schedule: string
    readonly timeZone?: string
    readonly suspend?: boolean
    readonly concurrencyPolicy?: string
    readonly startingDeadlineSeconds?: number
    readonly successfulJobsHistoryLimit?: number
    readonly failedJobsHistoryLimit?: number
    readonly jobTemplate: {
      readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>
      readonly spec: object
    }
  }
  readonly status?: {
    readonly lastScheduleTime?: string
    readonly lastSuccessfulTime?: string
    readonly active?: readonly { readonly uid?: string }[]
  }
}

type Job = KubeObject & {
  readonly status?: {
    readonly startTime?: string
    readonly completionTime?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

const component = 'cronjob-controller'
const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
/** A little late is in time; a little early is not. */
const latenessMs = 100
/** Past this many missed times only the latest is looked for. */
const countedMisses = 100

/**
 * Makes a CronJob's Jobs when their time comes, and removes those that are over.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export const cronJobController: Controller = {
  name: component,
  triggers: { cronjobs: itself, jobs: ownerOfKind('CronJob') },
  reconcile: async (key, world) => {
    const cronJob = world.objects('cronjobs').get(key) as CronJob | undefined
    if (!cronJob || cronJob.metadata.deletionTimestamp) return undefined
    const jobs = jobsOf(cronJob, world)
    await dropHistory(cronJob, jobs, world)
    const schedule = parseCron(cronJob.spec.schedule)
    const started = schedule && !cronJob.spec.suspend ? await startDue(cronJob, schedule, world) : undefined
    await report(cronJob, started, world)
    if (!schedule || cronJob.spec.suspend) return undefined
    const now = world.clock.now()
    const after = schedule.kind === 'every' ? lastTime(cronJob, started) : now
    const next = nextTime(schedule, after, cronJob.spec.timeZone)
    return next === undefined ? undefined : Math.max(0, next - now) + latenessMs
  },
}

function jobsOf({ metadata }: CronJob, world: World): readonly Job[] {
  return [...world.objects('jobs').controlledBy(metadata.uid ?? '')] as Job[]
}

/** When the CronJob last started something, or else came to be. */
function lastTime({ status, metadata }: CronJob, started?: number): number {
  return started ?? Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '')
}

/** Starts the Job whose time has come. @returns the time that it is for, when there was one */
async function startDue(cronJob: CronJob, schedule: CronSchedule, world: World): Promise<number | undefined> {
  const { startingDeadlineSeconds, concurrencyPolicy = 'Allow' } = cronJob.spec
  const now = world.clock.now()
  const due = latestDue(cronJob, schedule, now)
  if (due === undefined) return undefined
  if (startingDeadlineSeconds !== undefined && due + startingDeadlineSeconds * 1_000 < now) {
    await note(cronJob, world, {
      type: 'Warning',
      reason: 'MissSchedule',
      message: `Missed scheduled time to start a job: ${new Date(due).toUTCString()}`,
    })
    return undefined
  }
  const name = `${cronJob.metadata.name}-${Math.floor(due / 60_000)}`
  if (world.objects('jobs').get(`${cronJob.metadata.namespace}/${name}`)) return undefined
  const active = jobsOf(cronJob, world).filter((it) => endOf(it) === undefined)
  if (concurrencyPolicy === 'Forbid' && active.length > 0) {
    await note(cronJob, world, {
      type: 'Normal',
      reason: 'JobAlreadyActive',
      message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
    })
    return undefined
  }
  if (concurrencyPolicy === 'Replace') for (const job of active) await remove(cronJob, job, world)
  await world.create('jobs', jobFor(cronJob, name, due))
  await note(cronJob, world, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${name}` })
  return due
}

/** The last time of the schedule that has passed since something was started. */
function latestDue(cronJob: CronJob, schedule: CronSchedule, now: number): number | undefined {
  const { startingDeadlineSeconds, timeZone } = cronJob.spec
  const deadline = startingDeadlineSeconds === undefined ? undefined : now - startingDeadlineSeconds * 1_000
  const since = Math.max(lastTime(cronJob), deadline ?? 0)
  let latest: number | undefined
  let misses = 0
  let next = nextTime(schedule, since, timeZone)
  while (next !== undefined && next <= now) {
    const gap = next - (latest ?? since)
    latest = next
    misses += 1
    // A clock that was far behind: what matters is not far back from now.
    const from: number = misses === countedMisses ? Math.max(next, now - 2 * gap) : next
    next = nextTime(schedule, from, timeZone)
  }
  return latest
}

function jobFor(cronJob: CronJob, name: string, due: number): KubeObject {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate
  const scheduled = `${new Date(due).toISOString().slice(0, 19)}Z`
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: cronJob.metadata.namespace ?? '',
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata.annotations, [scheduledAnnotation]: scheduled },
      ownerReferences: [controlledBy(cronJob)],
    },
    spec,
  }
}

/** How a Job ended; nothing while it runs. */
function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  const ended = (status?.conditions ?? []).find(
    (it) => it.status === 'True' && (it.type === 'Complete' || it.type === 'Failed'),
  )
  return ended?.type as 'Complete' | 'Failed' | undefined
}

async function dropHistory(cronJob: CronJob, jobs: readonly Job[], world: World): Promise<void> {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec
  for (const [end, limit] of [
    ['Complete', successfulJobsHistoryLimit],
    ['Failed', failedJobsHistoryLimit],
  ] as const) {
    const over = jobs
      .filter((it) => endOf(it) === end)
      .toSorted((a, b) => (a.status?.startTime ?? '').localeCompare(b.status?.startTime ?? ''))
    for (const job of over.slice(0, Math.max(0, over.length - limit))) await remove(cronJob, job, world)
  }
}

async function remove(cronJob: CronJob, job: Job, world: World): Promise<void> {
  await world.remove('jobs', job)
  const message = `Deleted job ${job.metadata.name}`
  await note(cronJob, world, { type: 'Normal', reason: 'SuccessfulDelete', message })
}

async function report(read: CronJob, started: number | undefined, world: World): Promise<void> {
  const cronJob = (world.objects('cronjobs').get(itself(read)[0] ?? '') ?? read) as CronJob
  const jobs = jobsOf(cronJob, world)
  const active = jobs.filter((it) => endOf(it) === undefined)
  const before = new Set((cronJob.status?.active ?? []).map((it) => it.uid))
  for (const job of jobs) {
    const end = endOf(job)
    if (end === undefined || !before.has(job.metadata.uid)) continue
    const message = `Saw completed job: ${job.metadata.name}, condition: ${end}`
    await note(cronJob, world, { type: 'Normal', reason: 'SawCompletedJob', message })
  }
  const successes = jobs.filter((it) => endOf(it) === 'Complete').map((it) => it.status?.completionTime ?? '')
  const lastSuccess = [cronJob.status?.lastSuccessfulTime ?? '', ...successes].toSorted().at(-1)
  const lastStart =
    started === undefined
      ? cronJob.status?.lastScheduleTime
      : `${new Date(started).toISOString().slice(0, 19)}Z`
  await putStatus('cronjobs', cronJob, {
    world,
    status: {
      ...(active.length > 0 ? { active: active.map(referenceTo) } : {}),
      ...(lastStart ? { lastScheduleTime: lastStart } : {}),
      ...(lastSuccess ? { lastSuccessfulTime: lastSuccess } : {}),
    },
  })
}

function referenceTo({ metadata }: Job): object {
  const { name, namespace, uid, resourceVersion } = metadata
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion }
}

async function note(
  cronJob: CronJob,
  world: World,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
): Promise<void> {
  await world.note(cronJob, { ...event, component })
}

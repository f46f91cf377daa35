// HelmReleases of one chart: until all are ready, a new version of the chart, at rest, and a chart with very many objects.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Benchmark, type Report } from '../benchmark.ts'
import { type HelmBed, helmReleaseBed } from '../helm-release-bed.ts'

const objectsEach = 10
const restMs = 10_000

export const benchmark: Benchmark = async (report) => {
  await measureMany(report, { count: 300 })
  await measureMany(report, { count: 1_000, atMostSeconds: 90 })
  await measureLarge(report, 500)
}

async function measureMany(
  report: Report,
  { count, atMostSeconds }: { readonly count: number; readonly atMostSeconds?: number },
): Promise<void> {
  await using bed = await helmReleaseBed()
  const name = `${count} HelmReleases`
  const tell = (what: string, seconds: number): void => {
    if (atMostSeconds === undefined) report.figure(what, seconds, 's')
    else report.goal(what, seconds, { unit: 's', atMost: atMostSeconds })
  }
  await bed.publish(templates(objectsEach, 'one'), '1.0.0')
  const first = await timed(async () => {
    await bed.createReleases(count)
    await bed.allReady('1.0.0')
  })
  tell(`${name}, created to all ready`, first / 1e3)
  const before = total(bed)
  const next = await timed(async () => {
    await bed.publish(templates(objectsEach, 'two'), '2.0.0')
    await bed.allReady('2.0.0')
  })
  tell(`${name}, new chart version to all ready`, next / 1e3)
  report.figure(`${name}, requests of an upgrade`, (total(bed) - before) / count, 'requests')
  await measureRest(report, bed, name)
  globalThis.gc?.()
  report.goal(`${name}, memory in all`, process.memoryUsage.rss() / 1024 ** 2, { unit: 'MB', atMost: 700 })
}

/** What an hour would cost if nothing changed, from a few seconds of it. */
async function measureRest(report: Report, bed: HelmBed, name: string): Promise<void> {
  // Events and the last status are written first.
  await pause(2_000)
  const before = total(bed)
  const usage = process.cpuUsage()
  await pause(restMs)
  const { user, system } = process.cpuUsage(usage)
  report.goal(`${name}, at rest`, (user + system) / 10 / restMs, { unit: '% of a core', atMost: 1 })
  report.goal(`${name}, requests at rest`, total(bed) - before, { unit: 'requests', atMost: 0 })
}

async function measureLarge(report: Report, count: number): Promise<void> {
  await using bed = await helmReleaseBed()
  const name = `a chart of ${count} objects`
  await bed.publish(templates(count, 'one'), '1.0.0')
  const first = await timed(async () => {
    await bed.createReleases(1)
    await bed.allReady('1.0.0')
  })
  report.figure(`${name}, installed`, first / 1e3, 's')
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const next = await timed(async () => {
    await bed.publish(templates(count, 'two'), '2.0.0')
    await bed.allReady('2.0.0')
  })
  delay.disable()
  report.figure(`${name}, upgraded with all changed`, next / 1e3, 's')
  report.figure(`${name}, event loop delay of that, p99`, delay.percentile(99) / 1e6, 'ms')
}

/** ConfigMaps that differ from release to release, and with `value`. */
function templates(count: number, value: string): ReadonlyMap<string, string> {
  return new Map(
    Array.from({ length: count }, (_, at) => [
      `config-${at}.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-${at}\n  labels:\n    app: {{ .Chart.Name | quote }}\ndata:\n  replicas: {{ .Values.replicas | quote }}\n  value: ${value}\n`,
    ]),
  )
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function total({ requests }: HelmBed): number {
  return [...requests.values()].reduce((left, right) => left + right, 0)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

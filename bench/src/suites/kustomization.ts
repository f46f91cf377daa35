// Kustomizations over one repository: until all are ready, at rest, drift put back, and one with very many objects.
import type { Cluster, Resource } from '@sluice/cluster'
import { type Benchmark, percentiles, type Report } from '../benchmark.ts'
import { type Bed, bedNamespace, kustomizationBed } from '../kustomization-bed.ts'

const objectsEach = 10
const drifts = 50
const restMs = 10_000
const { signal } = new AbortController()

export const benchmark: Benchmark = async (report) => {
  await measureMany(report, { count: 300, atMostSeconds: 15 })
  await measureMany(report, { count: 1_000, atMostSeconds: 60 })
  await measureLarge(report, 5_000)
}

async function measureMany(
  report: Report,
  { count, atMostSeconds }: { readonly count: number; readonly atMostSeconds: number },
): Promise<void> {
  await using bed = await kustomizationBed()
  const name = `${count} Kustomizations`
  const revision = await bed.publish(files(count, objectsEach, 'one'))
  const first = await timed(async () => {
    await bed.createKustomizations(count)
    await bed.allReady(revision)
  })
  report.goal(`${name}, created to all ready`, first / 1e3, { unit: 's', atMost: atMostSeconds })
  const before = total(bed)
  const next = await timed(async () => bed.allReady(await bed.publish(files(count, objectsEach, 'two'))))
  report.goal(`${name}, new revision to all ready`, next / 1e3, { unit: 's', atMost: atMostSeconds })
  report.figure(
    `${name}, requests for each object`,
    (total(bed) - before) / (count * objectsEach),
    'requests',
  )
  await measureRest(report, bed, name)
  await measureDrift(report, bed, name)
  globalThis.gc?.()
  report.goal(`${name}, memory in all`, process.memoryUsage.rss() / 1024 ** 2, { unit: 'MB', atMost: 600 })
}

/** What an hour would cost if nothing changed, from a few seconds of it. */
async function measureRest(report: Report, bed: Bed, name: string): Promise<void> {
  // Events and the last status are written first.
  await pause(2_000)
  const before = new Map(bed.requests)
  const usage = process.cpuUsage()
  await pause(restMs)
  const { user, system } = process.cpuUsage(usage)
  report.goal(`${name}, at rest`, (user + system) / 10 / restMs, { unit: '% of a core', atMost: 1 })
  report.goal(`${name}, requests at rest`, total(bed) - sum(before), { unit: 'requests', atMost: 0 })
}

async function measureDrift(report: Report, { cluster }: Bed, name: string): Promise<void> {
  const resource = await cluster.resourceFor('v1', 'ConfigMap', { signal })
  const samples: number[] = []
  for (let at = 0; at < drifts; at++) {
    // One at a time: how long a user sees a change that does not last.
    samples.push(await timed(() => driftPutBack(cluster, resource, `app-${at % 300}-0`)))
  }
  const { p50, p95 } = percentiles(samples)
  report.figure(`${name}, drift put back, p50`, p50, 'ms')
  report.goal(`${name}, drift put back, p95`, p95, { unit: 'ms', atMost: 1_000 })
}

async function driftPutBack(cluster: Cluster, resource: Resource, name: string): Promise<void> {
  const key = { namespace: bedNamespace, name }
  const patch = { kind: 'merge', body: { data: { value: 'drifted' } } } as const
  const { metadata } = await cluster.patch(resource, key, { signal, fieldManager: 'someone', patch })
  const watch = cluster.watch(resource, {
    signal,
    namespace: key.namespace,
    fieldSelector: `metadata.name=${name}`,
    resourceVersion: metadata.resourceVersion ?? '',
  })
  for await (const { object } of watch) {
    if (!JSON.stringify(object['data'] ?? {}).includes('drifted')) return
  }
}

async function measureLarge(report: Report, count: number): Promise<void> {
  await using bed = await kustomizationBed()
  const name = `${count} objects of one Kustomization`
  const revision = await bed.publish(files(1, count, 'one'))
  const first = await timed(async () => {
    await bed.createKustomizations(1)
    await bed.allReady(revision)
  })
  report.figure(`${name}, first revision`, first / 1e3, 's')
  const next = await timed(async () => bed.allReady(await bed.publish(files(1, count, 'two'))))
  report.figure(`${name}, all changed`, next / 1e3, 's')
}

/** A directory of ConfigMaps for each Kustomization. */
function files(kustomizations: number, objects: number, value: string): Readonly<Record<string, string>> {
  const all = new Map<string, string>()
  for (let at = 0; at < kustomizations; at++) {
    const documents = Array.from(
      { length: objects },
      (_, index) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-${at}-${index}\n  namespace: ${bedNamespace}\ndata:\n  value: ${value}\n`,
    )
    all.set(`app-${at}/all.yaml`, documents.join('---\n'))
  }
  return Object.fromEntries(all)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function total({ requests }: Bed): number {
  return sum(requests)
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((left, right) => left + right, 0)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

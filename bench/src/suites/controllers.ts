// Controllers as a process of their own, beside an API server in another one: how soon they lead, and what they take at rest.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeServer, listenOnLoopback } from '@sluice/cli'
import { type Cluster, mapConcurrently } from '@sluice/cluster'
import {
  type ApiServerProcess,
  type ControllerProcess,
  startApiServer,
  startController,
  until,
} from '@sluice/conformance'
import { systemClock } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'
import {
  helmRepositoryDefinition,
  kustomizationDefinition,
  resourceOf,
  type ToolkitObject,
} from '@sluice/toolkit'
import type { Benchmark, Report } from '../benchmark.ts'

/** Half of them sources that serve an artifact, half of them Kustomizations that wait for a source. */
const objects = 500
const restMs = 60_000
const atOnce = 20
const { signal } = new AbortController()
const kinds = [helmRepositoryDefinition, kustomizationDefinition].map(resourceOf)

export const benchmark: Benchmark = async (report) => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-controllers-'))
  await using server = await startApiServer(signal)
  const index = createServer((_, response) => response.end('apiVersion: v1\nentries: {}\n'))
  const url = `http://127.0.0.1:${await listenOnLoopback(index, 0)}`
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, server.kubeconfig)
  // The API servers of real clusters have a flow control of their own, so that clients are not paced.
  const flags = ['--kubeconfig', kubeconfig, '--enable-leader-election', '--kube-api-qps=-1']
  const stored = [`--storage-path=${directory}/data`, '--storage-addr=127.0.0.1:0']
  try {
    await measure(report, server, { name: 'kustomize alone, no objects', args: ['kustomize', ...flags] })
    await createObjects(server.cluster, url)
    await measure(report, server, { name: `all, ${objects} objects`, args: ['all', ...flags, ...stored] })
  } finally {
    await closeServer(index)
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measure(
  report: Report,
  { cluster }: ApiServerProcess,
  { name, args }: { readonly name: string; readonly args: readonly string[] },
): Promise<void> {
  const began = performance.now()
  await using process = startController(args)
  await process.logged('became leader')
  report.figure(`${name}: start to lead`, performance.now() - began, 'ms')
  await until(() => isSettled(cluster), { what: () => 'all objects to be reconciled', withinMs: 60_000 })
  if (args.includes('all')) report.figure(`${name}: start to all reconciled`, performance.now() - began, 'ms')
  // What follows the work, such as events, is no rest yet.
  await systemClock.sleep(5_000, signal)
  const before = await used(process)
  await systemClock.sleep(restMs, signal)
  const after = await used(process)
  const percent = ((after.cpuSeconds - before.cpuSeconds) / (restMs / 1_000)) * 100
  report.figure(`${name}: CPU at rest`, percent, '% of a core')
  report.figure(`${name}: requests at rest`, (after.requests - before.requests) / (restMs / 1_000), '/s')
  report.figure(`${name}: resident memory`, residentMegabytes(process.pid), 'MB')
  report.figure(`${name}: stop`, (await process.end('SIGTERM')).tookMs, 'ms')
}

async function createObjects(cluster: Cluster, url: string): Promise<void> {
  await mapConcurrently([...Array(objects / 2).keys()], atOnce, async (n) => {
    const write = { signal, fieldManager: 'bench' }
    for (const [at, spec] of [
      { url },
      { prune: true, sourceRef: { kind: 'GitRepository', name: 'none' } },
    ].entries()) {
      const resource = kinds[at]
      if (!resource) continue
      const object: KubeObject = {
        apiVersion: `${resource.group}/${resource.version}`,
        kind: resource.kind,
        metadata: { namespace: 'default', name: `object-${n}` },
        spec: { interval: '1h', ...spec },
      }
      await cluster.create(resource, object, write)
    }
  })
}

async function isSettled(cluster: Cluster): Promise<boolean> {
  const lists = await Promise.all(kinds.map((kind) => cluster.list<ToolkitObject>(kind, { signal })))
  return lists.every(({ items }) =>
    items.every(({ status }) =>
      status?.conditions?.some((it) => it.type === 'Ready' && it.status !== 'Unknown'),
    ),
  )
}

async function used(
  process: ControllerProcess,
): Promise<{ readonly cpuSeconds: number; readonly requests: number }> {
  const { text } = await process.get('metrics', '/metrics')
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? ([\\d.e+-]+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    )
  return { cpuSeconds: sum('process_cpu_seconds_total'), requests: sum('rest_client_requests_total') }
}

/** Linux only; 0 elsewhere. */
function residentMegabytes(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) / 1_024
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

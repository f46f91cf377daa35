import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import {
  type ApiServer,
  createApiServer,
  fileStorage,
  inProcessTransport,
  type Storage,
} from '@sluice/apiserver'
import type { Transport } from '@sluice/cluster'
import { systemClock } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'
import { configMap, type Load, type Measured } from '../apiserver/load.ts'
import type { Benchmark, Report } from '../benchmark.ts'

const { signal } = new AbortController()
const token = 'bench'
const collection = '/api/v1/namespaces/bench/configmaps'
const manyObjects = 50_000
const seconds = 3

/** The embedded API server over a store on disk; load over TLS comes from a process beside it, on the same machine. */
export const benchmark: Benchmark = async (report) => {
  const directory = await mkdtemp(`${tmpdir()}/sluice-bench-`)
  try {
    report.figure(`machine: ${cpus()[0]?.model ?? 'unknown'}, cores`, cpus().length, '')
    report.figure('memory', totalmem() / 2 ** 30, 'GiB')
    await benchStorage(report, `${directory}/store`)
    const bed = await begin(`${directory}/server`)
    report.goal('start to first request', bed.startMs, { unit: 'ms', atMost: 1000 })
    await benchInProcess(report, bed.transport)
    await benchTls(report, bed)
    await benchWatchers(report, bed)
    await bed.close()
    await benchMany(report, `${directory}/many`)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

type Bed = {
  readonly server: ApiServer
  readonly transport: Transport
  readonly url: string
  readonly startMs: number
  readonly close: () => Promise<void>
}

async function begin(directory: string): Promise<Bed> {
  const start = performance.now()
  const storage = await fileStorage({ directory })
  const server = await createApiServer({ storage, adminToken: token })
  const { url } = await server.listen()
  const transport = inProcessTransport(server)
  await transport.request({ method: 'GET', path: '/api/v1/namespaces' }, { signal })
  const startMs = performance.now() - start
  const exists = storage.get('//namespaces//bench') !== undefined
  if (!exists) {
    const body: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } }
    await transport.request({ method: 'POST', path: '/api/v1/namespaces', body }, { signal })
    await Promise.all(Array.from({ length: 100 }, (_, index) => create(transport, `get-${index}`)))
  }
  return {
    server,
    transport,
    url,
    startMs,
    close: async () => {
      await server.close()
      await storage.close()
    },
  }
}

async function create(transport: Transport, name: string): Promise<void> {
  const body = configMap(name) as KubeObject
  await transport.request({ method: 'POST', path: collection, body }, { signal })
}

async function benchStorage(report: Report, directory: string): Promise<void> {
  const storage = await fileStorage({ directory })
  for (const clients of [1, 64]) {
    const rate = await rateOf(clients, (client, index) => put(storage, `${clients}-${client}-${index}`))
    report.figure(`store alone: durable writes, ${clients} writers`, rate, '/s')
  }
  await storage.close()
}

async function put(storage: Storage, name: string): Promise<void> {
  await storage.put(`//configmaps/bench/${name}`, configMap(name) as KubeObject, { kind: 'absent' })
}

/** How often a second `clients` together get something done. */
async function rateOf(
  clients: number,
  work: (client: number, index: number) => Promise<void>,
): Promise<number> {
  let count = 0
  const start = performance.now()
  const end = start + seconds * 1000
  const one = async (client: number): Promise<void> => {
    for (let index = 0; performance.now() < end; index += 1) {
      // A client goes on when it is done.
      await work(client, index)
      count += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)))
  return (count / (performance.now() - start)) * 1000
}

async function benchInProcess(report: Report, transport: Transport): Promise<void> {
  const get = async (_client: number, index: number): Promise<void> => {
    await transport.request({ method: 'GET', path: `${collection}/get-${index % 100}` }, { signal })
  }
  const reads = await rateOf(64, get)
  report.figure('in process: reads, 1 client', await rateOf(1, get), '/s')
  report.goal('in process: reads, 64 clients', reads, { unit: '/s', atLeast: 20_000 })
  report.figure(
    'in process: durable creates, 1 client',
    await rateOf(1, (c, i) => create(transport, `p-1-${c}-${i}`)),
    '/s',
  )
  const creates = await rateOf(64, (c, i) => create(transport, `p-64-${c}-${i}`))
  report.goal('in process: durable creates, 64 clients', creates, { unit: '/s', atLeast: 4_000 })
  await benchApply(report, transport)
}

async function benchApply(report: Report, transport: Transport): Promise<void> {
  const apply = (image: string): Promise<unknown> =>
    transport.request(
      {
        method: 'PATCH',
        path: '/apis/apps/v1/namespaces/bench/deployments/web',
        query: { fieldManager: 'bench', force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: deployment(image),
      },
      { signal },
    )
  const costs: number[] = []
  const rounds = 300
  for (let series = 0; series < 20; series += 1) {
    const before = process.cpuUsage()
    for (let index = 0; index < rounds; index += 1) {
      // One after the other: the figure is CPU of one.
      await apply(`web:${index % 2}`)
    }
    const { user, system } = process.cpuUsage(before)
    costs.push((user + system) / 1000 / rounds)
  }
  // The first series are of code that is not compiled yet; of the others the least is what others disturbed least.
  report.figure('apply of a Deployment, CPU, the first 300', costs[0] ?? 0, 'ms')
  report.goal('apply of a Deployment, CPU, least of 20 series', Math.min(...costs), {
    unit: 'ms',
    atMost: 0.5,
  })
}

function deployment(image: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'bench', labels: { app: 'web' } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            { name: 'web', image, ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
          ],
        },
      },
    },
  }
}

async function benchTls(report: Report, bed: Bed): Promise<void> {
  const at = async (kind: Load['kind'], clients: number): Promise<Measured> =>
    load(bed, { kind, clients, seconds })
  const get = await at('get', 64)
  report.goal('TLS: GETs, 64 clients', get.count / get.seconds, { unit: '/s', atLeast: 2_000 })
  const one = await at('get', 1)
  report.figure('TLS: GETs, 1 client', one.count / one.seconds, '/s')
  const creates = await at('create', 64)
  report.goal('TLS: durable creates, 64 clients', creates.count / creates.seconds, {
    unit: '/s',
    atLeast: 1_500,
  })
  report.figure('TLS: durable creates, 64 clients, p50', creates.p50Ms, 'ms')
  const createOne = await at('create', 1)
  report.figure('TLS: durable creates, 1 client', createOne.count / createOne.seconds, '/s')
}

async function benchWatchers(report: Report, bed: Bed): Promise<void> {
  await create(bed.transport, 'ticker')
  const watchSeconds = 6
  const running = load(bed, { kind: 'watch', clients: 1_000, seconds: watchSeconds + 3 })
  await systemClock.sleep(3_000)
  for (let index = 0; index < watchSeconds * 10; index += 1) {
    const made = String(performance.timeOrigin + performance.now())
    const path = `${collection}/ticker`
    const body = { data: { made } }
    // Ten a second.
    await bed.transport.request(
      { method: 'PATCH', path, contentType: 'application/merge-patch+json', body },
      { signal },
    )
    await systemClock.sleep(100)
  }
  const { p99Ms, count } = await running
  report.figure('watch: events delivered to 1,000 watchers', count, '')
  report.goal('watch: delivery p99, 1,000 watchers × 10 events/s', p99Ms, {
    unit: 'ms',
    atMost: 100,
  })
}

async function benchMany(report: Report, directory: string): Promise<void> {
  const bed = await begin(directory)
  const batch = 500
  for (let at = 0; at < manyObjects; at += batch) {
    // Batches keep the heap small.
    await Promise.all(
      Array.from({ length: batch }, (_, index) => create(bed.transport, `many-${at + index}`)),
    )
  }
  globalThis.gc?.()
  report.goal(`RSS with ${manyObjects} objects`, process.memoryUsage().rss / 2 ** 20, {
    unit: 'MiB',
    atMost: 600,
  })
  const start = performance.now()
  let next = ''
  let pages = 0
  do {
    const query = { limit: '500', ...(next === '' ? {} : { continue: next }) }
    // Page after page: each names the next.
    const { body } = await bed.transport.request({ method: 'GET', path: collection, query }, { signal })
    next = (body as { readonly metadata: { readonly continue?: string } }).metadata.continue ?? ''
    pages += 1
  } while (next !== '')
  report.figure(`paged list of ${manyObjects} objects, ${pages} pages`, performance.now() - start, 'ms')
  await bed.close()
  const again = await begin(directory)
  report.goal(`restart with ${manyObjects} objects`, again.startMs / 1000, { unit: 's', atMost: 5 })
  await again.close()
}

function load({ url, server }: Bed, options: Pick<Load, 'kind' | 'clients' | 'seconds'>): Promise<Measured> {
  const script = fileURLToPath(new URL('../apiserver/load.ts', import.meta.url))
  const argument: Load = { url, ca: server.ca, token, ...options }
  const child = spawn(
    process.execPath,
    ['--conditions=@sluice/source', '--import', 'tsx', script, JSON.stringify(argument)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Measured)
      else reject(new Error(`the load failed: ${errors.slice(0, 500)}`))
    })
  })
}

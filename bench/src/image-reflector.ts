import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import { applyStaged, type Cluster, createCluster, type Resource } from '@sluice/cluster'
import { createHttp, createTempDirectory, systemClock, systemRandom } from '@sluice/host'
import { fileTagStore, imageReflectorControllers } from '@sluice/image-reflector-controller'
import { silentLogger } from '@sluice/ports'
import { createManager, type Manager } from '@sluice/runtime'
import {
  customResourceDefinition,
  type ImagePolicy,
  type ImagePolicySpec,
  type ImageRepository,
  imagePolicyDefinition,
  imageRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import type { Report } from './benchmark.ts'

const tagCount = 50_000
const policyCount = 300
const pageLength = 1_000
const namespace = 'apps'
const repositories: Resource = resourceOf(imageRepositoryDefinition)
const policies: Resource = resourceOf(imagePolicyDefinition)
const { signal } = new AbortController()
const write = { signal, fieldManager: 'bench' }

/** Scans of a repository with very many tags, and policies that follow a new tag, with API server, registry and disk. */
export async function measureReflector(report: Report): Promise<void> {
  await using directory = await createTempDirectory('tags-')
  const tags = [...manyTags()]
  await using registry = await serve(tags)
  const server = await createApiServer()
  const cluster = createCluster(inProcessTransport(server))
  const stop = new AbortController()
  const http = createHttp()
  try {
    const definitions = [imageRepositoryDefinition, imagePolicyDefinition].map(customResourceDefinition)
    await applyStaged(definitions, { cluster, clock: systemClock, ...write })
    const metadata = { name: namespace }
    await cluster.create(plain('Namespace', false), { apiVersion: 'v1', kind: 'Namespace', metadata }, write)
    const identity = { identity: 'bench', log: silentLogger }
    const manager = createManager({ cluster, clock: systemClock, random: systemRandom, ...identity })
    const store = await fileTagStore(directory.path)
    const deps = { cluster: manager.caches.cluster, clock: systemClock, http, tags: store }
    imageReflectorControllers(deps).addTo(manager)
    const finished = manager.run(stop.signal)
    await measureScan(report, { cluster, manager, image: `${registry.host}/acme/app` })
    await measurePolicies(report, { cluster, manager, push: (tag) => tags.push(tag) })
    stop.abort()
    await finished
  } finally {
    stop.abort()
    await http.close()
    await server.close()
  }
}

type Bed = { readonly cluster: Cluster; readonly manager: Manager }

async function measureScan(
  report: Report,
  { cluster, manager, image }: Bed & { readonly image: string },
): Promise<void> {
  await createPolicy(cluster, 'first', { semver: { range: '>=1.0.0' } })
  const before = process.cpuUsage()
  await cluster.create(
    repositories,
    {
      apiVersion: 'image.toolkit.fluxcd.io/v1',
      kind: 'ImageRepository',
      metadata: { namespace, name: 'app' },
      spec: { image, interval: '1h', insecure: true },
    },
    write,
  )
  const cache = manager.caches.cache<ImagePolicy>(policies)
  await until(() => cache.get({ namespace, name: 'first' })?.status?.latestRef !== undefined)
  const { user, system } = process.cpuUsage(before)
  const what = `${tagCount} tags scanned, stored and decided, with the registry`
  report.goal(what, (user + system) / 1e6, { unit: 's CPU', atMost: 2 })
}

async function measurePolicies(
  report: Report,
  { cluster, manager, push }: Bed & { readonly push: (tag: string) => void },
): Promise<void> {
  const cache = manager.caches.cache<ImagePolicy>(policies)
  const isAt = (test: (tag: string) => boolean): boolean =>
    cache.list().every(({ status }) => status?.latestRef !== undefined && test(status.latestRef.tag))
  for (let n = 1; n < policyCount; n += 1) {
    // As people come to have them.
    await createPolicy(cluster, `policy-${n}`, { semver: { range: `>=1.${n % 10}.0` } })
  }
  await until(() => cache.size === policyCount && isAt(() => true))
  const newest = '99.0.0'
  let scannedAt = 0
  let decidedAt = 0
  let cpuBefore = process.cpuUsage()
  let cpu = cpuBefore
  // Timers would come late: nothing else runs while there is work at hand.
  manager.caches.cache<ImageRepository>(repositories).subscribe(({ after }) => {
    if (scannedAt > 0 || after?.status?.lastScanResult?.tagCount !== tagCount + 1) return
    scannedAt = performance.now()
    cpuBefore = process.cpuUsage()
  })
  cache.subscribe(({ after }) => {
    if (after?.status?.latestRef?.tag !== newest) return
    decidedAt = performance.now()
    cpu = process.cpuUsage(cpuBefore)
  })
  push(newest)
  const body = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } }
  const key = { namespace, name: 'app' }
  await cluster.patch(repositories, key, { ...write, patch: { kind: 'merge', body } })
  await until(() => isAt((tag) => tag === newest))
  const seconds = (decidedAt - scannedAt) / 1_000
  const what = `${policyCount} policies after a new tag among ${tagCount}`
  report.goal(what, seconds, { unit: 's', atMost: 1 })
  report.figure(`${what}, with events and API server`, (cpu.user + cpu.system) / 1e6, 's CPU')
}

async function createPolicy(
  cluster: Cluster,
  name: string,
  policy: ImagePolicySpec['policy'],
): Promise<void> {
  const spec = { imageRepositoryRef: { name: 'app' }, policy }
  const object = { apiVersion: 'image.toolkit.fluxcd.io/v1', kind: 'ImagePolicy', spec }
  await cluster.create(policies, { ...object, metadata: { namespace, name } }, write)
}

function* manyTags(): Generator<string> {
  for (let n = 0; n < tagCount; n += 1) {
    const commit = ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')
    if (n % 3 === 0) yield `1.${n % 100}.${n}`
    else yield n % 3 === 1 ? `main-${commit}-${1_700_000_000 + n}` : `sha-${commit}-${n}`
  }
}

/** A registry that does next to nothing itself. */
async function serve(tags: readonly string[]): Promise<AsyncDisposable & { readonly host: string }> {
  const listener: RequestListener = (request, response) => {
    const start = Number(new URL(request.url ?? '', 'http://x').searchParams.get('last') ?? 0)
    const end = start + pageLength
    if (end < tags.length) response.setHeader('link', `<?n=${pageLength}&last=${end}>; rel="next"`)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name: 'acme/app', tags: tags.slice(start, end) }))
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function until(check: () => boolean): Promise<void> {
  // A poll costs less than what it waits for, and needs nothing of it.
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 2))
}

function plain(kind: string, namespaced: boolean): Resource {
  return { group: '', version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced }
}

import { createHash } from 'node:crypto'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ArtifactError } from '@sluice/artifact'
import { chartCache } from '@sluice/chart'
import type { Cluster } from '@sluice/cluster'
import { writeTar } from '@sluice/go'
import {
  helmReleaseController,
  releaseClients,
  rendererHere,
  rendererInWorkers,
  renderWorker,
} from '@sluice/helm-controller'
import { hostCompression, nodeCrypto, systemClock, systemRandom, workerPool } from '@sluice/host'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { type HelmRelease, helmChartDefinition, helmReleaseDefinition, resourceOf } from '@sluice/toolkit'
import { build } from 'esbuild'
import { type BenchServer, benchServer, namespace, write } from './bench-server.ts'

/** An embedded API server with the helm controller, and one chart whose templates are given. */
export type HelmBed = AsyncDisposable &
  Pick<BenchServer, 'cluster' | 'requests'> & {
    /** Makes these templates the chart's version. */
    publish(templates: ReadonlyMap<string, string>, version: string): Promise<void>
    /** Creates HelmReleases `app-0` … of the chart. */
    createReleases(count: number, spec?: JsonObject): Promise<void>
    /** Waits until all have released the version. */
    allReady(version: string): Promise<void>
  }

const charts = resourceOf(helmChartDefinition)
const releases = resourceOf(helmReleaseDefinition)

export async function helmReleaseBed(): Promise<HelmBed> {
  const server = await benchServer()
  const { cluster, manager, requests, signal } = server
  await cluster.create(charts, helmChart, write(signal))
  const archives = new Map<string, Uint8Array>()
  const ports = { clock: systemClock, random: systemRandom, crypto: nodeCrypto }
  const cache = chartCache({ compression: hostCompression, ports })
  const { caches } = manager
  const workers = workerPool({
    module: await builtWorker(),
    clock: systemClock,
    size: availableParallelism(),
  })
  const render = rendererInWorkers(workers, rendererHere({ ports, templates: cache.templates }))
  manager.add(
    helmReleaseController({
      caches,
      clock: systemClock,
      fetcher: {
        fetchTree: () => Promise.reject(new TypeError('charts are no trees')),
        fetchBytes: async ({ digest }) =>
          archives.get(digest) ?? Promise.reject(new ArtifactError('ARTIFACT_NOT_FOUND', 'file not found')),
      },
      charts: cache,
      openRelease: releaseClients({ clock: systemClock, render, caches }),
    }),
  )
  server.run()

  return {
    cluster,
    requests,
    publish: async (templates, version) => {
      const archive = chartArchive(templates, version)
      const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`
      archives.set(digest, archive)
      await setArtifact(cluster, { digest, revision: version }, signal)
    },
    createReleases: async (count, spec = {}) => {
      for (let at = 0; at < count; at++) {
        // One after the other, as `kubectl apply` does.
        await cluster.create(releases, helmRelease(`app-${at}`, spec), write(signal))
      }
    },
    allReady: (version) => allReady(cluster, version, signal),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await workers.close()
    },
  }
}

const helmChart: KubeObject = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmChart',
  metadata: { name: 'app', namespace },
  spec: { chart: 'app', interval: '10m', sourceRef: { kind: 'HelmRepository', name: 'charts' } },
}

function helmRelease(name: string, spec: JsonObject): KubeObject {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace },
    spec: { interval: '10m', chartRef: { kind: 'HelmChart', name: 'app' }, ...spec },
  }
}

function chartArchive(templates: ReadonlyMap<string, string>, version: string): Uint8Array {
  const files = new Map([
    ['Chart.yaml', `apiVersion: v2\nname: app\nversion: ${version}\nappVersion: ${version}\n`],
    ['values.yaml', 'replicas: 1\n'],
    ...[...templates].map(([name, text]) => [`templates/${name}`, text] as const),
  ])
  const encoder = new TextEncoder()
  const entries = [...files].map(
    ([path, text]) =>
      ({ kind: 'file', path: `app/${path}`, content: encoder.encode(text), mode: 0o644 }) as const,
  )
  return hostCompression.gzip(Buffer.concat([...writeTar(entries)]))
}

async function setArtifact(
  cluster: Cluster,
  artifact: { readonly digest: string; readonly revision: string },
  signal: AbortSignal,
): Promise<void> {
  const now = new Date().toISOString()
  const ready = { type: 'Ready', status: 'True', reason: 'ChartPullSucceeded', message: 'pulled' }
  const status = {
    observedGeneration: 1,
    artifact: { ...artifact, path: 'app.tgz', url: 'http://localhost/app.tgz', lastUpdateTime: now },
    conditions: [{ ...ready, lastTransitionTime: now, observedGeneration: 1 }],
  }
  await cluster.patch(
    charts,
    { namespace, name: 'app' },
    { ...write(signal), subresource: 'status', patch: { kind: 'merge', body: { status } } },
  )
}

async function allReady(cluster: Cluster, version: string, signal: AbortSignal): Promise<void> {
  const { items, resourceVersion } = await cluster.list<HelmRelease>(releases, { signal })
  const waiting = new Set(
    items.filter((item) => !isReady(item, version)).map(({ metadata }) => metadata.name),
  )
  if (waiting.size === 0) return
  for await (const { object } of cluster.watch<HelmRelease>(releases, { resourceVersion, signal })) {
    if (isReady(object, version)) waiting.delete(object.metadata.name)
    else if (object.status?.conditions?.some(({ reason }) => reason.endsWith('Failed'))) {
      throw new TypeError(`${object.metadata.name} failed: ${JSON.stringify(object.status.conditions)}`)
    }
    if (waiting.size === 0) return
  }
}

function isReady({ status }: HelmRelease, version: string): boolean {
  const isTrue = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  return isTrue === true && status?.history?.[0]?.chartVersion === version
}

/** What workers run, as the program ships it: from source, the reader of TypeScript would be measured too. */
async function builtWorker(): Promise<URL> {
  const outfile = join(tmpdir(), `sluice-bench-${process.pid}`, 'render-worker.mjs')
  await build({
    entryPoints: [fileURLToPath(renderWorker)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@sluice/source'],
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  return pathToFileURL(outfile)
}

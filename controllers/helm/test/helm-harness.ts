import { ArtifactError, type ArtifactFetcher } from '@sluice/artifact'
import { type Chart, type ChartCache, loadChartDirectory } from '@sluice/chart'
import { createCluster, type Resource } from '@sluice/cluster'
import { type HelmOptions, helmReleaseController } from '@sluice/helm-controller'
import { hostCompression } from '@sluice/host'
import { type KubeObject, memoryFileTree } from '@sluice/ports'
import { fakeClock, recordingLogger, seededRandom } from '@sluice/ports/testing'
import { createManager, type Reconciler } from '@sluice/runtime'
import { type HelmRelease, helmReleaseDefinition, resourceOf } from '@sluice/toolkit'
import { memoryServer } from '../../../platform/cluster/test/memory-transport.ts'
import { fakeReleases } from './fake-releases.ts'

export const namespace = 'apps'
const helmGroup = 'helm.toolkit.fluxcd.io/v2'
const sourceGroup = 'source.toolkit.fluxcd.io/v1'
const kinds = {
  HelmRelease: `/apis/${helmGroup}/helmreleases`,
  HelmChart: `/apis/${sourceGroup}/helmcharts`,
  OCIRepository: `/apis/${sourceGroup}/ocirepositories`,
  ExternalArtifact: `/apis/${sourceGroup}/externalartifacts`,
  Secret: '/api/v1/secrets',
  ConfigMap: '/api/v1/configmaps',
} as const

export type HelmHarness = ReturnType<typeof startHelm>

/** The helm controller at work on an API server in memory, with Helm in memory. */
export function startHelm(options: HelmOptions = {}) {
  const stop = new AbortController()
  const clock = fakeClock(Date.UTC(2026, 0, 1))
  const server = memoryServer([
    { groupVersion: helmGroup, kind: 'HelmRelease', name: 'helmreleases' },
    { groupVersion: sourceGroup, kind: 'HelmChart', name: 'helmcharts' },
    { groupVersion: sourceGroup, kind: 'OCIRepository', name: 'ocirepositories' },
    { groupVersion: sourceGroup, kind: 'ExternalArtifact', name: 'externalartifacts' },
    { groupVersion: 'v1', kind: 'Event', name: 'events' },
    { groupVersion: 'v1', kind: 'Secret', name: 'secrets' },
    { groupVersion: 'v1', kind: 'ConfigMap', name: 'configmaps' },
    { groupVersion: 'v1', kind: 'ServiceAccount', name: 'serviceaccounts' },
  ])
  const releases = fakeReleases()
  const artifacts = { areLost: false }
  const fetcher: ArtifactFetcher = {
    fetchTree: () => Promise.reject(new TypeError('charts are no trees')),
    fetchBytes: async ({ url }) => {
      if (artifacts.areLost) throw new ArtifactError('ARTIFACT_NOT_FOUND', 'file not found')
      return new TextEncoder().encode(url)
    },
  }
  const manager = createManager({
    cluster: createCluster(server.transport),
    clock,
    random: seededRandom(1),
    log: recordingLogger(),
    identity: 'test',
  })
  const reconciler = helmReleaseController({
    caches: manager.caches,
    clock,
    fetcher,
    charts,
    openRelease: releases.open,
    options,
  })
  manager.add(reconciler as unknown as Reconciler)
  const finished = manager.run(stop.signal)

  const read = (kind: keyof typeof kinds, name: string): KubeObject | undefined => {
    const resource: Resource =
      kind === 'HelmRelease'
        ? resourceOf(helmReleaseDefinition)
        : { group: 'source.toolkit.fluxcd.io', version: 'v1', kind, plural: 'helmcharts', namespaced: true }
    return manager.caches.cache(resource).get({ namespace, name })
  }
  const settle = async (ms = 0): Promise<void> => {
    await clock.advance(ms)
    for (let turn = 0; turn < 40; turn += 1) await clock.advance(0)
  }
  /** Time passes in small steps, so that what is due in between has its turn. */
  const later = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) await settle(500)
  }
  const put = (kind: keyof typeof kinds, object: object): KubeObject =>
    server.put(kinds[kind], object as KubeObject)
  const status = (name = 'web'): NonNullable<HelmRelease['status']> =>
    read('HelmRelease', name)?.['status'] ?? {}

  return {
    server,
    clock,
    releases,
    artifacts,
    manager,
    settle,
    later,
    read,
    put,
    status,
    /** Stores a HelmRelease, keeping what others wrote to it. */
    apply: (
      spec: object = {},
      { name = 'web', ...metadata }: { name?: string; [field: string]: unknown } = {},
    ) => {
      const before = read('HelmRelease', name)
      put('HelmRelease', {
        apiVersion: helmGroup,
        kind: 'HelmRelease',
        metadata: { ...before?.metadata, namespace, name, ...metadata },
        spec: { interval: '10m', timeout: '1m', ...template, ...spec },
        status: before?.['status'] ?? { observedGeneration: -1 },
      })
    },
    /** The source controller has made the HelmChart. */
    chartArrives: (version = '1.0.0', name = 'apps-web') => {
      const chart = read('HelmChart', name)
      if (!chart) throw new Error(`there is no HelmChart ${name}`)
      put('HelmChart', {
        ...chart,
        metadata: { ...chart.metadata, managedFields: [ownership(chart)] },
        status: {
          observedGeneration: chart.metadata.generation,
          artifact: artifactOf(version),
          conditions: [condition('Ready', 'True', 'pulled')],
        },
      })
    },
    conditions: (name = 'web') =>
      (status(name).conditions ?? []).map((it) => `${it.type}=${it.status} ${it.reason}: ${it.message}`),
    history: (name = 'web') =>
      (status(name).history ?? []).map(({ version, status: state, action = '' }) =>
        `v${version} ${state} ${action}`.trimEnd(),
      ),
    events: async (): Promise<string[]> => {
      const { body } = await server.transport.request(
        { method: 'GET', path: '/api/v1/events' },
        { signal: stop.signal },
      )
      return (body as { items: KubeObject[] }).items.map(
        (it) => `${String(it['type'])} ${String(it['reason'])}: ${String(it['message'])}`,
      )
    },
    close: async () => {
      stop.abort()
      await finished
    },
  }
}

/** The record that a real server keeps of what was applied. */
function ownership({ apiVersion, metadata: { labels }, spec }: KubeObject & { spec?: unknown }) {
  const fieldsV1 = fieldsOf({ metadata: { labels }, spec })
  return { manager: 'helm-controller', operation: 'Apply', apiVersion, fieldsV1 }
}

function fieldsOf(value: unknown): object {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [`f:${key}`, fieldsOf(item)]))
}

const template = {
  chart: { spec: { chart: 'mini', version: '1.0.0', sourceRef: { kind: 'HelmRepository', name: 'lab' } } },
}

/** An artifact whose digest tells the chart's version. */
export function artifactOf(version: string, revision = version) {
  return {
    path: 'x',
    url: `http://artifacts/${version}`,
    revision,
    digest: `sha256:${version}`,
    lastUpdateTime: '2026-01-01T00:00:00Z',
  }
}

export function condition(type: string, status: string, message: string) {
  return { type, status, reason: 'Any', message, lastTransitionTime: '2026-01-01T00:00:00Z' }
}

const charts: Pick<ChartCache, 'get' | 'load'> = {
  get: () => undefined,
  load: (digest) => chartOf(digest.slice('sha256:'.length)),
}

/** `other-1.0.0` is version 1.0.0 of the chart `other`. */
function chartOf(text: string): Chart {
  const [name, version] = text.includes('other-') ? ['other', text.slice('other-'.length)] : ['mini', text]
  const file = `apiVersion: v2\nname: ${name}\nversion: ${version}\nappVersion: ${version}\n`
  return loadChartDirectory(memoryFileTree([['c/Chart.yaml', file]]), 'c', { compression: hostCompression })
}

import type { Chart } from '@sluice/chart'
import { type Cluster, createCluster, type Transport } from '@sluice/cluster'
import {
  type HelmOptions,
  helmReleaseController,
  releaseClients,
  rendererHere,
} from '@sluice/helm-controller'
import { nodeCrypto, systemRandom } from '@sluice/host'
import { type KubeObject, memoryFileTree, silentLogger } from '@sluice/ports'
import { createManager } from '@sluice/runtime'
import {
  customResourceDefinitions,
  type HelmRelease,
  helmReleaseDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { type ReleaseLab, releaseNamespace } from './release-lab.ts'

/** The helm controller in a release lab, with charts that come from nowhere. */
export type HelmControllerLab = {
  /** Starts a controller process; the returned function ends it at once. */
  startController(through?: (transport: Transport) => Transport, options?: HelmOptions): () => Promise<void>
  /** Makes the chart what HelmReleases are of that refer to the HelmChart `chart`. */
  publish(chart: Chart): Promise<void>
  /** Waits until the HelmRelease is as `wanted` says; one that is gone is `undefined`. */
  until(name: string, wanted: (object: HelmRelease | undefined) => boolean): Promise<void>
  /** Reasons and messages of the events about a HelmRelease, the oldest first. */
  events(name: string): Promise<readonly string[]>
}

const releases = resourceOf(helmReleaseDefinition)

export async function helmControllerLab(lab: ReleaseLab): Promise<HelmControllerLab> {
  const { cluster, signal } = lab
  const write = { signal, fieldManager: 'lab' }
  const charts = new Map<string, Chart>()
  const definitions = await cluster.resourceFor('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
    signal,
  })
  for (const definition of customResourceDefinitions()) await cluster.create(definitions, definition, write)
  await lab.create(helmChart)
  return {
    startController: (through = (it) => it, options = {}) => {
      const process = lab.startProcess({ through })
      const running = runController(process.transport, { charts, lab, options, signal: process.signal })
      return async () => {
        process.kill()
        await running
      }
    },
    publish: async (chart) => {
      const digest = `sha256:${(charts.size + 1).toString(16).padStart(64, '0')}`
      charts.set(digest, chart)
      const object = await lab.find('source.toolkit.fluxcd.io/v1', 'HelmChart', 'chart')
      if (!object) throw new TypeError('there is a chart')
      const lastUpdateTime = '2026-01-01T00:00:00Z'
      const artifact = {
        digest,
        revision: chart.metadata.version,
        path: 'c.tgz',
        url: 'http://lab/c.tgz',
        lastUpdateTime,
      }
      await lab.setStatus(object, { observedGeneration: 1, artifact, conditions: [] })
    },
    until: (name, wanted) => untilRelease(cluster, { name, wanted, signal }),
    events: async (name) => {
      const resource = await cluster.resourceFor('v1', 'Event', { signal })
      const { items } = await cluster.list(resource, { namespace: releaseNamespace, signal })
      return items
        .filter((it) => (it['involvedObject'] as { readonly name?: string } | undefined)?.name === name)
        .map((it) => `${String(it['reason'])}: ${String(it['message'])}`)
    },
  }
}

const helmChart = `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: {name: chart, namespace: ${releaseNamespace}}
spec: {chart: app, interval: 1h, sourceRef: {kind: GitRepository, name: none}}
`

async function runController(
  transport: Transport,
  {
    charts,
    lab,
    options,
    signal,
  }: {
    readonly charts: ReadonlyMap<string, Chart>
    readonly lab: ReleaseLab
    readonly options: HelmOptions
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { clock } = lab
  const manager = createManager({
    cluster: createCluster(transport),
    clock,
    random: systemRandom,
    log: silentLogger,
    identity: 'lab',
    gracePeriodMs: 0,
  })
  const { caches } = manager
  const ports = { clock, random: systemRandom, crypto: nodeCrypto }
  manager.add(
    helmReleaseController({
      caches,
      clock,
      fetcher: {
        fetchTree: async () => memoryFileTree(new Map()),
        fetchBytes: async () => new Uint8Array(),
      },
      charts: { get: (digest) => charts.get(digest), load: () => nothingLoads() },
      openRelease: releaseClients({ clock, render: rendererHere({ ports }), caches }),
      options,
    }),
  )
  try {
    await manager.run(signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function nothingLoads(): never {
  throw new TypeError('all charts of the lab are loaded')
}

async function untilRelease(
  cluster: Cluster,
  {
    name,
    wanted,
    signal,
  }: {
    readonly name: string
    readonly wanted: (object: HelmRelease | undefined) => boolean
    readonly signal: AbortSignal
  },
): Promise<void> {
  const scope = { namespace: releaseNamespace, fieldSelector: `metadata.name=${name}`, signal }
  const { items, resourceVersion } = await cluster.list<HelmRelease>(releases, scope)
  if (wanted(items[0])) return
  for await (const { type, object } of cluster.watch<HelmRelease & KubeObject>(releases, {
    ...scope,
    resourceVersion,
  })) {
    if (type === 'BOOKMARK') continue
    if (wanted(type === 'DELETED' ? undefined : object)) return
  }
  throw new TypeError('the watch ended')
}

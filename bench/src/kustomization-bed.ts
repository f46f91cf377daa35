import type { Cluster } from '@sluice/cluster'
import { systemClock } from '@sluice/host'
import { kustomizationController } from '@sluice/kustomize-controller'
import { type JsonObject, type KubeObject, memoryFileTree } from '@sluice/ports'
import {
  gitRepositoryDefinition,
  type Kustomization,
  kustomizationDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { benchServer, namespace, write } from './bench-server.ts'

/** An embedded API server with the kustomize controller, and one source whose files are given. */
export type Bed = AsyncDisposable & {
  readonly cluster: Cluster
  /** Requests since the beginning, watches included, by method and path pattern. */
  readonly requests: ReadonlyMap<string, number>
  /** Makes these files the source's revision `number`. */
  publish(files: ReadonlyMap<string, string>, number: number): Promise<string>
  /** Creates Kustomizations `app-0` … with the path `./app-N` and waits for their caches. */
  createKustomizations(count: number, spec?: JsonObject): Promise<void>
  /** Waits until all have applied the revision. */
  allReady(revision: string): Promise<void>
}

const sources = resourceOf(gitRepositoryDefinition)
const kustomizations = resourceOf(kustomizationDefinition)

export async function kustomizationBed(): Promise<Bed> {
  const server = await benchServer()
  const { cluster, manager, requests, signal } = server
  await createSource(cluster, signal)

  const trees = new Map<string, ReturnType<typeof memoryFileTree>>()
  manager.add(
    kustomizationController({
      caches: manager.caches,
      clock: systemClock,
      fetcher: {
        fetchTree: async ({ digest }) => trees.get(digest) ?? memoryFileTree(new Map()),
        fetchBytes: async () => new Uint8Array(),
      },
      http: { request: () => Promise.reject(new TypeError('no network')) },
      sourceKinds: [sources],
    }),
  )
  server.run()

  return {
    cluster,
    requests,
    publish: async (files, number) => {
      const digest = `sha256:${number.toString(16).padStart(64, '0')}`
      trees.set(digest, memoryFileTree(files))
      const revision = `main@sha1:${number.toString(16).padStart(40, '0')}`
      await setArtifact(cluster, { digest, revision }, signal)
      return revision
    },
    createKustomizations: async (count, spec = {}) => {
      for (let at = 0; at < count; at++) {
        // One after the other, as `kubectl apply` does.
        await cluster.create(kustomizations, kustomization(`app-${at}`, spec), write(signal))
      }
    },
    allReady: (revision) => allReady(cluster, revision, signal),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function createSource(cluster: Cluster, signal: AbortSignal): Promise<void> {
  await cluster.create(
    sources,
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'app', namespace },
      spec: { url: 'https://git.invalid/app', interval: '10m' },
    },
    write(signal),
  )
}

function kustomization(name: string, spec: JsonObject): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
    spec: {
      interval: '10m',
      path: `./${name}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'app' },
      ...spec,
    },
  }
}

async function setArtifact(
  cluster: Cluster,
  artifact: { readonly digest: string; readonly revision: string },
  signal: AbortSignal,
): Promise<void> {
  const now = new Date().toISOString()
  const ready = { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'stored' }
  await cluster.patch(
    sources,
    { namespace, name: 'app' },
    {
      ...write(signal),
      subresource: 'status',
      patch: {
        kind: 'merge',
        body: {
          status: {
            observedGeneration: 1,
            artifact: {
              ...artifact,
              path: 'app.tar.gz',
              url: 'http://localhost/app.tar.gz',
              lastUpdateTime: now,
            },
            conditions: [{ ...ready, lastTransitionTime: now, observedGeneration: 1 }],
          },
        },
      },
    },
  )
}

async function allReady(cluster: Cluster, revision: string, signal: AbortSignal): Promise<void> {
  const { items, resourceVersion } = await cluster.list<Kustomization>(kustomizations, { signal })
  const waiting = new Set(
    items.filter((item) => !isReady(item, revision)).map(({ metadata }) => metadata.name),
  )
  if (waiting.size === 0) return
  for await (const { object } of cluster.watch<Kustomization>(kustomizations, { resourceVersion, signal })) {
    if (isReady(object, revision)) waiting.delete(object.metadata.name)
    else if (object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'False')) {
      throw new TypeError(`${object.metadata.name} failed: ${JSON.stringify(object.status.conditions)}`)
    }
    if (waiting.size === 0) return
  }
}

function isReady({ status }: Kustomization, revision: string): boolean {
  return (
    status?.lastAppliedRevision === revision &&
    status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true
  )
}

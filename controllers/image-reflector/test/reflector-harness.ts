import { createHash } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import { applyStaged, createCluster, isApiError, type Resource } from '@sluice/cluster'
import { createHttp } from '@sluice/host'
import {
  type ImageReflectorDeps,
  imageReflectorControllers,
  memoryTagStore,
  type TagStore,
} from '@sluice/image-reflector-controller'
import type { RegistryStore } from '@sluice/oci'
import type { Condition, JsonObject, KubeObject } from '@sluice/ports'
import { fakeClock, recordingLogger, seededRandom } from '@sluice/ports/testing'
import { createManager } from '@sluice/runtime'
import {
  customResourceDefinition,
  imagePolicyDefinition,
  imageRepositoryDefinition,
  type KindDefinition,
  resourceOf,
} from '@sluice/toolkit'

/** Where an object is, and the version of the API to speak. */
export type Place = { readonly namespace?: string; readonly version?: string }

/** The image reflector at work on an embedded API server, with servers that answer as registries do. */
export type ReflectorHarness = {
  readonly tags: TagStore
  /** Starts a server; `host:port`. */
  readonly serve: (listener: RequestListener) => Promise<string>
  /** Creates an object or changes its spec. */
  readonly apply: (kind: string, name: string, spec: JsonObject, at?: Place) => Promise<void>
  readonly create: (object: KubeObject) => Promise<void>
  readonly patch: (kind: string, name: string, body: JsonObject, at?: Place) => Promise<void>
  readonly remove: (kind: string, name: string) => Promise<void>
  readonly get: (kind: string, name: string, at?: Place) => Promise<KubeObject>
  readonly exists: (kind: string, name: string) => Promise<boolean>
  readonly status: (kind: string, name: string, at?: Place) => Promise<Readonly<Record<string, unknown>>>
  /** Conditions as texts, once Ready is one way or the other for the generation as it is. */
  readonly settled: (kind: string, name: string, at?: Place) => Promise<readonly string[]>
  readonly until: (check: () => boolean | Promise<boolean>) => Promise<void>
  readonly events: (name: string, inNamespace?: string) => Promise<readonly string[]>
  readonly advance: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

export const namespace = 'apps'

export async function startReflector(options: Partial<ImageReflectorDeps> = {}): Promise<ReflectorHarness> {
  const stop = new AbortController()
  const { signal } = stop
  const clock = fakeClock(Date.UTC(2026, 0, 1))
  const http = createHttp()
  const api = await createApiServer({ clock })
  const cluster = createCluster(inProcessTransport(api))
  const write = { signal, fieldManager: 'kubectl' }
  await applyStaged([...definitions.values()].map(customResourceDefinition), { cluster, clock, ...write })
  const manager = createManager({
    cluster,
    clock,
    random: seededRandom(1),
    log: recordingLogger(),
    identity: 'test',
  })
  const tags = options.tags ?? memoryTagStore()
  imageReflectorControllers({ cluster: manager.caches.cluster, clock, http, ...options, tags }).addTo(manager)
  const finished = manager.run(signal)
  const servers: Server[] = []
  const create = async (object: KubeObject): Promise<void> => {
    const version = object.apiVersion.split('/').at(-1) ?? ''
    await cluster.create(resourceFor(object.kind, { version }), object, write)
  }
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })

  const get: ReflectorHarness['get'] = (kind, name, at = {}) =>
    cluster.get(resourceFor(kind, at), { namespace, name, ...pick(at) }, { signal })
  const status: ReflectorHarness['status'] = async (...of) =>
    ((await get(...of))['status'] ?? {}) as Readonly<Record<string, unknown>>

  async function until(check: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; !(await check()); turn += 1) {
      if (turn > 3000) throw new Error('it never became so')
      await clock.advance(10)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await clock.advance(0)
  }

  return {
    tags,
    create,
    get,
    status,
    until,
    serve: async (listener) => {
      const server = createServer(listener)
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return `127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    apply: async (kind, name, spec, at = {}) => {
      const { version = 'v1' } = at
      const apiVersion = `image.toolkit.fluxcd.io/${version}`
      const resource = resourceFor(kind, at)
      try {
        const { metadata } = await get(kind, name, at)
        await cluster.update(resource, { apiVersion, kind, metadata, spec }, write)
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
        const metadata = { namespace, name, ...pick(at) }
        await cluster.create(resource, { apiVersion, kind, metadata, spec }, write)
      }
    },
    patch: async (kind, name, body, at = {}) => {
      const key = kind === 'Namespace' ? { name } : { namespace, name, ...pick(at) }
      await cluster.patch(resourceFor(kind, at), key, { ...write, patch: { kind: 'merge', body } })
    },
    remove: (kind, name) => cluster.delete(resourceFor(kind, {}), { namespace, name }, { signal }),
    exists: (kind, name) =>
      get(kind, name).then(
        () => true,
        () => false,
      ),
    settled: async (...of) => {
      let conditions: readonly Condition[] = []
      await until(async () => {
        const { metadata, ...object } = await get(...of)
        conditions = ((object['status'] ?? {}) as { readonly conditions?: Condition[] }).conditions ?? []
        const ready = conditions.find(({ type }) => type === 'Ready')
        return ready?.observedGeneration === metadata.generation && ready?.status !== 'Unknown'
      })
      return conditions.map((it) => `${it.type}=${it.status} ${it.reason}: ${it.message}`)
    },
    events: async (name, inNamespace = namespace) => {
      // Events are written in the background, one after the other.
      for (let turn = 0; turn < 5; turn += 1) await clock.advance(0)
      const { items } = await cluster.list(plain('Event'), { namespace: inNamespace, signal })
      return items
        .filter((it) => (it['involvedObject'] as { readonly name: string }).name === name)
        .map((it) => `${String(it['type'])} ${String(it['reason'])}: ${String(it['message'])}`)
    },
    advance: (ms) => clock.advance(ms),
    close: async () => {
      stop.abort()
      await finished
      await api.close()
      await http.close()
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

/** Stores an image of its own under each tag. */
export async function push(
  store: RegistryStore,
  repository: string,
  ...tags: readonly string[]
): Promise<void> {
  for (const tag of tags) {
    const content = Buffer.from(JSON.stringify({ schemaVersion: 2, layers: [], annotations: { tag } }))
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    await store.putManifest(repository, { mediaType, content }, { digest: digestOf(content), tag })
  }
}

export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

const definitions: ReadonlyMap<string, KindDefinition> = new Map(
  [imageRepositoryDefinition, imagePolicyDefinition].map((it) => [it.kind, it]),
)

function resourceFor(kind: string, { version = 'v1' }: Place): Resource {
  const definition = definitions.get(kind)
  return definition ? { ...resourceOf(definition), version } : plain(kind)
}

function plain(kind: string): Resource {
  return {
    group: '',
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: kind !== 'Namespace',
  }
}

function pick({ namespace: inNamespace }: Place): { readonly namespace?: string } {
  return inNamespace === undefined ? {} : { namespace: inNamespace }
}

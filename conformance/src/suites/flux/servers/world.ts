import { createServer, type RequestListener } from 'node:http'
import { closeServer, listenOnLoopback } from '@sluice/cli'
import { memoryRegistryStore, registryHandler } from '@sluice/oci'
import { chartRepository, miniCharts } from './charts.ts'
import { storeImage, storeImages } from './images.ts'
import { type ObjectStore, objectStore, recordedHost } from './object-store.ts'
import { fillRegistry } from './registry.ts'

/** The servers, other than Git's, that the recorded manifests name. */
export type World = AsyncDisposable & {
  /** Recorded host → origin. */
  readonly mirrors: ReadonlyMap<string, string>
  /** Serves `/charts` and `/charts-auth`, on the host of the Git server. */
  readonly charts: RequestListener
  /** Changes an object of the bucket. */
  readonly putObject: ObjectStore['put']
  /** Adds a tag to an image, such as `127.0.0.1:28500/cnych/app`, in both registries. */
  readonly pushImage: (image: string, tag: string) => Promise<void>
}

const recorded = {
  registry: '127.0.0.1:28500',
  closedRegistry: '127.0.0.1:28501',
  objects: '127.0.0.1:29000',
}

/** @param recordings the folder of all scenarios; what the servers hold lies in some of them. */
export async function startWorld(recordings: string): Promise<World> {
  const archives = await miniCharts(recordings)
  const store = memoryRegistryStore()
  const bucket = objectStore(recordings)
  const servers = [
    createServer(registryHandler({ store })),
    createServer(registryHandler({ store, authorize: (_action, user) => isKnown(user) })),
    createServer(bucket.handle),
  ]
  const [open = 0, closed = 0, objects = 0] = await Promise.all(
    servers.map((server) => listenOnLoopback(server, 0)),
  )
  await storeImages(store)
  await fillRegistry(`127.0.0.1:${open}`, recordings, archives)
  return {
    mirrors: new Map([
      [recorded.registry, `http://127.0.0.1:${open}`],
      [recorded.closedRegistry, `http://127.0.0.1:${closed}`],
      [recordedHost, `http://127.0.0.1:${objects}`],
    ]),
    charts: chartRepository(archives),
    putObject: bucket.put,
    pushImage: (image, tag) => storeImage(store, image.replace(/^[^/]+\//, ''), tag),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map(closeServer))
    },
  }
}

function isKnown(user: { readonly name: string; readonly password: string } | undefined): boolean {
  return user?.name === 'cnych' && user.password === 's3cret'
}

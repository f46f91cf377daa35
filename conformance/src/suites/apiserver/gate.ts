import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiRequest, isApiError, type Transport } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'

/** Time for a controller to come up with its next write; it waits up to this long after it has lost races. */
const patienceMs = 150
const lookEveryMs = 2

type Held = { readonly path: string; readonly request: ApiRequest; readonly release: () => void }

/**
 * Stands between the simulated controllers and the server, so that a recording is played as it was made: which of a
 * controller's writes came before a request and which after it was chance then, and must not be chance again. Writes
 * to objects that later steps look at are held until a step shows that they had happened.
 */
export class Gate {
  readonly #server: Transport
  readonly #held = new Set<Held>()
  #watched: readonly string[] = []
  #isOpen = true

  constructor(server: Transport) {
    this.#server = server
  }

  /** What the controllers are to use. */
  get transport(): Transport {
    return {
      watch: (request, options) => this.#server.watch(request, options),
      request: async (request, options) => {
        if (request.method !== 'GET') await this.#pass(request, options.signal)
        return this.#server.request(request, options)
      },
    }
  }

  /** From now on holds writes to these objects, or to any object of these collections. */
  watch(paths: readonly string[]): void {
    this.#watched = paths
    for (const held of this.#held) if (!this.#isWatched(held.path)) held.release()
  }

  /** Lets all writes through, until {@link close}. */
  open(): void {
    this.#isOpen = true
    for (const held of this.#held) held.release()
  }

  close(): void {
    this.#isOpen = false
  }

  /** Lets writes through that cannot succeed any more, since another has come before them. */
  async releaseLost(): Promise<void> {
    await Promise.all(
      [...this.#held].map(async (held) => {
        if (await this.#isLost(held.request)) held.release()
      }),
    )
  }

  /** Lets one write through, if possible one to `path`. @returns whether there was any */
  async advance(path: string): Promise<boolean> {
    const end = performance.now() + patienceMs
    while (performance.now() < end) {
      // Each look follows a pause in which controllers work.
      await this.releaseLost()
      const held = [...this.#held]
      const next = held.find((it) => isAt(it.path, path)) ?? held[0]
      if (next) {
        next.release()
        await sleep(lookEveryMs)
        return true
      }
      await sleep(lookEveryMs)
    }
    return false
  }

  async #pass(request: ApiRequest, signal: AbortSignal): Promise<void> {
    if (this.#isOpen || !this.#isWatched(request.path) || (await this.#isLost(request))) return
    await new Promise<void>((resolve) => {
      const release = (): void => {
        this.#held.delete(held)
        signal.removeEventListener('abort', release)
        resolve()
      }
      const held: Held = { path: request.path, request, release }
      this.#held.add(held)
      signal.addEventListener('abort', release, { once: true })
    })
  }

  #isWatched(path: string): boolean {
    return this.#watched.some((it) => isAt(path, it))
  }

  async #isLost({ method, path, body }: ApiRequest): Promise<boolean> {
    if (method !== 'PUT') return false
    const mine = (body as KubeObject | undefined)?.metadata.resourceVersion
    try {
      const { signal } = new AbortController()
      const { body: current } = await this.#server.request({ method: 'GET', path }, { signal })
      return (current as KubeObject).metadata.resourceVersion !== mine
    } catch (error) {
      if (isApiError(error, 'NotFound')) return true
      throw error
    }
  }
}

function isAt(path: string, target: string): boolean {
  return path === target || path.startsWith(`${target}/`)
}

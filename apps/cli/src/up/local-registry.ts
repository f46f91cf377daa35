import { createServer } from 'node:http'
import { createHttp, systemClock } from '@sluice/host'
import { OciError, type OciRepositoryClient, ociRegistry, ociRepository } from '@sluice/oci'
import { closeServer, listenOnLoopback } from './loopback-server.ts'
import { fillRegistry, type RegistryContent, registryPlaces } from './registry-content.ts'
import { isSameSecret } from './same-secret.ts'

export type LocalRegistryOptions = {
  /** Where it keeps what it has; made when absent. */
  readonly directory: string
  /** Who may push. Everyone may pull. */
  readonly credentials: { readonly username: string; readonly password: string }
  /** 0 takes any free port. */
  readonly port: number
  /** What it holds at first, for requests to other registries that lead here. */
  readonly content: readonly RegistryContent[]
}

export type LocalRegistry = AsyncDisposable & {
  readonly port: number
  /** For `mirroredHttp`: where requests for the content begin → this registry. */
  readonly mirrors: ReadonlyMap<string, string>
}

const pushTimeoutMs = 30_000

/**
 * An OCI registry of this machine, on loopback only, for clients such as `docker` and `helm` and for the controllers.
 *
 * @throws the listening socket's error, such as EADDRINUSE.
 */
export async function startLocalRegistry(options: LocalRegistryOptions): Promise<LocalRegistry> {
  const { credentials, content } = options
  const server = createServer(
    await ociRegistry({
      directory: options.directory,
      isUser: ({ name, password }) =>
        isSameSecret(name, credentials.username) && isSameSecret(password, credentials.password),
      now: () => systemClock.now(),
    }),
  )
  const port = await listenOnLoopback(server, options.port)
  await fill(port, options)
  const origin = `http://127.0.0.1:${port}`
  return {
    port,
    mirrors: new Map(registryPlaces(content).map((place) => [place, origin])),
    [Symbol.asyncDispose]: () => closeServer(server),
  }
}

async function fill(port: number, { content, credentials }: LocalRegistryOptions): Promise<void> {
  const http = createHttp()
  const { signal } = new AbortController()
  const open = (repository: string): OciRepositoryClient =>
    ociRepository(
      { registry: `127.0.0.1:${port}`, repository, credentials: { kind: 'basic', ...credentials } },
      { http, signal, timeoutMs: pushTimeoutMs },
    )
  try {
    await fillRegistry(content, open, (repository) => isKnown(open(repository)))
  } finally {
    await http.close()
  }
}

async function isKnown(client: OciRepositoryClient): Promise<boolean> {
  try {
    await client.listTags()
    return true
  } catch (error) {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return false
    throw error
  }
}

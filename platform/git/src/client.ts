import type { Http, HttpProxy, HttpTls } from '@sluice/ports'
import { type Checkout, checkOut, type GitRef } from './checkout.ts'
import { GitError } from './git-error.ts'
import type { GitConnection } from './protocol/connection.ts'
import { type HttpCredentials, httpConnection } from './protocol/http-connection.ts'
import type { Advertisement } from './protocol/upload-pack.ts'
import { defaultGitBounds, type GitBounds, GitSession } from './session.ts'

/** A repository and how to get to it. */
export type GitRemote = {
  readonly url: string
  readonly credentials?: HttpCredentials
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
}

export type GitClientOptions = {
  readonly http: Http
  readonly bounds?: GitBounds
}

export type GitCheckoutOptions = {
  readonly signal: AbortSignal
  /** For each request. */
  readonly timeoutMs: number
  /** Ends with `unchanged`, without fetching, while this is what the reference stands for. */
  readonly lastRevision?: string
}

/** Reads Git repositories. */
export type GitClient = {
  /** @throws {GitError} with the text that Flux shows. */
  readonly checkOut: (remote: GitRemote, ref: GitRef, options: GitCheckoutOptions) => Promise<Checkout>
}

/** Servers whose abilities are remembered. */
const maxKnownServers = 10_000

/**
 * Creates a client. It remembers which repositories speak version 2 of the protocol, so that asking whether anything
 * has changed is a single request.
 */
export function createGitClient({ http, bounds = defaultGitBounds }: GitClientOptions): GitClient {
  const known = new Map<string, Advertisement>()

  return {
    checkOut: async (remote, ref, options) => {
      const { lastRevision } = options
      const checkoutOptions = { url: remote.url, ...(lastRevision === undefined ? {} : { lastRevision }) }
      const advertisement = known.get(remote.url)
      if (advertisement) {
        try {
          return await converse(
            remote,
            options,
            (session) => checkOut(session, ref, checkoutOptions),
            advertisement,
          )
        } catch {
          // What went wrong may be that the server has changed. A conversation from its beginning tells, in the words
          // that users know.
          options.signal.throwIfAborted()
          known.delete(remote.url)
        }
      }
      return converse(remote, options, async (session) => {
        const result = await checkOut(session, ref, checkoutOptions)
        remember(remote.url, await session.advertisement())
        return result
      })
    },
  }

  async function converse<T>(
    remote: GitRemote,
    options: GitCheckoutOptions,
    talk: (session: GitSession) => Promise<T>,
    advertisement?: Advertisement,
  ): Promise<T> {
    const connection = connect(remote, options)
    try {
      return await talk(new GitSession(connection, bounds, advertisement))
    } finally {
      await connection.close()
    }
  }

  function connect(remote: GitRemote, { signal, timeoutMs }: GitCheckoutOptions): GitConnection {
    if (!/^https?:\/\//i.test(remote.url)) {
      throw new GitError('GIT_INVALID_INPUT', `unsupported scheme in URL '${remote.url}'`)
    }
    return httpConnection(remote, { http, signal, timeoutMs, maxBodyBytes: bounds.maxPackBytes + 1024 })
  }

  function remember(url: string, advertisement: Advertisement): void {
    if (advertisement.version !== 2) return
    if (known.size >= maxKnownServers) known.clear()
    known.set(url, advertisement)
  }
}

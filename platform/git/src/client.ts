import { type FileTree, type Http, type HttpProxy, type HttpTls, isSameOrigin } from '@sluice/ports'
import { type Checkout, checkOut, type GitRef } from './checkout.ts'
import { GitError } from './git-error.ts'
import type { GitFileTree } from './objects/tree.ts'
import type { GitConnection } from './protocol/connection.ts'
import { type HttpCredentials, httpConnection } from './protocol/http-connection.ts'
import type { Advertisement } from './protocol/upload-pack.ts'
import { type GitPush, type GitPushed, makeCommit, sendCommit } from './push/push.ts'
import { type GitRefPush, pushRefs } from './push/push-refs.ts'
import { defaultGitBounds, type GitBounds, GitSession } from './session.ts'
import { type SshAlgorithms, type SshCredentials, sshConnection } from './ssh/ssh-connection.ts'
import { mountSubmodules } from './submodules.ts'

/** A repository and how to get to it. */
export type GitRemote = {
  /** `http`, `https` or `ssh`. */
  readonly url: string
  /** For HTTP. */
  readonly credentials?: HttpCredentials
  readonly ssh?: SshCredentials
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
}

export type GitClientOptions = {
  readonly http: Http
  readonly bounds?: GitBounds
  readonly sshAlgorithms?: SshAlgorithms
}

export type GitCheckoutOptions = {
  readonly signal: AbortSignal
  /** For each request. */
  readonly timeoutMs: number
  /** Ends with `unchanged`, without fetching, while this is what the reference stands for. */
  readonly lastRevision?: string
  /** Whether submodules are fetched too. Default: `false`. */
  readonly recurseSubmodules?: boolean
}

type ConnectOptions = Pick<GitCheckoutOptions, 'signal' | 'timeoutMs'>

/** What came of a checkout, with the files of submodules if those were asked for. */
export type GitCheckout =
  | Exclude<Checkout, { readonly kind: 'checkedOut' }>
  | (Omit<Extract<Checkout, { readonly kind: 'checkedOut' }>, 'tree'> & { readonly tree: FileTree })

/** Reads Git repositories, and adds commits to them. */
export type GitClient = {
  /** @throws {GitError} with the text that Flux shows. */
  readonly checkOut: (remote: GitRemote, ref: GitRef, options: GitCheckoutOptions) => Promise<GitCheckout>
  /**
   * Commits changes and pushes them.
   *
   * @throws {GitError} `GIT_NOT_FAST_FORWARD` when a reference has moved on and must not be forced.
   */
  readonly push: (remote: GitRemote, push: GitPush, options: ConnectOptions) => Promise<GitPushed>
  /** Moves references to commits that the repository has. @throws {GitError} with the text that Flux shows. */
  readonly pushRefs: (remote: GitRemote, push: GitRefPush, options: ConnectOptions) => Promise<void>
}

/** Servers whose abilities are remembered. */
const maxKnownServers = 10_000

/**
 * Creates a client. It remembers which repositories speak version 2 of the protocol, so that asking over HTTP whether
 * anything has changed is a single request.
 */
export function createGitClient({
  http,
  bounds = defaultGitBounds,
  sshAlgorithms,
}: GitClientOptions): GitClient {
  const ways = { http, bounds, sshAlgorithms }
  const known = new Map<string, Advertisement>()

  return {
    checkOut: async (remote, ref, options) => {
      const checkout = await checkOutAt(remote, ref, options)
      if (checkout.kind !== 'checkedOut' || !options.recurseSubmodules) return checkout
      const { signal, timeoutMs } = options
      const fetch = async (url: string, commit: string): Promise<GitFileTree> => {
        const found = await checkOutAt(submoduleRemote(remote, url), { commit }, { signal, timeoutMs })
        if (found.kind === 'checkedOut') return found.tree
        throw new GitError('GIT_OBJECT_NOT_FOUND', `unable to clone '${url}': git repository is empty`)
      }
      return { ...checkout, tree: await mountSubmodules(checkout.tree, remote.url, fetch) }
    },
    push: async (remote, push, options) => {
      const connectionOptions = { ...options, ...ways }
      const made = await withConnection(remote, connectionOptions, (connection) =>
        makeCommit(new GitSession(connection, bounds), push),
      )
      if (!made) return { kind: 'unchanged' }
      await withConnection(remote, connectionOptions, (connection) => sendCommit(connection, made, push))
      return { kind: 'pushed', commit: made.commit }
    },
    pushRefs: (remote, push, options) =>
      withConnection(remote, { ...options, ...ways }, (connection) => pushRefs(connection, push)),
  }

  async function checkOutAt(remote: GitRemote, ref: GitRef, options: GitCheckoutOptions): Promise<Checkout> {
    const { lastRevision } = options
    const checkoutOptions = { url: remote.url, ...(lastRevision === undefined ? {} : { lastRevision }) }
    const talk = (session: GitSession): Promise<Checkout> => checkOut(session, ref, checkoutOptions)
    const advertisement = known.get(remote.url)
    if (advertisement) {
      try {
        return await converse(remote, options, { talk, advertisement })
      } catch {
        // What went wrong may be that the server has changed. A conversation from its beginning tells, in the words that
        // users know.
        options.signal.throwIfAborted()
        known.delete(remote.url)
      }
    }
    return converse(remote, options, {
      talk: async (session) => {
        const result = await talk(session)
        if (isHttp(remote.url)) remember(remote.url, await session.advertisement())
        return result
      },
    })
  }

  async function converse(
    remote: GitRemote,
    options: GitCheckoutOptions,
    {
      talk,
      advertisement,
    }: {
      readonly talk: (session: GitSession) => Promise<Checkout>
      readonly advertisement?: Advertisement
    },
  ): Promise<Checkout> {
    return withConnection(remote, { ...options, ...ways }, (connection) =>
      talk(new GitSession(connection, bounds, advertisement)),
    )
  }

  function remember(url: string, advertisement: Advertisement): void {
    if (advertisement.version !== 2) return
    if (known.size >= maxKnownServers) known.clear()
    known.set(url, advertisement)
  }
}

type ConnectionOptions = ConnectOptions & {
  readonly http: Http
  readonly bounds: GitBounds
  readonly sshAlgorithms: SshAlgorithms | undefined
}

async function withConnection<T>(
  remote: GitRemote,
  options: ConnectionOptions,
  talk: (connection: GitConnection) => Promise<T>,
): Promise<T> {
  const connection = connect(remote, options)
  try {
    return await talk(connection)
  } finally {
    await connection.close()
  }
}

function connect(remote: GitRemote, options: ConnectionOptions): GitConnection {
  const { http, bounds, signal, timeoutMs, sshAlgorithms } = options
  if (isHttp(remote.url)) {
    return httpConnection(remote, { http, signal, timeoutMs, maxBodyBytes: bounds.maxPackBytes + 1024 })
  }
  if (!/^ssh:\/\//i.test(remote.url)) {
    throw new GitError('GIT_INVALID_INPUT', `unsupported scheme in URL '${remote.url}'`)
  }
  if (!remote.ssh) {
    throw new GitError('GIT_AUTHENTICATION', "invalid 'ssh' auth option: 'identity' is required")
  }
  return sshConnection(remote.url, remote.ssh, { signal, timeoutMs, sshAlgorithms })
}

function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url)
}

/**
 * A submodule is reached as its parent is. But its address comes out of the repository: credentials go to the parent's own
 * host only.
 */
function submoduleRemote(parent: GitRemote, url: string): GitRemote {
  if (!URL.canParse(url)) throw new GitError('GIT_INVALID_INPUT', `submodule URL '${url}' is invalid`)
  if (isSameOrigin(url, parent.url)) return { ...parent, url }
  return parent.proxy ? { url, proxy: parent.proxy } : { url }
}

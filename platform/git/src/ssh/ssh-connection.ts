import type { Client, ClientChannel, ConnectConfig, utils } from 'ssh2'
import { GitError } from '../git-error.ts'
import type { GitConnection, GitService } from '../protocol/connection.ts'
import { type PacketReader, readPackets } from '../protocol/pkt-line.ts'
import { parseKnownHosts } from './known-hosts.ts'
import { isEncryptedPkcs8, readableKey } from './private-key.ts'

/** How to log in over SSH, and which servers to trust. */
export type SshCredentials = {
  /** A private key in PEM (PKCS #8, or the form of its kind) or OpenSSH's form. */
  readonly identity: string
  readonly passphrase?: string
  /** In the form of `known_hosts`. A server that is not in it is never talked to. */
  readonly knownHosts: string
  /** Used when the address names nobody. Default: `git`. */
  readonly username?: string
}

/** What a conversation may be secured by, the most preferred first. The library's own where a list is empty or absent. */
export type SshAlgorithms = {
  readonly keyExchange?: readonly string[]
  readonly hostKey?: readonly string[]
}

export type SshOptions = {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly sshAlgorithms?: SshAlgorithms | undefined
}

/** Host key algorithms by the type of a key in `known_hosts`. An RSA key signs with SHA-2 where the server can. */
const algorithms: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
}

const maxStderrBytes = 4096

/** Git's protocol over SSH: one channel in which requests and answers alternate. */
export function sshConnection(url: string, credentials: SshCredentials, options: SshOptions): GitConnection {
  let client: Client | undefined
  let conversation: Conversation | undefined

  return {
    open: async (service) => {
      client ??= await connect(url, credentials, options)
      conversation = await converse(client, commandFor(service, url))
      return conversation.packets
    },
    request: async (_service, body) => {
      if (!conversation) throw new GitError('GIT_PROTOCOL', 'the conversation has not been opened')
      const chunks = body instanceof Uint8Array ? [body] : body
      for await (const chunk of chunks) conversation.channel.write(chunk)
      return conversation.packets
    },
    close: async () => {
      client?.end()
    },
  }
}

/** Whether a private key needs a passphrase that was not given. Keys that cannot be read count as not encrypted. */
export async function isKeyEncrypted(identity: string): Promise<boolean> {
  if (isEncryptedPkcs8(identity)) return true
  const { utils } = await loadSsh()
  const parsed = utils.parseKey(identity)
  return parsed instanceof Error && /no passphrase given/i.test(parsed.message)
}

/** The server that an address names, and the user, who is empty when it names nobody. */
export function sshAddress(url: string): {
  readonly host: string
  readonly port: number
  readonly username: string
} {
  const { hostname, port, username } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 22 : Number(port),
    username: decodeURIComponent(username),
  }
}

async function connect(url: string, credentials: SshCredentials, options: SshOptions): Promise<Client> {
  const { Client: SshClient } = await loadSsh()
  const client = new SshClient()
  const { host, port, username } = sshAddress(url)
  const known = parseKnownHosts(credentials.knownHosts, host, port)
  let refusal: string | undefined
  const config: ConnectConfig = {
    host,
    port,
    username: username || credentials.username || 'git',
    ...readableKey(credentials.identity, credentials.passphrase),
    readyTimeout: options.timeoutMs,
    hostVerifier: (key: Buffer) => {
      refusal = known.refusal(key)
      return refusal === undefined
    },
    algorithms: algorithmsFor(known.keyTypes, options.sshAlgorithms),
  }
  const stop = (): void => {
    client.destroy()
  }
  options.signal.addEventListener('abort', stop, { once: true })
  const deadline = setTimeout(stop, options.timeoutMs)
  client.once('close', () => {
    clearTimeout(deadline)
    options.signal.removeEventListener('abort', stop)
  })
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      client.destroy()
      reject(options.signal.aborted ? options.signal.reason : connectError(error, refusal))
    }
    client.once('ready', () => {
      // From here on a lost connection shows as the end of the channel.
      client.off('error', fail)
      client.on('error', () => client.destroy())
      resolve(client)
    })
    client.on('error', fail)
    client.once('close', () => fail(new Error('connection closed')))
    try {
      client.connect(config)
    } catch (error) {
      // A key that cannot be read is reported so.
      fail(error)
    }
  })
}

/** Servers have keys of several types; only one that can be checked, and is wanted, is of use. */
function algorithmsFor(
  types: readonly string[],
  { keyExchange = [], hostKey = [] }: SshAlgorithms = {},
): NonNullable<ConnectConfig['algorithms']> {
  const checkable = types.flatMap((type) => algorithms[type] ?? [type])
  const both = hostKey.filter((name) => checkable.includes(name))
  // Where nothing wanted can be checked, the key is refused when it comes.
  const usable = hostKey.length === 0 ? checkable : both.length > 0 ? both : hostKey
  // The names are ssh2's; one that it does not know is refused by it with a clear message.
  return {
    ...(usable.length > 0 && { serverHostKey: usable as never[] }),
    ...(keyExchange.length > 0 && { kex: [...keyExchange] as never[] }),
  }
}

type Conversation = { readonly channel: ClientChannel; readonly packets: PacketReader }

async function converse(client: Client, command: string): Promise<Conversation> {
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    // Servers that do not accept the variable speak an older version; that is understood too.
    client.exec(command, { env: { GIT_PROTOCOL: 'version=2' } }, (error, opened) => {
      if (error) reject(new GitError('GIT_SSH', `ssh: ${error.message}`, { cause: error }))
      else resolve(opened)
    })
  })
  let stderr = ''
  channel.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < maxStderrBytes) stderr += chunk.toString()
  })
  const packets = readPackets(channel)
  return {
    channel,
    packets: {
      ...packets,
      next: async () => {
        const packet = await packets.next()
        if (packet.kind === 'eof' && stderr !== '') throw remoteError(stderr)
        return packet
      },
      // The channel serves the next request too.
      close: async () => {},
    },
  }
}

function commandFor(service: GitService, url: string): string {
  const path = decodeURIComponent(new URL(url).pathname)
  // `ssh://host/~ann/x` means Ann's home.
  const target = path.startsWith('/~') ? path.slice(1) : path
  return `${service} '${target.replaceAll("'", "'\\''")}'`
}

function connectError(error: unknown, refusal: string | undefined): GitError {
  const { message, code, address, port } = error as Error & {
    readonly code?: string
    readonly address?: string
    readonly port?: number
  }
  if (refusal !== undefined) return new GitError('GIT_SSH', `ssh: handshake failed: ${refusal}`)
  if (code === 'ECONNREFUSED') {
    return new GitError('GIT_SSH', `dial tcp ${address}:${port}: connect: connection refused`)
  }
  if (/authentication methods failed/i.test(message)) {
    const text =
      'ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], ' +
      'no supported methods remain'
    return new GitError('GIT_AUTHENTICATION', text)
  }
  if (/timed out/i.test(message)) return new GitError('GIT_SSH', 'ssh: handshake failed: i/o timeout')
  return new GitError('GIT_SSH', `ssh: ${message}`, { cause: error })
}

function remoteError(stderr: string): GitError {
  const text = stderr.trim().split('\n')[0] ?? ''
  return /not found|not appear to be a git repository|does not exist/i.test(stderr)
    ? new GitError('GIT_NOT_FOUND', 'repository not found')
    : new GitError('GIT_REMOTE', `unknown error: ${text}`)
}

/** Loaded when first needed: most sources come over HTTP. */
export async function loadSsh(): Promise<{ readonly Client: typeof Client; readonly utils: typeof utils }> {
  const { default: ssh } = await import('ssh2')
  return ssh
}

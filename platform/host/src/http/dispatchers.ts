import { createHash } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import type { HttpProxy, HttpTls } from '@sluice/ports'
import { Agent, type Dispatcher, ProxyAgent, request, Socks5ProxyAgent } from 'undici'
import { watchStaleConnections } from './stale-connections.ts'

/** How many sets of TLS and proxy settings keep their connections open; the least recently used is closed first. */
const maxDispatchers = 128

/** Idle connections stay this long, so that a 30 s poll does not pay a handshake each time. */
const keepAliveMs = 60_000

export type Dispatchers = {
  /** The connections for these settings; the same settings share them. */
  readonly get: (tls: HttpTls | undefined, proxy: HttpProxy | undefined) => Dispatcher
  /** Sends a request; one that may be made twice is repeated when it met a connection that its server had given up. */
  readonly send: typeof request
  readonly close: () => Promise<void>
}

/** Pools of connections by TLS material and proxy: a client certificate never travels with someone else's request. */
export function createDispatchers({ connectTimeoutMs }: { readonly connectTimeoutMs: number }): Dispatchers {
  const byKey = new Map<string, Dispatcher>()
  const stale = watchStaleConnections()

  return {
    get: (tls, proxy) => {
      const key = keyOf(tls, proxy)
      const known = byKey.get(key)
      const dispatcher = known ?? createDispatcher(tls, proxy, connectTimeoutMs)
      // Re-inserting keeps the map in order of use.
      byKey.delete(key)
      byKey.set(key, dispatcher)
      const [oldest] = byKey
      if (byKey.size > maxDispatchers && oldest) {
        byKey.delete(oldest[0])
        // Requests under way end first; what they meet is theirs to report.
        oldest[1].close().catch(() => undefined)
      }
      return dispatcher
    },
    send: async (url, options) => {
      for (;;) {
        try {
          return await request(url, options)
        } catch (error) {
          // Each repetition uses up a dead connection, so it ends with a new one.
          if (!isRepeatable(options) || !stale.caused(error)) throw error
        }
      }
    },
    close: async () => {
      stale.close()
      const open = [...byKey.values()]
      byKey.clear()
      await Promise.all(open.map((dispatcher) => dispatcher.destroy()))
    },
  }
}

/** As Go's transport sees it. */
function isRepeatable(options: Parameters<typeof request>[1]): boolean {
  const { method = 'GET', body } = options ?? {}
  return (method === 'GET' || method === 'HEAD') && (body === undefined || body === null)
}

function createDispatcher(
  tls: HttpTls | undefined,
  proxy: HttpProxy | undefined,
  connectTimeoutMs: number,
): Dispatcher {
  const connect = { ...tlsOptions(tls), timeout: connectTimeoutMs }
  const shared = { keepAliveTimeout: keepAliveMs, headersTimeout: 0, bodyTimeout: 0 }
  if (!proxy) return new Agent({ ...shared, connect })
  if (/^socks5h?:/i.test(proxy.url)) {
    return new Socks5ProxyAgent(proxy.url.replace(/^socks5h/i, 'socks5'), {
      ...shared,
      ...(proxy.username === undefined ? {} : { username: proxy.username }),
      ...(proxy.password === undefined ? {} : { password: proxy.password }),
      // The type asks for a connector, but TLS options of the target are what is used.
      ...({ requestTls: connect } as object),
    })
  }
  return new ProxyAgent({
    ...shared,
    uri: proxy.url,
    requestTls: connect,
    connectTimeout: connectTimeoutMs,
    // Plain HTTP is asked of the proxy itself, HTTPS through a tunnel, as Go does.
    proxyTunnel: false,
    ...(proxy.username === undefined ? {} : { token: basic(proxy.username, proxy.password ?? '') }),
  })
}

function tlsOptions(tls: HttpTls | undefined): object {
  return {
    ...(tls?.ca === undefined ? {} : { ca: tls.trustsHostRoots ? [...rootCertificates, tls.ca] : tls.ca }),
    ...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls?.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function keyOf(tls: HttpTls | undefined, proxy: HttpProxy | undefined): string {
  if (!tls && !proxy) return ''
  const parts = [
    tls?.ca,
    tls?.trustsHostRoots,
    tls?.certificate,
    tls?.key,
    tls?.serverName,
    tls?.insecureSkipVerify,
    proxy?.url,
    proxy?.username,
    proxy?.password,
  ]
  // Hashed, so that keys and passwords do not stay in memory a second time.
  return createHash('sha256')
    .update(JSON.stringify(parts.map((part) => part ?? null)))
    .digest('base64')
}

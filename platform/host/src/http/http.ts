import { setMaxListeners } from 'node:events'
import { type Http, HttpError, type HttpRequest, type HttpResponse } from '@sluice/ports'
import type { Dispatchers } from './dispatchers.ts'
import { httpErrorFrom, withoutPassword } from './go-net-errors.ts'

export type HttpOptions = {
  /** How long a TCP and TLS handshake may take. */
  readonly connectTimeoutMs?: number
  /** Sent when a request names no user agent of its own. */
  readonly userAgent?: string
}

/** An {@link Http} that also knows how to end. */
export interface HostHttp extends Http {
  /** Closes all connections; requests under way fail. */
  close(): Promise<void>
}

/**
 * HTTP/1.1 over real sockets. Connections are reused among requests with the same TLS and proxy settings; a GET that meets
 * one which the server has closed meanwhile is repeated on another. Errors read as Go's `net/http` client prints them.
 */
export function createHttp({ connectTimeoutMs = 30_000, userAgent = 'sluice' }: HttpOptions = {}): HostHttp {
  // Loaded by the first request: most commands that work with files only make none.
  let loading: Promise<Dispatchers> | undefined
  const load = async (): Promise<Dispatchers> => {
    const { createDispatchers } = await import('./dispatchers.ts')
    return createDispatchers({ connectTimeoutMs })
  }

  return {
    request: async (request, { signal }) => {
      signal.throwIfAborted()
      const url = parseUrl(request)
      const deadline = createDeadline(request, signal)
      try {
        loading ??= load()
        const dispatchers = await loading
        const response = await dispatchers.send(url, {
          dispatcher: dispatchers.get(request.tls, request.proxy),
          method: request.method,
          headers: headersOf(request, url, userAgent),
          ...(request.body === undefined ? {} : { body: request.body as Uint8Array }),
          signal: deadline.signal,
        })
        return {
          status: response.statusCode,
          headers: joinHeaders(response.headers),
          body: bounded(response.body, request, deadline),
        }
      } catch (error) {
        deadline.clear()
        throw deadline.explain(error)
      }
    },
    close: async () => {
      const dispatchers = await loading
      await dispatchers?.close()
    },
  }
}

function parseUrl(request: HttpRequest): URL {
  if (!URL.canParse(request.url)) {
    throw new HttpError('HTTP_INVALID_URL', request.url, `cannot parse URL "${withoutPassword(request.url)}"`)
  }
  const url = new URL(request.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const scheme = url.protocol.slice(0, -1)
    throw httpErrorFrom(new TypeError(`unsupported protocol scheme "${scheme}"`), request)
  }
  return url
}

function headersOf(request: HttpRequest, url: URL, userAgent: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    headers[name] = typeof value === 'string' ? value : [...value]
  }
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  if (!names.has('user-agent')) headers['user-agent'] = userAgent
  if (url.username !== '' && !names.has('authorization')) {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`
  }
  return headers
}

type Deadline = {
  readonly signal: AbortSignal
  readonly clear: () => void
  /** The error as the caller sees it: its own abort reason, a timeout, or what went wrong on the wire. */
  readonly explain: (error: unknown) => unknown
}

function createDeadline(request: HttpRequest, signal: AbortSignal): Deadline {
  const own = new AbortController()
  const abort = (): void => own.abort(signal.reason)
  // A reconcile may have many requests under way, all of which end with its signal.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', abort, { once: true })
  let expired = false
  const timer = setTimeout(() => {
    expired = true
    signal.removeEventListener('abort', abort)
    own.abort(new Error('context deadline exceeded'))
  }, request.timeoutMs)
  return {
    signal: own.signal,
    clear: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
    explain: (error) => {
      if (expired) {
        const { message } = httpErrorFrom(new Error('context deadline exceeded'), request)
        return new HttpError('HTTP_TIMEOUT', withoutPassword(request.url), message)
      }
      return signal.aborted ? signal.reason : httpErrorFrom(error, request)
    },
  }
}

function joinHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): HttpResponse['headers'] {
  const joined = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return joined
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  request: HttpRequest,
  deadline: Deadline,
): AsyncGenerator<Uint8Array> {
  let length = 0
  try {
    for await (const chunk of body) {
      length += chunk.length
      if (length > request.maxBodyBytes) {
        const { message } = httpErrorFrom(
          new Error(`response exceeds ${request.maxBodyBytes} bytes`),
          request,
        )
        throw new HttpError('HTTP_TOO_LARGE', withoutPassword(request.url), message)
      }
      yield chunk
    }
  } catch (error) {
    throw deadline.explain(error)
  } finally {
    deadline.clear()
  }
}

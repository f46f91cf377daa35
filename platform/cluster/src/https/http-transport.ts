import {
  type Clock,
  type Http,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  isKubeObject,
  readBody,
} from '@sluice/ports'
import { ApiError } from '../api-error.ts'
import { isRecord } from '../client/answers.ts'
import type { ApiRequest, ApiResponse, ImpersonatedUser, Transport, WatchEvent } from '../transport.ts'
import type { Connection } from './connection.ts'
import { splitLines } from './lines.ts'
import { silenceAlarm } from './silence-alarm.ts'
import { statusError } from './status-error.ts'

export type HttpTransportOptions = {
  readonly http: Http
  readonly clock: Clock
  /** Names this program to the server. Default: `sluice`. */
  readonly userAgent?: string
  /** How long a request other than a watch may take. Default: `60_000`. */
  readonly timeoutMs?: number
  /** How long a watch may be silent before it ends: servers send a bookmark each minute or so. Default: `180_000`. */
  readonly watchIdleMs?: number
}

/** Lists of ten thousand large objects come in pages; one page does not exceed this. */
const maxBodyBytes = 256 * 1_024 * 1_024
const maxEventBytes = 16 * 1_024 * 1_024
/** A watch without end in its query is given up after this. */
const longestWatchMs = 3_600_000
const maxAttempts = 6
const longestPauseMs = 30_000

/** The API server at the other end of a network. */
export function httpTransport(connection: Connection, options: HttpTransportOptions): Transport {
  const { http, clock, userAgent = 'sluice', timeoutMs = 60_000, watchIdleMs = 180_000 } = options

  return {
    request: async (request, { signal }) => {
      const response = await exchange(request, { signal, timeoutMs, maxBytes: maxBodyBytes })
      const body = decodeBody(await readAll(response))
      const { status } = response
      return { status, body, warnings: warningsOf(response) } satisfies ApiResponse
    },
    watch: (request, call) => watch(request, call.signal),
  }

  async function* watch(request: ApiRequest, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const seconds = Number(request.query?.['timeoutSeconds'])
    using silence = silenceAlarm(clock, watchIdleMs)
    try {
      const response = await exchange(request, {
        signal: AbortSignal.any([signal, silence.signal]),
        timeoutMs: seconds > 0 ? seconds * 1_000 + timeoutMs : longestWatchMs,
        maxBytes: Number.MAX_SAFE_INTEGER,
      })
      for await (const line of splitLines(response.body, maxEventBytes)) {
        silence.heard()
        yield decodeEvent(line)
      }
    } catch (error) {
      // A connection that was lost without a word ends as one that the server has ended.
      if (silence.signal.aborted && !signal.aborted) return
      throw signal.aborted ? signal.reason : unreachable(error)
    }
  }

  /** One answer of status 2xx; refused credentials are renewed once, a busy server is given the time it asks for. */
  async function exchange(request: ApiRequest, call: Call): Promise<HttpResponse> {
    let renewed = false
    for (let attempt = 1; ; attempt += 1) {
      const response = await send(request, call)
      if (response.status < 400) return response
      const error = statusError(response.status, decodeBody(await readAll(response)))
      const pauseMs = retryAfterMs(response)
      if (response.status === 401 && !renewed) {
        renewed = true
        connection.credentials.refused()
      } else if (pauseMs !== undefined && attempt < maxAttempts) {
        await clock.sleep(pauseMs, call.signal)
      } else {
        throw error
      }
    }
  }

  async function send(request: ApiRequest, call: Call): Promise<HttpResponse> {
    const { certificate, key, authorization } = await connection.credentials.get(call)
    const { ca, serverName, insecureSkipVerify, proxy } = connection
    const httpRequest: HttpRequest = {
      method: request.method,
      url: urlOf(connection.server, request),
      headers: {
        accept: request.accept ?? 'application/json',
        'user-agent': userAgent,
        ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
        ...(authorization !== undefined && { authorization }),
        ...impersonationHeaders(request.impersonate ?? connection.impersonate),
      },
      ...(request.body !== undefined && { body: encodeBody(request.body) }),
      tls: {
        ...(ca !== undefined && { ca }),
        ...(serverName !== undefined && { serverName }),
        ...(insecureSkipVerify && { insecureSkipVerify }),
        ...(certificate !== undefined && { certificate }),
        ...(key !== undefined && { key }),
      },
      ...(proxy && { proxy }),
      maxBodyBytes: call.maxBytes,
      timeoutMs: call.timeoutMs,
    }
    try {
      return await http.request(httpRequest, { signal: call.signal })
    } catch (error) {
      throw call.signal.aborted ? call.signal.reason : unreachable(error)
    }
  }
}

type Call = { readonly signal: AbortSignal; readonly timeoutMs: number; readonly maxBytes: number }

function urlOf(server: string, { path, query = {} }: ApiRequest): string {
  const search = new URLSearchParams(query).toString()
  return `${server}${path}${search && `?${search}`}`
}

function encodeBody(body: Exclude<ApiRequest['body'], undefined>): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function impersonationHeaders(
  user: ImpersonatedUser | undefined,
): Record<string, string | readonly string[]> {
  if (!user) return {}
  const { userName, groups = [], uid } = user
  return {
    'impersonate-user': userName,
    ...(groups.length > 0 && { 'impersonate-group': groups }),
    ...(uid !== undefined && { 'impersonate-uid': uid }),
  }
}

async function readAll(response: HttpResponse): Promise<Uint8Array> {
  try {
    return await readBody(response.body)
  } catch (error) {
    throw unreachable(error)
  }
}

function decodeBody(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes)
  const first = text.trimStart()[0]
  if (first !== '{' && first !== '[') return text
  try {
    return JSON.parse(text)
  } catch (error) {
    // A log may begin with a brace; what is not JSON is text.
    if (error instanceof SyntaxError) return text
    throw error
  }
}

function decodeEvent(line: string): WatchEvent {
  let event: unknown
  try {
    event = JSON.parse(line)
  } catch (cause) {
    throw new ApiError({ message: 'cannot read an event of the watch' }, { cause })
  }
  const { type, object } = isRecord(event) ? event : {}
  if (type === 'ERROR') {
    const code = isRecord(object) && typeof object['code'] === 'number' ? object['code'] : 500
    throw statusError(code, object)
  }
  const isKnown = type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK'
  if (!isKnown || !isKubeObject(object)) throw new ApiError({ message: 'cannot read an event of the watch' })
  return { type, object }
}

/** `299 - "text"` and the like, several of them separated by commas. */
function warningsOf({ headers }: HttpResponse): readonly string[] {
  const header = headers.get('warning') ?? ''
  return [...header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  )
}

/** What a busy server asks for; it asks nothing without the header. */
function retryAfterMs({ status, headers }: HttpResponse): number | undefined {
  if (status !== 429 && status < 500) return undefined
  const header = headers.get('retry-after')
  const seconds = Number(header)
  return header !== undefined && seconds >= 0 ? Math.min(longestPauseMs, seconds * 1_000) : undefined
}

function unreachable(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause
  const message = cause instanceof HttpError ? cause.message : 'cannot reach the API server'
  return new ApiError({ message }, cause instanceof HttpError ? undefined : { cause })
}

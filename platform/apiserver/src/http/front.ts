import { once } from 'node:events'
import type { ServerResponse as Http1Response, IncomingMessage } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { ApiError } from '@sluice/cluster'
import type { Clock, Logger } from '@sluice/ports'
import type { Authenticate } from '../auth/authenticate.ts'
import type { User } from '../request/user.ts'
import type { ServerRequest } from '../server/dispatch.ts'
import type { ServerResponse } from '../server/respond.ts'
import {
  badRequest,
  internalError,
  statusObject,
  tooManyRequests,
  unauthorized,
} from '../status/status-error.ts'
import { readBody } from './body.ts'
import { EventLines, encodeBody, encodeLine } from './encode.ts'

type Request = IncomingMessage | Http2ServerRequest
type Response = Http1Response | Http2ServerResponse

export type FrontOptions = {
  readonly handle: (request: ServerRequest) => Promise<ServerResponse>
  readonly authenticate: Authenticate
  /** The user that a request acts as, when its headers ask for another. @throws {ApiError} */
  readonly impersonated: (
    user: User,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ) => User
  readonly clock: Clock
  readonly log: Logger
  /** Requests other than watches that are worked on at a time; more are told to come back. */
  readonly maxConcurrent: number
}

const gzipFromBytes = 128 * 1024
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Answers HTTP requests: decoding, authentication and encoding around the server's own handler. */
export function httpFront(options: FrontOptions): (request: Request, response: Response) => void {
  const lines = new EventLines()
  let running = 0
  return (request, response) => {
    const overloaded = running >= options.maxConcurrent
    running += 1
    let counted = true
    const release = (): void => {
      if (counted) running -= 1
      counted = false
    }
    serve({ options, lines, request, response, overloaded, release })
      .catch((error: unknown) => {
        options.log.error(error, 'a request could not be answered')
        response.destroy()
      })
      .finally(release)
  }
}

type Exchange = {
  readonly options: FrontOptions
  readonly lines: EventLines
  readonly request: Request
  readonly response: Response
  readonly overloaded: boolean
  /** Lets another request begin: a watch no longer counts once it runs. */
  readonly release: () => void
}

async function serve(exchange: Exchange): Promise<void> {
  const { request, response, options, overloaded } = exchange
  const gone = new AbortController()
  response.once('close', () => {
    // An abort is an error with a stack: not for every request that simply ends.
    if (!response.writableFinished) gone.abort()
  })
  // A client that goes away mid-body is no error of ours.
  request.on('error', () => gone.abort())
  response.on('error', () => gone.abort())
  try {
    if (overloaded) throw tooManyRequests(1)
    const answer = await options.handle(await readRequest(exchange, gone.signal))
    if (answer.kind === 'watch') await streamWatch(exchange, answer, gone.signal)
    else if (answer.kind === 'text') sendText(response, answer)
    else sendObject(exchange, answer)
  } catch (error) {
    if (gone.signal.aborted) return
    sendError(exchange, error)
  }
}

async function readRequest({ request, options }: Exchange, signal: AbortSignal): Promise<ServerRequest> {
  const { headers } = request
  const method = request.method ?? 'GET'
  const user = options.authenticate(headers, peerCertificate(request))
  if (!user) throw unauthorized()
  if (!methods.has(method)) throw badRequest(`the method ${JSON.stringify(method)} is not known`)
  const { path, query } = splitUrl(request.url ?? '/')
  const body = method === 'GET' || method === 'HEAD' ? undefined : await readBody(request)
  return {
    method: (method === 'HEAD' ? 'GET' : method) as ServerRequest['method'],
    path,
    query,
    user: options.impersonated(user, headers),
    userAgent: headers['user-agent'] ?? '',
    address: headers[':authority']?.toString() ?? headers.host ?? '',
    contentType: body?.contentType ?? 'application/json',
    accept: [headers.accept ?? ''].flat().join(','),
    signal,
    ...(body === undefined ? {} : { body: body.text }),
  }
}

function splitUrl(url: string): { readonly path: string; readonly query: Readonly<Record<string, string>> } {
  const mark = url.indexOf('?')
  if (mark < 0) return { path: url, query: {} }
  const query: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of new URLSearchParams(url.slice(mark + 1))) query[name] ??= value
  return { path: url.slice(0, mark), query }
}

/** The verified certificate that the client showed, if any. */
function peerCertificate(
  request: Request,
): { readonly name: string; readonly organizations: readonly string[] } | undefined {
  const socket = ('stream' in request ? request.stream.session?.socket : request.socket) as
    | TLSSocket
    | undefined
  if (!socket?.authorized) return undefined
  const { subject } = socket.getPeerCertificate() as {
    readonly subject?: { readonly CN?: string | string[]; readonly O?: string | string[] }
  }
  const name = [subject?.CN ?? ''].flat()[0] ?? ''
  return name === '' ? undefined : { name, organizations: [subject?.O ?? []].flat() }
}

function sendText(response: Response, answer: Extract<ServerResponse, { kind: 'text' }>): void {
  if (answer.location !== undefined) response.setHeader('Location', answer.location)
  send(response, answer.status, answer.contentType, answer.text)
}

function sendObject(
  { request, response }: Exchange,
  answer: Extract<ServerResponse, { kind: 'object' }>,
): void {
  for (const text of answer.warnings) response.appendHeader('Warning', `299 - ${JSON.stringify(text)}`)
  if (answer.etag !== undefined) {
    response.setHeader('ETag', answer.etag)
    if (answer.isImmutable) response.setHeader('Cache-Control', 'public, immutable')
    if (request.headers['if-none-match'] === answer.etag) {
      response.statusCode = 304
      response.end()
      return
    }
  }
  const body = encodeBody(answer)
  const zips = acceptsGzip(request)
  if (!zips || body.length < gzipFromBytes) {
    send(response, answer.status, answer.contentType ?? 'application/json', body)
    return
  }
  response.setHeader('Content-Encoding', 'gzip')
  response.setHeader('Vary', 'Accept-Encoding')
  send(response, answer.status, answer.contentType ?? 'application/json', gzipSync(body, { level: 1 }))
}

function acceptsGzip({ headers }: Request): boolean {
  return /\bgzip\b/.test([headers['accept-encoding'] ?? ''].flat().join(','))
}

function send(response: Response, status: number, contentType: string, body: string | Buffer): void {
  response.statusCode = status
  response.setHeader('Content-Type', contentType)
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-cache, private')
  response.setHeader('Content-Length', Buffer.byteLength(body))
  // Both kinds of response take both kinds of chunk, but their types do not agree on it.
  ;(response as Http1Response).end(body)
}

function sendError({ request, response, options }: Exchange, error: unknown): void {
  if (response.headersSent) {
    options.log.error(error, 'an answer broke off')
    response.destroy()
    return
  }
  let status: ApiError
  if (error instanceof ApiError) {
    status = error
  } else {
    options.log.error(error, 'a request failed')
    status = internalError('the server failed; its log has the reason')
  }
  const { retryAfterSeconds } = status.status.details ?? {}
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds))
  if (status.statusCode === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  // Nobody reads the rest of a body that was refused.
  if (!request.complete) response.once('finish', () => request.destroy())
  send(response, status.statusCode, 'application/json', JSON.stringify(statusObject(status)))
}

async function streamWatch(
  { response, options, lines, release }: Exchange,
  watch: Extract<ServerResponse, { kind: 'watch' }>,
  signal: AbortSignal,
): Promise<void> {
  release()
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-cache, private')
  for (const text of watch.warnings) response.appendHeader('Warning', `299 - ${JSON.stringify(text)}`)
  response.writeHead(200)
  if ('flushHeaders' in response) response.flushHeaders()
  const write = async (line: Buffer): Promise<void> => {
    if (signal.aborted || (response as Http1Response).write(line)) return
    try {
      // Its signal tells of a client that goes away, so that no listener is left behind at each wait.
      await once(response, 'drain', { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
  let isFirst = true
  try {
    for await (const event of watch.events) {
      if (signal.aborted) break
      await write(lines.line(event, watch, { isFirst, now: options.clock.now() }))
      isFirst = false
    }
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof ApiError)) throw error
    await write(encodeLine('ERROR', statusObject(error)))
  }
  response.end()
}

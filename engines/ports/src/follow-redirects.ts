import { type Http, HttpError, type HttpRequest, type HttpResponse, type HttpTls } from './http.ts'

export type FollowOptions = { readonly signal: AbortSignal; readonly maxRedirects?: number }

/** A response with the address that it came from. */
export type FollowedResponse = { readonly response: HttpResponse; readonly url: string }

/** Headers that prove who asks; they stay with the host that they were meant for. */
const secretHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Sends a GET or HEAD and follows redirects. Another origin gets no credentials and no client certificate, and nothing
 * leads from an encrypted address to a plain one.
 *
 * @throws {HttpError} also for too many redirects and for addresses that are not HTTP.
 */
export async function requestFollowing(
  http: Http,
  request: HttpRequest & { readonly method: 'GET' | 'HEAD' },
  { signal, maxRedirects = 10 }: FollowOptions,
): Promise<FollowedResponse> {
  let url = request.url
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    // Each hop needs the answer of the one before.
    const response = await http.request(hop === 0 ? request : redirected(request, url), { signal })
    const location = response.headers.get('location')
    if (location === undefined || !redirectStatuses.has(response.status)) return { response, url }
    await discard(response)
    url = resolveLocation(location, url)
  }
  throw new HttpError(
    'HTTP_PROTOCOL',
    request.url,
    `Get "${request.url}": stopped after ${maxRedirects} redirects`,
  )
}

function redirected(request: HttpRequest, url: string): HttpRequest {
  if (isSameOrigin(url, request.url)) return { ...request, url }
  const { tls, headers = {}, ...rest } = request
  const kept = Object.entries(headers).filter(([name]) => !secretHeaders.has(name.toLowerCase()))
  return { ...rest, url, headers: Object.fromEntries(kept), ...(tls && { tls: withoutIdentity(tls) }) }
}

/** Whether credentials for one address may be sent to the other. */
export function isSameOrigin(a: string, b: string): boolean {
  const [one, other] = [new URL(a), new URL(b)]
  return one.protocol === other.protocol && one.host === other.host
}

/** What another host gets of TLS material: whom to trust, but not who asks. */
export function withoutIdentity(tls: HttpTls): HttpTls {
  const { certificate: _certificate, key: _key, serverName: _serverName, ...trust } = tls
  return trust
}

async function discard({ body }: HttpResponse): Promise<void> {
  for await (const chunk of body) void chunk
}

function resolveLocation(location: string, from: string): string {
  const fail = (why: string): HttpError => new HttpError('HTTP_PROTOCOL', from, `Get "${from}": ${why}`)
  const target = parse(location, from)
  if (!target) throw fail('failed to parse Location header')
  if (target.protocol !== 'https:' && target.protocol !== 'http:') {
    throw fail(`unsupported protocol scheme "${target.protocol.slice(0, -1)}"`)
  }
  if (target.protocol === 'http:' && from.startsWith('https:')) {
    throw fail('redirect from an encrypted to a plain address refused')
  }
  // Built anew, so that a user and password in it are left behind.
  return `${target.protocol}//${target.host}${target.pathname}${target.search}`
}

function parse(location: string, from: string): URL | undefined {
  try {
    return new URL(location, from)
  } catch (error) {
    // The one thing that URL throws: what it is given is no address.
    if (error instanceof TypeError) return undefined
    throw error
  }
}

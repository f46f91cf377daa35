import {
  type Http,
  HttpError,
  type HttpProxy,
  type HttpResponse,
  type HttpTls,
  readBody,
} from '@sluice/ports'
import { GitError } from '../git-error.ts'
import { type GitConnection, type GitService, maxAdvertisementBytes } from './connection.ts'
import { readPackets } from './pkt-line.ts'

/** How requests to a Git server are authenticated. */
export type HttpCredentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }

export type HttpRemote = {
  readonly url: string
  readonly credentials?: HttpCredentials
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
}

export type HttpConnectionOptions = {
  readonly http: Http
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Largest answer to one request: the pack. */
  readonly maxBodyBytes: number
}

const maxRedirects = 10
const maxErrorBytes = 64 * 1024

/**
 * Git's smart protocol over HTTP. Redirects of the opening request are followed, and what follows goes to where they
 * lead; credentials and client certificates stay with the host that they were given for.
 *
 * Source: https://git-scm.com/docs/http-protocol
 */
export function httpConnection(remote: HttpRemote, options: HttpConnectionOptions): GitConnection {
  const { url, credentials } = withoutUserInfo(remote)
  let base = url

  return {
    open: async (service) => {
      const query = `/info/refs?service=${service}`
      const { response, finalUrl } = await getFollowing(`${base}${query}`)
      if (response.status !== 200) throw await statusError(response, finalUrl)
      // The server says where the repository is by where it sent us.
      if (finalUrl.endsWith(query)) base = finalUrl.slice(0, -query.length)
      const packets = readPackets(response.body)
      const contentType = response.headers.get('content-type') ?? ''
      if (!contentType.includes(`x-${service}-advertisement`)) {
        await packets.close()
        throw new GitError('GIT_PROTOCOL', `unexpected content type ${JSON.stringify(contentType)}`)
      }
      return packets
    },
    request: async (service, body) => {
      const response = await send(`${base}/${service}`, { service, body })
      if (response.status !== 200) throw await statusError(response, `${base}/${service}`)
      return readPackets(response.body)
    },
    close: async () => {},
  }

  async function getFollowing(first: string): Promise<{ response: HttpResponse; finalUrl: string }> {
    let target = first
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      // Each hop needs the answer of the one before.
      const response = await send(target, {})
      const location = response.headers.get('location')
      if (response.status < 300 || response.status > 399 || location === undefined) {
        return { response, finalUrl: target }
      }
      await discard(response)
      target = redirectTarget(location, target)
    }
    throw new HttpError('HTTP_PROTOCOL', first, `Get "${first}": stopped after ${maxRedirects} redirects`)
  }

  function send(
    target: string,
    { service, body }: { service?: GitService; body?: Uint8Array | AsyncIterable<Uint8Array> },
  ): Promise<HttpResponse> {
    const mayCarrySecrets = isSameOrigin(target, url)
    const tls = mayCarrySecrets ? remote.tls : caOnly(remote.tls)
    return options.http.request(
      {
        method: body ? 'POST' : 'GET',
        url: target,
        headers: {
          'git-protocol': 'version=2',
          'user-agent': 'git/sluice',
          ...(service
            ? {
                'content-type': `application/x-${service}-request`,
                accept: `application/x-${service}-result`,
              }
            : {}),
          ...(mayCarrySecrets && credentials ? { authorization: authorizationOf(credentials) } : {}),
        },
        ...(body ? { body } : {}),
        ...(tls ? { tls } : {}),
        ...(remote.proxy ? { proxy: remote.proxy } : {}),
        maxBodyBytes: body ? options.maxBodyBytes : maxAdvertisementBytes,
        timeoutMs: options.timeoutMs,
      },
      { signal: options.signal },
    )
  }
}

function authorizationOf(credentials: HttpCredentials): string {
  if (credentials.kind === 'bearer') return `Bearer ${credentials.token}`
  const pair = `${credentials.username}:${credentials.password}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** Takes user and password out of the URL, so that they are in no message and go to no other host. */
function withoutUserInfo(remote: HttpRemote): { url: string; credentials: HttpCredentials | undefined } {
  if (!URL.canParse(remote.url)) {
    throw new GitError('GIT_INVALID_INPUT', 'the URL of the repository is invalid')
  }
  const parsed = new URL(remote.url)
  const { username, password } = parsed
  // Rewriting through URL would change how the address reads in messages.
  const plain = remote.url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1').replace(/\/+$/, '')
  const fromUrl: HttpCredentials | undefined =
    username === ''
      ? undefined
      : { kind: 'basic', username: decodeURIComponent(username), password: decodeURIComponent(password) }
  return { url: plain, credentials: remote.credentials ?? fromUrl }
}

function redirectTarget(location: string, from: string): string {
  if (!URL.canParse(location, from)) {
    throw new HttpError('HTTP_PROTOCOL', from, `failed to parse Location header of "${from}"`)
  }
  const target = new URL(location, from)
  target.username = ''
  target.password = ''
  if (target.protocol !== 'https:' && target.protocol !== 'http:') {
    throw new HttpError(
      'HTTP_PROTOCOL',
      from,
      `unsupported protocol scheme "${target.protocol.slice(0, -1)}"`,
    )
  }
  if (target.protocol === 'http:' && from.startsWith('https:')) {
    throw new GitError(
      'GIT_UNSAFE',
      `redirect from ${new URL(from).origin} to an unencrypted address refused`,
    )
  }
  return target.href
}

function isSameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin
}

function caOnly(tls: HttpTls | undefined): HttpTls | undefined {
  return tls?.ca === undefined ? undefined : { ca: tls.ca }
}

/** Source: go-git plumbing/transport/http, whose texts Flux passes on. */
async function statusError(response: HttpResponse, url: string): Promise<GitError> {
  const reason = await readReason(response)
  switch (response.status) {
    case 401:
      return new GitError('GIT_AUTHENTICATION', `authentication required: ${reason}`)
    case 403:
      return new GitError('GIT_AUTHENTICATION', `authorization failed: ${reason}`)
    case 404:
      return new GitError('GIT_NOT_FOUND', `repository not found: ${reason}`)
    default:
      return new GitError(
        'GIT_REMOTE',
        `unexpected client error: unexpected requesting "${url}" status code: ${response.status}`,
      )
  }
}

async function readReason(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxErrorBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxErrorBytes).toString()
}

async function discard(response: HttpResponse): Promise<void> {
  await readBody(response.body)
}

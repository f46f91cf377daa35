import {
  type FollowedResponse,
  type Http,
  type HttpProxy,
  type HttpRequest,
  type HttpResponse,
  type HttpTls,
  isSameOrigin,
  requestFollowing,
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
      const { response, url: finalUrl } = await get(`${base}${query}`)
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
      const response = await post(`${base}/${service}`, service, body)
      if (response.status !== 200) throw await statusError(response, `${base}/${service}`)
      return readPackets(response.body)
    },
    close: async () => {},
  }

  async function get(target: string): Promise<FollowedResponse> {
    return requestFollowing(options.http, { ...requestFor(target), method: 'GET' }, options)
  }

  function post(
    target: string,
    service: GitService,
    body: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<HttpResponse> {
    const { headers, ...request } = requestFor(target)
    const types = {
      'content-type': `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
    }
    return options.http.request(
      {
        ...request,
        method: 'POST',
        headers: { ...headers, ...types },
        body,
        maxBodyBytes: options.maxBodyBytes,
      },
      options,
    )
  }

  function requestFor(target: string): Omit<HttpRequest, 'method'> & { headers: Record<string, string> } {
    // After a redirect to another origin, what follows there goes without credentials too.
    const isTrusted = isSameOrigin(target, url)
    const tls = isTrusted ? remote.tls : remote.tls?.ca === undefined ? undefined : { ca: remote.tls.ca }
    return {
      url: target,
      headers: {
        'git-protocol': 'version=2',
        'user-agent': 'git/sluice',
        ...(isTrusted && credentials ? { authorization: authorizationOf(credentials) } : {}),
      },
      ...(tls ? { tls } : {}),
      ...(remote.proxy ? { proxy: remote.proxy } : {}),
      maxBodyBytes: maxAdvertisementBytes,
      timeoutMs: options.timeoutMs,
    }
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

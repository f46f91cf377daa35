import {
  type Http,
  HttpError,
  type HttpErrorCode,
  type HttpProxy,
  type HttpRequest,
  type HttpResponse,
  type HttpTls,
  readBody,
  requestFollowing,
  withoutIdentity,
} from '@sluice/ports'
import type { OciCredentials } from '../credentials.ts'
import { OciError } from '../oci-error.ts'
import { isPlainHttp, type OciRepositoryName } from '../reference.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { errorFrom } from './registry-response.ts'

/** How a repository is reached. */
export type OciRemote = OciRepositoryName & {
  readonly credentials?: OciCredentials
  /** Plain HTTP. */
  readonly insecure?: boolean
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
}

export type SessionOptions = {
  readonly http: Http
  readonly signal: AbortSignal
  /** For each request. */
  readonly timeoutMs: number
  readonly userAgent: string
}

export type RegistryCall = {
  readonly method: HttpRequest['method']
  /** Below `/v2/<repository>/`, or a whole address that the registry gave. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly maxBodyBytes: number
  /** Statuses that are no error. Default: those of 200 to 299. */
  readonly accept?: readonly number[]
}

const maxTokenBytes = 1024 * 1024

/**
 * Requests to one repository of a registry. A challenge is answered once, with a token for this repository or with the
 * password; what was granted serves the requests after it. Redirects of reads are followed without credentials.
 *
 * Source: https://distribution.github.io/distribution/spec/auth/token/
 */
export class RegistrySession {
  readonly #remote: OciRemote
  readonly #options: SessionOptions
  readonly #schemes: readonly ('https' | 'http')[]
  #base: string
  #isReached = false
  #authorization: string | undefined

  constructor(remote: OciRemote, options: SessionOptions) {
    this.#remote = remote
    this.#options = options
    const isPlain = isPlainHttp(remote.registry, remote.insecure ?? false)
    this.#schemes = isPlain ? ['https', 'http'] : ['https']
    this.#base = `${isPlain ? 'http' : 'https'}://${remote.registry}`
    if (remote.credentials?.kind === 'registryToken') {
      this.#authorization = `Bearer ${remote.credentials.token}`
    }
  }

  /** `https://host`, or `http://host` where plain HTTP may be spoken and nothing else is understood. */
  get base(): string {
    return this.#base
  }

  /** @throws {OciError} for a status that is not accepted. */
  async call(call: RegistryCall): Promise<HttpResponse> {
    let response = await this.#reach(call)
    const url = this.#urlOf(call.path)
    if (response.status === 401) {
      const header = response.headers.get('www-authenticate') ?? ''
      const authorization = await this.#answer(parseChallenges(header), call.method)
      if (authorization !== undefined && authorization !== this.#authorization) {
        await readBody(response.body)
        this.#authorization = authorization
        response = await this.#send(url, call)
      }
    }
    const isAccepted =
      call.accept?.includes(response.status) ?? (response.status >= 200 && response.status < 300)
    if (!isAccepted) throw await errorFrom(response, call.method, url)
    return response
  }

  /**
   * Sends a request. When the first one finds nobody who speaks this way, the registry is looked for in all ways that it may
   * speak; what each of them met is told together, as go-containerregistry does.
   */
  async #reach(call: RegistryCall): Promise<HttpResponse> {
    try {
      const response = await this.#send(this.#urlOf(call.path), call)
      const isMisunderstood = response.status === 400 && this.#base.startsWith('http:')
      if (this.#isReached || !isMisunderstood) {
        this.#isReached = true
        return response
      }
      // Servers that expect TLS answer so; one that does not has something else against the request.
      if (await this.#speaks('https').catch(() => false)) await readBody(response.body)
      else return response
    } catch (error) {
      if (this.#isReached || !isUnreachable(error)) throw error
      if (!(await this.#find(error))) throw error
    }
    this.#isReached = true
    return this.#send(this.#urlOf(call.path), call)
  }

  /** Whether the registry speaks in another way than was tried. @throws {HttpError} when it cannot be reached at all. */
  async #find(first: HttpError): Promise<boolean> {
    const tried = this.#base
    const problems: string[] = []
    for (const scheme of this.#schemes) {
      try {
        // The first way that works is taken.
        if (await this.#speaks(scheme)) return this.#base !== tried
      } catch (error) {
        if (!(error instanceof HttpError)) throw error
        problems.push(error.message)
      }
    }
    throw new HttpError(first.code as HttpErrorCode, first.url, problems.join('; '))
  }

  /** Asks the registry as a whole, and goes on in this way when it answers. @throws {HttpError} */
  async #speaks(scheme: 'https' | 'http'): Promise<boolean> {
    const base = `${scheme}://${this.#remote.registry}`
    const request = this.#request(`${base}/v2/`, maxTokenBytes, true)
    const headers = { 'user-agent': this.#options.userAgent }
    const response = await this.#options.http.request({ ...request, method: 'GET', headers }, this.#options)
    await readBody(response.body)
    this.#base = base
    return true
  }

  #urlOf(path: string): string {
    if (/^https?:\/\//.test(path)) return path
    return path.startsWith('/') ? this.#base + path : `${this.#base}/v2/${this.#remote.repository}/${path}`
  }

  async #send(url: string, { method, headers, body, maxBodyBytes }: RegistryCall): Promise<HttpResponse> {
    // An address in an answer may lead elsewhere; what proves who we are stays here.
    const isOwn = new URL(url).origin === new URL(this.#base).origin
    const authorization = isOwn ? this.#authorization : undefined
    const request = {
      ...this.#request(url, maxBodyBytes, isOwn),
      headers: {
        'user-agent': this.#options.userAgent,
        ...headers,
        ...(authorization === undefined ? {} : { authorization }),
      },
    }
    if (method === 'GET' || method === 'HEAD') {
      const { response } = await requestFollowing(this.#options.http, { ...request, method }, this.#options)
      return response
    }
    return this.#options.http.request({ ...request, method, ...(body ? { body } : {}) }, this.#options)
  }

  #request(url: string, maxBodyBytes: number, isOwn: boolean): Omit<HttpRequest, 'method'> {
    const { tls, proxy } = this.#remote
    return {
      url,
      maxBodyBytes,
      timeoutMs: this.#options.timeoutMs,
      ...(tls ? { tls: isOwn ? tls : withoutIdentity(tls) } : {}),
      ...(proxy ? { proxy } : {}),
    }
  }

  async #answer(
    challenges: readonly Challenge[],
    method: HttpRequest['method'],
  ): Promise<string | undefined> {
    const { credentials } = this.#remote
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer) return this.#fetchToken(bearer, method)
    const wantsBasic = challenges.some(({ scheme }) => scheme === 'basic')
    return wantsBasic && credentials?.kind === 'basic' ? basicOf(credentials) : undefined
  }

  async #fetchToken({ parameters }: Challenge, method: HttpRequest['method']): Promise<string | undefined> {
    const realm = parameters.get('realm') ?? ''
    if (!URL.canParse(realm) || !/^https?:/.test(realm)) {
      throw new OciError('OCI_REGISTRY', 'the registry names no place to log in')
    }
    // A password never goes out unencrypted because of an answer.
    if (this.#base.startsWith('https:') && !realm.startsWith('https:')) {
      throw new OciError('OCI_REGISTRY', `the registry asks to log in at an unencrypted address ${realm}`)
    }
    const actions = method === 'GET' || method === 'HEAD' ? 'pull' : 'push,pull'
    const scope = parameters.get('scope') || `repository:${this.#remote.repository}:${actions}`
    const service = parameters.get('service')
    const response = await this.#options.http.request(
      this.#tokenRequest(realm, scope, service),
      this.#options,
    )
    const body = await readBody(response.body)
    if (response.status === 401 || response.status === 403) return undefined
    return readToken(response.status, body, realm)
  }

  #tokenRequest(realm: string, scope: string, service: string | undefined): HttpRequest {
    const { credentials } = this.#remote
    const parameters = new URLSearchParams({ scope, ...(service === undefined ? {} : { service }) })
    const request = { ...this.#request(realm, maxTokenBytes, false) }
    if (credentials?.kind === 'identityToken') {
      parameters.set('grant_type', 'refresh_token')
      parameters.set('refresh_token', credentials.token)
      parameters.set('client_id', this.#options.userAgent)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return { ...request, method: 'POST', headers, body: parameters.toString() }
    }
    const url = new URL(realm)
    for (const [name, value] of parameters) url.searchParams.set(name, value)
    const headers = credentials?.kind === 'basic' ? { authorization: basicOf(credentials) } : {}
    return { ...request, url: url.href, method: 'GET', headers }
  }
}

function isUnreachable(error: unknown): error is HttpError {
  return error instanceof HttpError && ['HTTP_UNREACHABLE', 'HTTP_TLS', 'HTTP_PROTOCOL'].includes(error.code)
}

function readToken(status: number, body: Uint8Array, realm: string): string {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body))
    const { token, access_token: accessToken } = (parsed ?? {}) as Record<string, unknown>
    const found = typeof token === 'string' && token !== '' ? token : accessToken
    if (status === 200 && typeof found === 'string' && found !== '') return `Bearer ${found}`
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new OciError('OCI_REGISTRY', `no token in the response of ${realm} (status ${status})`, { status })
}

function basicOf({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

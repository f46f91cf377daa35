import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { type Clock, type Http, type HttpProxy, type HttpTls, readBody } from '@sluice/ports'
import { GitError } from '../git-error.ts'

/** A GitHub App, as a Secret names it. */
export type GitHubApp = {
  readonly appId: string
  /** The organisation or user that installed it. One of this and `installationId`. */
  readonly installationOwner?: string
  readonly installationId?: string
  /** PEM, PKCS#1 or PKCS#8. */
  readonly privateKey: string
  /** Of GitHub's API. Default: `https://api.github.com`. */
  readonly baseUrl?: string
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
}

/** Logs in as GitHub Apps. */
export type GitHubApps = {
  /**
   * A token of the app's installation; one is used until shortly before it expires.
   *
   * @throws {GitError} when the app is not described well or GitHub refuses it
   */
  readonly token: (app: GitHubApp, options: { readonly signal: AbortSignal }) => Promise<string>
}

type Token = { readonly token: string; readonly expiresMs: number }

const maxAnswerBytes = 4 * 1024 * 1024
const timeoutMs = 30_000
const spareMs = 5 * 60_000
const pageSize = 100
const maxPages = 100
const maxTokens = 10_000

/**
 * @example
 * const apps = createGitHubApps({ http, clock })
 * await apps.token({ appId: '1', installationId: '2', privateKey }, { signal })
 */
export function createGitHubApps({
  http,
  clock,
}: {
  readonly http: Http
  readonly clock: Clock
}): GitHubApps {
  const tokens = new Map<string, Token>()

  return {
    token: async (app, { signal }) => {
      const cacheKey = fingerprintOf(app)
      const known = tokens.get(cacheKey)
      if (known && known.expiresMs - spareMs > clock.now()) return known.token
      const session = openSession(app, { http, signal, nowMs: clock.now() })
      const fresh = await requestToken(session, app.installationId ?? (await findInstallation(session, app)))
      if (tokens.size >= maxTokens) tokens.clear()
      tokens.set(cacheKey, fresh)
      return fresh.token
    },
  }
}

function fingerprintOf({ appId, installationOwner, installationId, privateKey, baseUrl }: GitHubApp): string {
  const parts = [appId, installationOwner, installationId, privateKey, baseUrl]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

type Session = {
  readonly ask: (method: 'GET' | 'POST', path: string) => Promise<unknown>
}

function openSession(
  app: GitHubApp,
  { http, signal, nowMs }: { readonly http: Http; readonly signal: AbortSignal; readonly nowMs: number },
): Session {
  const jwt = signJwt(app.appId, privateKeyOf(checkApp(app)), nowMs)
  const baseUrl = (app.baseUrl ?? 'https://api.github.com').replace(/\/+$/, '')
  return {
    ask: async (method, path) => {
      // Redirects are not followed: the request carries the app's signature.
      const response = await http.request(
        {
          method,
          url: `${baseUrl}${path}`,
          headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${jwt}` },
          ...(app.tls ? { tls: app.tls } : {}),
          ...(app.proxy ? { proxy: app.proxy } : {}),
          maxBodyBytes: maxAnswerBytes,
          timeoutMs,
        },
        { signal },
      )
      const body = new TextDecoder().decode(await readBody(response.body))
      if (response.status < 200 || response.status > 299) {
        throw refused(`received non 2xx response status ${response.status} for ${path}`)
      }
      try {
        return JSON.parse(body)
      } catch (cause) {
        throw new GitError('GIT_PROTOCOL', `GitHub's answer for ${path} is no JSON`, { cause })
      }
    },
  }
}

function checkApp(app: GitHubApp): GitHubApp {
  const { appId, installationOwner = '', installationId = '', privateKey } = app
  if (appId === '') throw invalid('app ID must be provided to use github app authentication')
  if (!/^\d+$/.test(appId)) throw invalid(`invalid app id '${appId}', it must be a number`)
  if (installationOwner === '' && installationId === '') {
    throw invalid('app installation owner or ID must be provided to use github app authentication')
  }
  if (installationOwner !== '' && installationId !== '') {
    throw invalid(
      'only one of app installation owner or ID must be provided to use github app authentication',
    )
  }
  if (installationId !== '' && !/^\d+$/.test(installationId)) {
    throw invalid(`invalid app installation id '${installationId}', it must be a number`)
  }
  if (privateKey === '') throw invalid('private key must be provided to use github app authentication')
  return app
}

function privateKeyOf({ privateKey }: GitHubApp): KeyObject {
  try {
    const key = createPrivateKey(privateKey)
    if (key.asymmetricKeyType === 'rsa') return key
  } catch {
    // The parser's error may quote the key.
  }
  throw invalid('could not parse private key: it must be an RSA key in PEM')
}

/** Source: "Generating a JSON Web Token (JWT) for a GitHub App", docs.github.com. */
function signJwt(issuer: string, key: KeyObject, nowMs: number): string {
  const now = Math.floor(nowMs / 1000)
  // Clocks differ; a minute each way is GitHub's own advice.
  const claims = { iat: now - 60, exp: now + 9 * 60, iss: issuer }
  const signed = `${base64Url({ alg: 'RS256', typ: 'JWT' })}.${base64Url(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}

function base64Url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

async function findInstallation({ ask }: Session, { installationOwner = '' }: GitHubApp): Promise<string> {
  const owner = installationOwner.toLowerCase()
  for (let page = 1; page <= maxPages; page++) {
    // One page says whether there is another.
    const found = await ask('GET', `/app/installations?per_page=${pageSize}&page=${page}`)
    const installations: readonly unknown[] = Array.isArray(found) ? found : []
    for (const installation of installations) {
      const { id, account } = (installation ?? {}) as {
        readonly id?: unknown
        readonly account?: { readonly login?: unknown }
      }
      if (typeof id !== 'number' || typeof account?.login !== 'string') continue
      if (account.login.toLowerCase() === owner) return String(id)
    }
    if (installations.length < pageSize) break
  }
  throw refused(`no installation found for owner '${installationOwner}'`)
}

async function requestToken({ ask }: Session, installationId: string): Promise<Token> {
  const answer = await ask('POST', `/app/installations/${installationId}/access_tokens`)
  const { token, expires_at: expires } = (answer ?? {}) as {
    readonly token?: unknown
    readonly expires_at?: unknown
  }
  const expiresMs = typeof expires === 'string' ? Date.parse(expires) : Number.NaN
  if (typeof token !== 'string' || token === '' || Number.isNaN(expiresMs)) {
    throw new GitError('GIT_PROTOCOL', "GitHub's answer holds no token")
  }
  return { token, expiresMs }
}

function invalid(message: string): GitError {
  return new GitError('GIT_INVALID_INPUT', message)
}

function refused(message: string): GitError {
  return new GitError('GIT_AUTHENTICATION', `failed to get github app token: ${message}`)
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerJson, RegistryRefusal } from './registry-error.ts'

export type RegistryUser = { readonly name: string; readonly password: string }
export type RegistryAction = 'pull' | 'push'

/** Who may do what. */
export type RegistryAccess = {
  /**
   * Whether these credentials may do that in that repository; anonymous when absent. The empty name stands for the
   * registry as a whole, which clients ask for to find out how to log in.
   */
  readonly authorize: (action: RegistryAction, user: RegistryUser | undefined, repository: string) => boolean
  /**
   * Login by tokens, as Docker Hub and ghcr.io have it: clients of those expect it where reading needs no password and
   * writing does. Basic authentication when absent.
   */
  readonly tokens?: {
    /** Whether there is such a user. */
    readonly isUser: (user: RegistryUser) => boolean
    /** Milliseconds since the epoch. */
    readonly now: () => number
  }
}

export type RegistryLogin = {
  /** @throws {RegistryRefusal} 401, with what is asked for in the response's headers. */
  readonly check: (request: IncomingMessage, response: ServerResponse, repository: string) => void
  /** Answers `/token`. Whether the request was for that. */
  readonly answerToken: (request: IncomingMessage, response: ServerResponse, url: URL) => boolean
}

/** What a token grants: a repository and the actions in it. */
type Grant = { readonly repository: string; readonly actions: readonly RegistryAction[] }

const service = 'sluice'
const tokenLifeMs = 5 * 60_000
const maxScopes = 20

/** Source: https://distribution.github.io/distribution/spec/auth/token/ */
export function registryLogin({ authorize, tokens }: RegistryAccess): RegistryLogin {
  const key = randomBytes(32)

  return { check, answerToken }

  function check(request: IncomingMessage, response: ServerResponse, repository: string): void {
    const action = request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'push'
    const granted = tokens && readToken(request, tokens.now())
    if (granted && (repository === '' || allows(granted, action, repository))) return
    const user = basicUser(request)
    // Whoever asks for the registry as a whole wants to learn how to log in.
    const isProbe = tokens !== undefined && repository === '' && !user
    if (!isProbe && authorize(action, user, repository)) return
    response.setHeader('www-authenticate', challenge(request, action, repository))
    throw new RegistryRefusal(
      401,
      'UNAUTHORIZED',
      'authentication required',
      accessNeeded(action, repository),
    )
  }

  function challenge({ headers }: IncomingMessage, action: RegistryAction, repository: string): string {
    if (!tokens) return 'Basic realm="Registry"'
    const scope =
      repository === '' ? '' : `,scope="repository:${repository}:${action === 'pull' ? 'pull' : 'pull,push'}"`
    return `Bearer realm="http://${headers.host ?? ''}/token",service="${service}"${scope}`
  }

  function answerToken(request: IncomingMessage, response: ServerResponse, url: URL): boolean {
    if (!tokens || url.pathname !== '/token') return false
    const user = basicUser(request)
    if (user && !tokens.isUser(user)) {
      throw new RegistryRefusal(401, 'UNAUTHORIZED', 'incorrect username or password')
    }
    const grants = url.searchParams
      .getAll('scope')
      .flatMap((it) => it.split(' '))
      .slice(0, maxScopes)
      .flatMap((scope) => grantsFor(scope, user))
    const now = tokens.now()
    const token = sign({ expires: now + tokenLifeMs, grants })
    answerJson(response, 200, {
      token,
      access_token: token,
      expires_in: tokenLifeMs / 1000,
      issued_at: new Date(now).toISOString(),
    })
    return true
  }

  function grantsFor(scope: string, user: RegistryUser | undefined): readonly Grant[] {
    const [, repository = '', wanted = ''] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? []
    if (repository === '') return []
    const asked = wanted.split(',')
    const actions = (['pull', 'push'] as const).filter(
      (action) => (asked.includes(action) || asked.includes('*')) && authorize(action, user, repository),
    )
    return [{ repository, actions }]
  }

  function sign(content: { readonly expires: number; readonly grants: readonly Grant[] }): string {
    const body = Buffer.from(JSON.stringify(content)).toString('base64url')
    return `${body}.${mac(body).toString('base64url')}`
  }

  function mac(body: string): Buffer {
    return createHmac('sha256', key).update(body).digest()
  }

  function readToken({ headers }: IncomingMessage, now: number): readonly Grant[] | undefined {
    const [, body = '', signature = ''] =
      /^Bearer ([\w-]+)\.([\w-]+)$/i.exec(headers.authorization ?? '') ?? []
    const [given, wanted] = [Buffer.from(signature, 'base64url'), mac(body)]
    if (body === '' || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined
    const { expires, grants } = JSON.parse(Buffer.from(body, 'base64url').toString()) as {
      readonly expires: number
      readonly grants: readonly Grant[]
    }
    return expires > now ? grants : undefined
  }
}

/** What a client would have to be allowed, as the registry of Docker's distribution says it. */
function accessNeeded(action: RegistryAction, repository: string): object[] | undefined {
  if (repository === '') return undefined
  const actions = action === 'pull' ? ['pull'] : ['pull', 'push']
  return actions.map((it) => ({ Type: 'repository', Class: '', Name: repository, Action: it }))
}

function allows(grants: readonly Grant[], action: RegistryAction, repository: string): boolean {
  return grants.some((it) => it.repository === repository && it.actions.includes(action))
}

function basicUser({ headers }: IncomingMessage): RegistryUser | undefined {
  const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : { name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}

import { createVerify, generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGitHubApps, type GitHubApp, type GitHubApps } from '@sluice/git'
import { createHttp } from '@sluice/host'
import { fakeClock } from '@sluice/ports/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const elliptic = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey

const http = createHttp()
const start = Date.UTC(2026, 0, 1)
let clock = fakeClock(start)
let server: Server
let requests: string[] = []
let answer: string | undefined
let apps: GitHubApps

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const jwt = (request.headers.authorization ?? '').replace('Bearer ', '')
    if (!isSigned(jwt)) return void response.writeHead(401).end('{}')
    if (answer !== undefined) return void response.end(answer)
    const url = new URL(request.url ?? '', 'http://host')
    if (url.pathname === '/app/installations') {
      const page = Number(url.searchParams.get('page'))
      const filler = Array.from({ length: 100 }, (_, i) => ({ id: i, account: { login: `o${i}` } }))
      return void response.end(JSON.stringify(page === 1 ? filler : [{ id: 42, account: { login: 'Acme' } }]))
    }
    const id = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(url.pathname)?.[1]
    if (request.method !== 'POST' || id === undefined) return void response.writeHead(404).end('{}')
    const expires = new Date(clock.now() + 3_600_000).toISOString()
    response
      .writeHead(201)
      .end(JSON.stringify({ token: `ghs_${id}_${requests.length}`, expires_at: expires }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await http.close()
  server.close()
})
beforeEach(() => {
  clock = fakeClock(start)
  requests = []
  answer = undefined
  apps = createGitHubApps({ http, clock })
})

const isSigned = (jwt: string): boolean => {
  const [header, claims, signature = ''] = jwt.split('.')
  const { exp, iat, iss } = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()) as Record<
    string,
    number
  >
  const isCurrent = Number(iat) * 1000 < clock.now() && Number(exp) * 1000 > clock.now()
  const verify = createVerify('sha256').update(`${header}.${claims}`)
  return isCurrent && String(iss) === '7' && verify.verify(publicKey, signature, 'base64url')
}

const token = (app: Partial<GitHubApp>): Promise<string> => {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return apps.token({ appId: '7', privateKey, baseUrl, ...app }, { signal: AbortSignal.timeout(10_000) })
}

describe('a GitHub App', () => {
  test('gets a token for its installation and keeps it until shortly before its end', async () => {
    expect(await token({ installationId: '9' })).toBe('ghs_9_1')
    expect(await token({ installationId: '9' })).toBe('ghs_9_1')
    await clock.advance(56 * 60_000)
    expect(await token({ installationId: '9' })).toBe('ghs_9_2')
    expect(await token({ installationId: '10' })).toBe('ghs_10_3')
  })

  test('is found by its owner, on any page', async () => {
    expect(await token({ installationOwner: 'acme' })).toMatch(/^ghs_42_/)
    expect(requests).toEqual([
      'GET /app/installations?per_page=100&page=1',
      'GET /app/installations?per_page=100&page=2',
      'POST /app/installations/42/access_tokens',
    ])
    await expect(token({ installationOwner: 'nobody' })).rejects.toThrow(
      "no installation found for owner 'nobody'",
    )
  })

  test('with a wrong app ID is refused', async () => {
    await expect(token({ appId: '8', installationId: '9' })).rejects.toThrow('status 401')
  })

  test.each([
    [{ appId: '', installationId: '9' }, 'app ID must be provided'],
    [{ appId: 'x', installationId: '9' }, "invalid app id 'x'"],
    [{}, 'app installation owner or ID must be provided'],
    [{ installationId: '9', installationOwner: 'acme' }, 'only one of'],
    [{ installationId: '../9' }, "invalid app installation id '../9'"],
    [{ installationId: '9', privateKey: '' }, 'private key must be provided'],
    [{ installationId: '9', privateKey: 'secret-text' }, 'could not parse private key'],
    [{ installationId: '9', privateKey: elliptic }, 'could not parse private key'],
  ])('that is described badly asks nobody: %#', async (app, message) => {
    const error = await token(app).catch((caught: unknown) => caught)
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain('secret-text')
    expect(requests).toEqual([])
  })

  test.each(['', 'null', '[]', '{"token":5}', '{"token":"a","expires_at":"never"}'])(
    'fails on the answer %j',
    async (text) => {
      answer = text
      await expect(token({ installationId: '9' })).rejects.toThrow(/GitHub's answer/)
    },
  )
})

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttp } from '@sluice/host'
import { errorChain, type Http, readBody } from '@sluice/ports'
import { type FakeResponse, fakeHttp } from '@sluice/ports/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseChallenges } from '../src/client/challenge.ts'
import {
  credentialsFor,
  mediaTypes,
  memoryRegistryStore,
  type OciCredentials,
  type OciRepositoryClient,
  ociRepository,
  parseDockerConfig,
  parseOciReference,
  pushArtifact,
  registryHandler,
} from '../src/index.ts'

const http = createHttp()
const { signal } = new AbortController()
const servers: Server[] = []
const store = memoryRegistryStore()
const content = new TextEncoder().encode('content')
let open: string
let closed: string

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  open = await listen(registryHandler({ store }))
  closed = await listen(
    registryHandler({ store, authorize: (_, user) => user?.name === 'me' && user.password === 's3cret' }),
  )
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await http.close()
})

const repository = (registry: string, name: string, credentials?: OciCredentials): OciRepositoryClient =>
  ociRepository(
    { registry, repository: name, ...(credentials ? { credentials } : {}) },
    { http, signal, timeoutMs: 5000 },
  )
const failure = (work: Promise<unknown>): Promise<string> => work.then(String, errorChain)

test('what was pushed can be resolved and pulled', async () => {
  const client = repository(open, 'apps/demo')
  const annotations = { 'org.opencontainers.image.revision': 'main@sha1:1' }
  const digest = await pushArtifact(client, 'v1', { content, annotations })
  expect(await client.resolve('v1')).toBe(digest)
  const pulled = await client.pullManifest(digest)
  if (pulled.kind !== 'manifest') throw new Error(pulled.kind)
  expect(pulled.manifest).toMatchObject({
    annotations,
    config: { mediaType: mediaTypes.fluxConfig },
    layers: [{ mediaType: mediaTypes.fluxContent, size: content.length }],
  })
  expect(Buffer.from(await client.pullBlob(pulled.manifest.layers[0]!, 1000)).toString()).toBe('content')
  expect(await client.listReferrers(digest)).toEqual([])
})

test('tags come in pages', async () => {
  const paged = await listen((request, response) => {
    const last = new URL(request.url ?? '', 'http://x').searchParams.get('last')
    request.url = `/v2/apps/many/tags/list?n=2${last === null ? '' : `&last=${last}`}`
    registryHandler({ store })(request, response)
  })
  const client = repository(open, 'apps/many')
  for (const tag of ['a', 'b', 'c', 'd', 'e']) await pushArtifact(client, tag, { content })
  expect(await client.listTags()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await repository(paged, 'apps/many').listTags()).toEqual(['a', 'b', 'c', 'd', 'e'])
})

describe('failures read as in Flux', () => {
  test('unknown tag', async () => {
    expect(await failure(repository(open, 'nope').resolve('zz'))).toBe(
      `GET http://${open}/v2/nope/manifests/zz: MANIFEST_UNKNOWN: manifest unknown; unknown tag=zz`,
    )
  })

  test('unknown repository', async () => {
    expect(await failure(repository(open, 'charts/nope').listTags())).toBe(
      `GET http://${open}/v2/charts/nope/tags/list?n=1000: NAME_UNKNOWN: repository name not known to registry; ` +
        'map[name:charts/nope]',
    )
  })

  test('no JSON', async () => {
    const proxy = await listen((_, response) => response.writeHead(502).end('<html>bad gateway</html>'))
    expect(await failure(repository(proxy, 'x').pullManifest('y'))).toBe(
      `GET http://${proxy}/v2/x/manifests/y: unexpected status code 502 Bad Gateway: <html>bad gateway</html>`,
    )
  })
})

test('a digest is found with one request, and its absence as well', async () => {
  const client = repository(open, 'apps/head')
  expect(await client.head(await pushArtifact(client, 'v1', { content }))).toBe(await client.resolve('v1'))
  expect(await failure(client.head('v2'))).toBe(
    `HEAD http://${open}/v2/apps/head/manifests/v2: unexpected status code 404 Not Found ` +
      '(HEAD responses have no body, use GET for details)',
  )
})

/** Has tags for who speaks TLS, and `plain` as answer for others. */
const tlsOnly = (plain: FakeResponse | undefined): Http =>
  fakeHttp(({ url }) => (url.startsWith('http:') ? plain : { status: 200, body: '{"tags":["a"]}' }))

describe('a registry that may speak plain HTTP', () => {
  test.for([
    ['does not answer', undefined],
    ['answers that it expects TLS', { status: 400 }],
  ] as const)('and %s is asked with TLS', async ([, plain]) => {
    const remote = { registry: 'registry.lan:5000', repository: 'x', insecure: true }
    expect(await ociRepository(remote, { http: tlsOnly(plain), signal, timeoutMs: 1000 }).listTags()).toEqual(
      ['a'],
    )
  })

  test('and cannot be reached at all says so for both ways', async () => {
    const message = await failure(repository('127.0.0.1:1', 'x').listTags())
    expect(message).toBe(
      'Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused; ' +
        'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    )
  })
})

describe('authentication', () => {
  test('with a password', async () => {
    const right = { kind: 'basic', username: 'me', password: 's3cret' } as const
    expect(await repository(closed, 'apps/demo', right).resolve('v1')).toMatch(/^sha256:/)
    const wrong = { ...right, password: 'wrong' }
    expect(await failure(repository(closed, 'apps/demo', wrong).resolve('v1'))).toBe(
      `GET http://${closed}/v2/apps/demo/manifests/v1: UNAUTHORIZED: authentication required; ` +
        '[map[Action:pull Class: Name:apps/demo Type:repository]]',
    )
    expect(await failure(repository(closed, 'apps/demo').resolve('v1'))).toContain('UNAUTHORIZED')
  })

  test('with a token for the scope', async () => {
    const asked: string[] = []
    const inner = registryHandler({ store })
    const address = await listen((request, response) => {
      const url = new URL(request.url ?? '', 'http://x')
      if (url.pathname === '/token') {
        asked.push(`${url.search} ${request.headers.authorization}`)
        response.end(JSON.stringify({ token: 'granted' }))
      } else if (request.headers.authorization === 'Bearer granted') {
        inner(request, response)
      } else {
        const scope = 'repository:apps/demo:pull'
        const realm = `http://${request.headers.host}/token`
        response.setHeader('www-authenticate', `Bearer realm="${realm}",service="reg",scope="${scope}"`)
        response.writeHead(401).end()
      }
    })
    const client = repository(address, 'apps/demo', { kind: 'basic', username: 'me', password: 'pw' })
    await client.resolve('v1')
    await client.pullManifest('v1')
    expect(asked).toEqual([`?scope=repository%3Aapps%2Fdemo%3Apull&service=reg Basic ${btoa('me:pw')}`])
  })

  test('a redirect of a blob to a storage host carries no token', async () => {
    const seen: (string | undefined)[] = []
    const storage = await listen((request, response) => {
      seen.push(request.headers.authorization)
      response.end('content')
    })
    const front = await listen((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      } else {
        response.writeHead(307, { location: `http://${storage}/blob` }).end()
      }
    })
    const client = repository(front, 'x', { kind: 'basic', username: 'me', password: 'pw' })
    const digest = await repository(open, 'x').pushBlob(content)
    expect(Buffer.from(await client.pullBlob({ digest }, 100)).toString()).toBe('content')
    expect(seen).toEqual([undefined])
  })

  test('challenges are understood', () => {
    const [bearer, basic] = parseChallenges(
      'Bearer realm="https://a/t",scope="a:b,c", Basic realm="x \\"y\\""',
    )
    expect(bearer?.parameters.get('scope')).toBe('a:b,c')
    expect(basic).toMatchObject({ scheme: 'basic' })
    expect(basic?.parameters.get('realm')).toBe('x "y"')
  })
})

const answering = (body: string, headers: Record<string, string> = {}): Promise<string> =>
  listen((_, response) => response.writeHead(200, headers).end(body))

describe('a hostile registry', () => {
  const digest = `sha256:${'0'.repeat(64)}`

  test('gives another blob or manifest than asked for', async () => {
    const client = repository(await answering('{"layers":[]}'), 'x')
    expect(await failure(client.pullBlob({ digest }, 1000))).toContain(`not ${digest}`)
    expect(await failure(client.pullManifest(digest))).toContain(`not ${digest}`)
  })

  test('gives more than allowed', async () => {
    const client = repository(await answering('x'.repeat(5000)), 'x')
    expect(await failure(client.pullBlob({ digest }, 1000))).toContain('response exceeds 1000 bytes')
  })

  test('leads the list to another host', async () => {
    const client = repository(await answering('{"tags":["a"]}', { link: '<http://evil/x>; rel="next"' }), 'x')
    expect(await failure(client.listTags())).toContain('on another host')
  })

  test.for([
    ['pages in a circle', '{"tags":["a"]}', 'the pages of the list of tags go in a circle'],
    [
      'a tag of a megabyte',
      `{"tags":["${'x'.repeat(1_000_000)}"]}`,
      `is no tag: "${'x'.repeat(40)}…" of 1000000 characters`,
    ],
    ['a tag with a line break', '{"tags":["a\\nb"]}', 'is no tag: "a\\nb" of 3 characters'],
    ['a number', '{"tags":[7]}', 'is no tag: 7'],
    ['a text', '{"tags":"latest"}', 'something else than tags'],
    ['a page of HTML', '<html>', 'something that is not JSON'],
    ['too many tags', `{"tags":[${'"a",'.repeat(500_001)}"a"]}`, 'more than 500000 tags'],
    ['too large a page', `{"tags":["${'a'.repeat(16 * 1024 * 1024)}"]}`, 'response exceeds 16777216 bytes'],
  ])('lists %s', async ([name, body = '', want]) => {
    const link: Record<string, string> = name === 'pages in a circle' ? { link: '<?n=1000>; rel="next"' } : {}
    const client = repository(await answering(body, link), 'x')
    expect(await failure(client.listTags())).toContain(want)
  })

  test('lists tags without end', async () => {
    let page = 0
    const endless = fakeHttp(() => {
      page += 1
      return { status: 200, headers: { link: `<?last=${page}>; rel="next"` }, body: '{"tags":[]}' }
    })
    const client = ociRepository(
      { registry: 'a.b', repository: 'x' },
      { http: endless, signal, timeoutMs: 5000 },
    )
    expect(await failure(client.listTags())).toContain('more than 10000 pages of tags')
  })

  test('asks for a signature in an address, which no message repeats', async () => {
    const storage = await listen((_, response) => response.writeHead(500).end())
    const front = await listen((_, response) =>
      response.writeHead(307, { location: `http://${storage}/x?n=1&X-Signature=s3cret` }).end(),
    )
    expect(await failure(repository(front, 'x').listTags())).not.toContain('s3cret')
  })

  test.for([
    '',
    'null',
    '[]',
    '{}',
    '{"layers":[{}]}',
    '{"layers":[{"digest":"sha256:../../x","size":1}]}',
    `{"layers":[{"digest":"${digest}","size":-1}]}`,
    `{"layers":[{"digest":"${digest}","size":1}]}`,
    '{"manifests":[1]}',
    'not JSON',
  ])('gives the manifest %j', async (body) => {
    const client = repository(await answering(body), 'x')
    expect(await failure(client.pullManifest('v1'))).toContain('invalid manifest: ')
  })
})

describe('references', () => {
  test.for([
    ['oci://ghcr.io/org/app:v1', { registry: 'ghcr.io', repository: 'org/app', tag: 'v1' }],
    ['localhost:5000/app', { registry: 'localhost:5000', repository: 'app' }],
    ['nginx', { registry: 'index.docker.io', repository: 'library/nginx' }],
    ['docker.io/org/app', { registry: 'index.docker.io', repository: 'org/app' }],
    [
      `a.b/c@sha256:${'a'.repeat(64)}`,
      { registry: 'a.b', repository: 'c', digest: `sha256:${'a'.repeat(64)}` },
    ],
  ] as const)('%s', ([text, want]) => {
    expect(parseOciReference(text)).toEqual(want)
  })

  test.for([
    '',
    'UPPER/case',
    'a.b/../c',
    'a.b/c:',
    'a.b/c:x:y',
    'a.b/c@sha256:12',
    'a.b//c',
    `a.b/${'x'.repeat(300)}`,
  ])('%j is refused', (text) => {
    expect(() => parseOciReference(text)).toThrow('could not parse reference')
  })
})

describe('docker configurations', () => {
  const config = parseDockerConfig(
    JSON.stringify({
      auths: {
        'ghcr.io': { auth: btoa('a:1') },
        'ghcr.io/org': { username: 'b', password: '2' },
        'https://index.docker.io/v1/': { auth: btoa('hub:3') },
        '*.azurecr.io': { identitytoken: 'tok' },
        'localhost:5000': { registrytoken: 'reg' },
        broken: { auth: '%%%' },
      },
    }),
  )
  test.for([
    ['ghcr.io', 'other/app', { username: 'a' }],
    ['ghcr.io', 'org/app', { username: 'b' }],
    ['ghcr.io', 'organisation/app', { username: 'a' }],
    ['index.docker.io', 'library/nginx', { username: 'hub' }],
    ['my.azurecr.io', 'x', { kind: 'identityToken' }],
    ['a.b.azurecr.io', 'x', undefined],
    ['localhost:5000', 'x', { kind: 'registryToken' }],
    ['evilghcr.io', 'x', undefined],
    ['broken', 'x', undefined],
  ] as const)('%s/%s', ([registry, name, want]) => {
    const found = credentialsFor(config, registry, name)
    expect(want === undefined ? found : { ...found, ...want }).toEqual(want === undefined ? undefined : found)
  })

  test.for(['no json s3cret', '1', 'null'])('%j is refused without repeating it', (text) => {
    expect(() => parseDockerConfig(text)).toThrow(/^docker config is not/)
  })
})

test('the registry refuses an upload that is not what its digest says', async () => {
  const start = {
    method: 'POST',
    url: `http://${open}/v2/x/blobs/uploads/`,
    maxBodyBytes: 1000,
    timeoutMs: 1000,
  } as const
  const response = await http.request(start, { signal })
  await readBody(response.body)
  const url = `http://${open}${response.headers.get('location')}?digest=sha256:${'0'.repeat(64)}`
  const stored = await http.request({ ...start, method: 'PUT', url, body: 'other' }, { signal })
  expect([stored.status, Buffer.from(await readBody(stored.body)).toString()]).toEqual([
    400,
    expect.stringContaining('DIGEST_INVALID'),
  ])
})

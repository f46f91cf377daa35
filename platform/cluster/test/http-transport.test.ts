import { ApiError, type Connection, createCluster, fixedCredentials, httpTransport } from '@sluice/cluster'
import type { Clock, Http, HttpRequest } from '@sluice/ports'
import { type FakeResponse, fakeClock, fakeHttp } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'

const { signal } = new AbortController()
const configMaps = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
const key = { namespace: 'a', name: 'x' }

function setup(
  answer: (request: HttpRequest) => FakeResponse | undefined,
  connection: Partial<Connection> = {},
) {
  const http = fakeHttp(answer)
  const clock = fakeClock()
  const transport = httpTransport(
    {
      server: 'https://host:6443',
      namespace: 'default',
      ca: 'CA',
      credentials: fixedCredentials({ authorization: 'Bearer t', certificate: 'C', key: 'K' }),
      ...connection,
    },
    { http, clock },
  )
  return { http, clock, transport, cluster: createCluster(transport) }
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): FakeResponse {
  return { status, headers, body: JSON.stringify(body) }
}

describe('a request', () => {
  test('carries credentials, TLS material and the query', async () => {
    const { cluster, http } = setup(() => json({ kind: 'ConfigMap', metadata: { name: 'x' } }))
    await cluster.patch(configMaps, key, {
      signal,
      fieldManager: 'm',
      dryRun: true,
      patch: { kind: 'merge', body: { data: { a: 'b' } } },
    })
    expect(http.requests[0]).toMatchObject({
      method: 'PATCH',
      url: 'https://host:6443/api/v1/namespaces/a/configmaps/x?fieldManager=m&dryRun=All',
      headers: { authorization: 'Bearer t', 'content-type': 'application/merge-patch+json' },
      tls: { ca: 'CA', certificate: 'C', key: 'K' },
      body: '{"data":{"a":"b"}}',
    })
  })

  test('names each group of an impersonated user', async () => {
    const { cluster, http } = setup(() => json({}))
    await cluster.impersonate({ userName: 'u', groups: ['a', 'b'] }).get(configMaps, key, { signal })
    expect(http.requests[0]?.headers).toMatchObject({
      'impersonate-user': 'u',
      'impersonate-group': ['a', 'b'],
    })
  })

  test('hands back the warnings of the server', async () => {
    const { transport } = setup(() => json({}, 200, { warning: '299 - "old, \\"very\\"", 299 - "b"' }))
    const { warnings } = await transport.request({ method: 'GET', path: '/x' }, { signal })
    expect(warnings).toEqual(['old, "very"', 'b'])
  })

  test('hands back text as it is', async () => {
    const { transport } = setup(() => ({ status: 200, body: '{ not json' }))
    expect((await transport.request({ method: 'GET', path: '/log' }, { signal })).body).toBe('{ not json')
  })
})

describe('a refusal', () => {
  test.for([
    [
      404,
      JSON.stringify({ kind: 'Status', reason: 'NotFound', message: 'configmaps "x" not found', code: 404 }),
      'NotFound',
      'configmaps "x" not found',
    ],
    [404, '404 page not found', 'NotFound', 'the server could not find the requested resource'],
    [418, '', 'Unknown', 'the server responded with the status code 418 but did not return more information'],
  ] as const)('with status %d and %j', async ([status, body, reason, message]) => {
    const { cluster } = setup(() => ({ status, body }))
    await expect(cluster.get(configMaps, key, { signal })).rejects.toMatchObject({
      statusCode: status,
      reason,
      message,
    })
  })

  test('of credentials has them renewed once', async () => {
    const shown: string[] = []
    let token = 1
    const credentials = {
      get: async () => ({ authorization: `Bearer ${token}` }),
      refused: () => {
        token += 1
      },
    }
    const { cluster } = setup(
      ({ headers }) => {
        shown.push(String(headers?.['authorization']))
        return { status: 401 }
      },
      { credentials },
    )
    await expect(cluster.get(configMaps, key, { signal })).rejects.toMatchObject({ reason: 'Unauthorized' })
    expect(shown).toEqual(['Bearer 1', 'Bearer 2'])
  })

  test('for being busy is tried again when the server says', async () => {
    let busy = 2
    const { cluster, clock } = setup(() => {
      busy -= 1
      return busy >= 0 ? { status: 429, headers: { 'retry-after': '3' } } : json({ kind: 'ConfigMap' })
    })
    const got = cluster.get(configMaps, key, { signal })
    await clock.advance(0)
    await clock.advance(3_000)
    await clock.advance(3_000)
    await expect(got).resolves.toMatchObject({ kind: 'ConfigMap' })
  })

  test('by nobody is an ApiError without status', async () => {
    const { cluster } = setup(() => undefined)
    await expect(cluster.get(configMaps, key, { signal })).rejects.toMatchObject({
      statusCode: 0,
      message: 'connection refused',
    })
  })
})

describe('a watch', () => {
  test('yields its events in order, the last without line break too', async () => {
    const body = `${event('ADDED', configMap('ä'))}\n${event('MODIFIED', configMap('b'))}${event('BOOKMARK', configMap('c')).trim()}`
    expect(await names(body)).toEqual(['ADDED ä', 'MODIFIED b', 'BOOKMARK c'])
  })

  test.for([
    [event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' }), 'Expired'],
    ['not json\n', ''],
    [event('UNHEARD', configMap('x')), ''],
  ] as const)('throws on %j', async ([body, reason]) => {
    const failure = await names(body).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ApiError)
    expect((failure as ApiError).reason).toBe(reason)
  })

  test('ends when nothing is heard any more, as one that the server has ended', async () => {
    const clock = fakeClock()
    const http: Http = {
      request: async (_, options) => ({
        status: 200,
        headers: new Map(),
        body: silentAfter([event('ADDED', configMap('a')), event('ADDED', configMap('b'))], clock, options),
      }),
    }
    const connection = { server: 'https://host', namespace: 'default', credentials: fixedCredentials({}) }
    const cluster = createCluster(httpTransport(connection, { http, clock }))
    const seen: string[] = []
    let hasEnded = false
    const watching = (async () => {
      for await (const it of cluster.watch(configMaps, { signal, resourceVersion: '1' })) {
        seen.push(it.object.metadata.name ?? '')
      }
      hasEnded = true
    })()
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) await clock.advance(1_000)
    }
    await pass(101)
    expect(seen).toEqual(['a', 'b'])
    await pass(178)
    expect(hasEnded).toBe(false)
    await pass(3)
    await watching
  })

  test('refuses a line without end', async () => {
    const failure = await names('x'.repeat(17 * 1_024 * 1_024)).catch((error: unknown) => error)
    expect(String(failure)).toContain('a line of the watch is longer than')
  })
})

function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`
}

/** Lines with 100 seconds between them, then nothing until the request is given up. */
async function* silentAfter(
  lines: readonly string[],
  clock: Clock,
  { signal: given }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  for (const [at, line] of lines.entries()) {
    if (at > 0) await clock.sleep(100_000, given)
    yield new TextEncoder().encode(line)
  }
  await clock.sleep(3_600_000, given)
}

function configMap(name: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }
}

async function names(body: string): Promise<string[]> {
  const { cluster } = setup(() => ({ status: 200, body }))
  const seen: string[] = []
  for await (const it of cluster.watch(configMaps, { signal, resourceVersion: '1' })) {
    seen.push(`${it.type} ${it.object.metadata.name}`)
  }
  return seen
}

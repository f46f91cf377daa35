import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type ChartVersion, resolveChartUrl } from '@sluice/chart'
import { gunzip } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { fakeHttp } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { downloadChart, fetchChartIndex, parseChartIndex, selectChartVersion } from '../src/index.ts'

const { signal } = new AbortController()
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const options = (http: ReturnType<typeof fakeHttp>) => ({
  http,
  signal,
  timeoutMs: 100,
  maxBytes: 1000,
  gunzip,
})
const chart = (version: string, more: Partial<ChartVersion> = {}): ChartVersion => ({
  name: 'mini',
  version,
  urls: ['mini.tgz'],
  digest: undefined,
  created: '',
  ...more,
})
const failure = (work: Promise<unknown>): Promise<string> => work.then(String, errorChain)

describe('an index', () => {
  const yaml = `apiVersion: v1
entries:
  mini:
  - {name: mini, version: 0.1.0, urls: [mini-0.1.0.tgz], digest: abc, created: "2024-01-01T00:00:00Z"}
  - {name: mini, version: ""}
  - null
  other: null
generated: "2024-01-01T00:00:00Z"
`
  test.for([
    ['YAML', yaml],
    [
      'JSON',
      JSON.stringify({
        apiVersion: 'v1',
        entries: { mini: [chart('0.1.0', { digest: 'abc', created: '2024-01-01T00:00:00Z' })], other: [] },
      }),
    ],
  ] as const)('in %s', ([, text]) => {
    const { entries } = parseChartIndex(bytes(text))
    expect([...entries.keys()]).toEqual(['mini', 'other'])
    expect(entries.get('mini')).toMatchObject([{ name: 'mini', version: '0.1.0', digest: 'abc' }])
  })

  test.for([
    ['', 'empty index.yaml file'],
    ['entries: {}', 'no API version specified'],
    ['- a', 'cannot unmarshal array into Go value of type repo.IndexFile'],
    ['{"a":', 'error converting YAML to JSON'],
    ['a: b: c', 'mapping values are not allowed in this context'],
  ] as const)('%j is refused', ([text, message]) => {
    expect(() => parseChartIndex(bytes(text))).toThrow(message)
  })
})

describe('a version', () => {
  const versions = [
    chart('1.0.0'),
    chart('0.2.0+b', { created: '2024-01-02T00:00:00Z' }),
    chart('0.2.0+a', { created: '2024-01-03T00:00:00Z' }),
    chart('0.1.0'),
    chart('2.0.0-rc.1'),
    chart('nonsense'),
  ]
  test.for([
    ['', '1.0.0'],
    ['*', '1.0.0'],
    ['0.x', '0.2.0+a'],
    ['0.2.0+b', '0.2.0+b'],
    ['>=0.1.0 <0.2.0', '0.1.0'],
    ['>=2.0.0-0', '2.0.0-rc.1'],
  ] as const)('%j is %s', ([range, want]) => {
    expect(selectChartVersion(versions, 'mini', range).version).toBe(want)
  })

  test.for([
    [undefined, '*', 'no chart name found'],
    [[], '*', 'no chart version found'],
    [versions, '9.x', "no 'mini' chart with version matching '9.x' found"],
    [versions, 'not a range', 'improper constraint'],
  ] as const)('case %# is refused', ([among, range, message]) => {
    expect(() => selectChartVersion(among, 'mini', range)).toThrow(message)
  })
})

describe('a repository over HTTP', () => {
  test('gives its index, also compressed', async () => {
    const http = fakeHttp(({ url }) =>
      url === 'http://charts.test/stable/index.yaml'
        ? { status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync('index') }
        : undefined,
    )
    const index = await fetchChartIndex({ url: 'http://charts.test/stable/' }, options(http))
    expect(Buffer.from(index).toString()).toBe('index')
  })

  test.for([
    [404, 'failed to fetch http://charts.test/index.yaml : 404 Not Found'],
    [401, 'failed to fetch http://charts.test/index.yaml : 401 Unauthorized'],
  ] as const)('status %d is reported', async ([status, message]) => {
    const http = fakeHttp(() => ({ status }))
    expect(await failure(fetchChartIndex({ url: 'http://charts.test' }, options(http)))).toBe(message)
  })

  test('too large an answer is refused, compressed or not', async () => {
    const plain = fakeHttp(() => ({ status: 200, body: 'x'.repeat(2000) }))
    expect(await failure(fetchChartIndex({ url: 'http://c.test' }, options(plain)))).toContain(
      'maximum size of 1000',
    )
    const bomb = fakeHttp(() => ({
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(100_000)),
    }))
    expect(await failure(fetchChartIndex({ url: 'http://c.test' }, options(bomb)))).toContain(
      'exceeds 1000 bytes',
    )
  })

  test('credentials stay with the host of the repository', async () => {
    const repository = { url: 'https://charts.test/x', username: 'me', password: 'pw' }
    const http = fakeHttp(() => ({ status: 200, body: 'chart' }))
    await downloadChart(chart('1.0.0'), repository, options(http))
    await downloadChart(chart('1.0.0', { urls: ['https://other.test/mini.tgz'] }), repository, options(http))
    const all = { ...repository, passCredentials: true }
    await downloadChart(chart('1.0.0', { urls: ['https://other.test/mini.tgz'] }), all, options(http))
    expect(http.requests.map(({ url, headers }) => [url, headers?.['authorization']])).toEqual([
      ['https://charts.test/x/mini.tgz', `Basic ${btoa('me:pw')}`],
      ['https://other.test/mini.tgz', undefined],
      ['https://other.test/mini.tgz', `Basic ${btoa('me:pw')}`],
    ])
  })

  test('a chart must be what the index says', async () => {
    const http = fakeHttp(() => ({ status: 200, body: 'chart' }))
    const digest = createHash('sha256').update('chart').digest('hex')
    const repository = { url: 'https://charts.test' }
    await downloadChart(chart('1.0.0', { digest }), repository, options(http))
    const tampered = chart('1.0.0', { digest: digest.replace(/./, 'x') })
    expect(await failure(downloadChart(tampered, repository, options(http)))).toContain('another digest')
    const none = chart('1.0.0', { urls: [] })
    expect(await failure(downloadChart(none, repository, options(http)))).toBe(
      "chart 'mini' has no downloadable URLs",
    )
    const file = chart('1.0.0', { urls: ['file:///etc/passwd'] })
    expect(await failure(downloadChart(file, repository, options(http)))).toContain('is not supported')
  })

  test.for([
    ['https://a.test/x', 'mini.tgz', 'https://a.test/x/mini.tgz'],
    ['https://a.test/x/?token=1', 'charts/mini.tgz', 'https://a.test/x/charts/mini.tgz?token=1'],
    ['https://a.test/x', 'https://b.test/mini.tgz', 'https://b.test/mini.tgz'],
    ['https://a.test/x', '/mini.tgz', 'https://a.test/mini.tgz'],
  ] as const)('at %s the chart %s', ([url, reference, want]) => {
    expect(resolveChartUrl(url, reference)).toBe(want)
  })
})

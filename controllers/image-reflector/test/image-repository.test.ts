import type { RequestListener } from 'node:http'
import { memoryRegistryStore, type RegistryStore, registryHandler } from '@sluice/oci'
import type { JsonObject } from '@sluice/ports'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { namespace, push, type ReflectorHarness, startReflector } from './reflector-harness.ts'

const kind = 'ImageRepository'
let it: ReflectorHarness
let store: RegistryStore
let open: string
let closed: string

beforeEach(async () => {
  it = await startReflector()
  store = memoryRegistryStore()
  open = await it.serve(registryHandler({ store }))
  closed = await it.serve(registryHandler({ store, authorize: (_, user) => user?.password === 's3cret' }))
  await push(store, 'acme/app', '1.0.0', '1.1.0', 'latest', 'x.sig')
})
afterEach(() => it.close())

const scan = (name: string, spec: JsonObject): Promise<readonly string[]> =>
  it.apply(kind, name, { interval: '1m', insecure: true, ...spec }).then(() => it.settled(kind, name))
const dockerConfig = (host: string, password: string): string =>
  btoa(JSON.stringify({ auths: { [host]: { username: 'me', password } } }))
const secret = (name: string, data: Readonly<Record<string, string>>): Promise<void> =>
  it.create({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data })

const body =
  (text: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text)
  }

test('finds the tags of an image', async () => {
  expect(await scan('app', { image: `${open}/acme/app` })).toEqual([
    'Ready=True Succeeded: successful scan: found 3 tags with checksum 1612056133',
  ])
  expect(await it.status(kind, 'app')).toMatchObject({
    canonicalImageName: `${open}/acme/app`,
    observedExclusionList: ['^.*\\.sig$'],
    observedGeneration: 1,
    lastScanResult: { tagCount: 3, latestTags: ['latest', '1.1.0', '1.0.0'], revision: '1612056133' },
  })
  expect(await it.events('app')).toEqual([
    'Normal Succeeded: successful scan: found 3 tags with checksum 1612056133',
  ])
})

test('scans again when that is due, and only then', async () => {
  let scans = 0
  const counting = await it.serve((request, response) => {
    if (request.url?.includes('tags/list')) scans += 1
    registryHandler({ store })(request, response)
  })
  const observed = (generation: number): Promise<void> =>
    it.until(async () => (await it.status(kind, 'app'))['observedGeneration'] === generation)
  await scan('app', { image: `${counting}/acme/app` })
  await it.advance(30_000)
  // Only what matters leads to a scan; a change of something else does not.
  await it.patch(kind, 'app', { spec: { timeout: '20s' } })
  await observed(2)
  expect(scans).toBe(1)
  await push(store, 'acme/app', '1.2.0')
  await it.patch(kind, 'app', { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } })
  await it.until(async () => (await it.status(kind, 'app'))['lastHandledReconcileAt'] === 'now')
  expect(scans).toBe(2)
  await it.advance(61_000)
  await it.until(() => scans === 3)
  await it.patch(kind, 'app', { spec: { exclusionList: ['^1'] } })
  await observed(3)
  expect(scans).toBe(4)
  const events = (await it.events('app')).map((event) => event.replace(/checksum \d+/, '…'))
  // Alarms that were set before are not taken back: those find that nothing is due.
  expect(events.filter((event) => !event.includes('no change in repository configuration'))).toEqual([
    'Normal Succeeded: successful scan: found 3 tags with …',
    'Normal Succeeded: successful scan: found 4 tags with …',
    'Normal Succeeded: tags did not change, next scan in 1m0s',
    'Normal Succeeded: successful scan: found 2 tags with …',
  ])
  expect(events[1]).toMatch(/no change in repository configuration since last scan, next scan in [23]\d/)
})

test('scans anew when the tags are lost', async () => {
  await scan('app', { image: `${open}/acme/app` })
  await it.tags.delete(`${open}/acme/app`)
  await it.advance(30_000)
  await it.patch(kind, 'app', { spec: { timeout: '20s' } })
  await it.until(async () => (await it.tags.get(`${open}/acme/app`)) !== undefined)
  expect((await it.tags.get(`${open}/acme/app`))?.tags).toHaveLength(3)
})

describe('credentials', () => {
  test.for<[string, JsonObject, string]>([
    ['of a Secret', { secretRef: { name: 'good' } }, 'Ready=True Succeeded'],
    ['that are wrong', { secretRef: { name: 'wrong' } }, 'UNAUTHORIZED: authentication required'],
    ['of a ServiceAccount', { serviceAccountName: 'puller' }, 'Ready=True Succeeded'],
    ['that are none', {}, 'UNAUTHORIZED: authentication required'],
    ['no Docker configuration', { secretRef: { name: 'broken' } }, 'docker config is not valid JSON'],
    [
      'for a cloud',
      { provider: 'aws' },
      "AuthenticationFailed: failed to configure authentication options: logging in with provider 'aws'",
    ],
    [
      'of a cloud for a ServiceAccount',
      { provider: 'gcp', serviceAccountName: 'puller' },
      'FeatureGateDisabled',
    ],
  ])('%s', async ([, spec, want]) => {
    await secret('good', { '.dockerconfigjson': dockerConfig(closed, 's3cret') })
    await secret('wrong', { '.dockerconfigjson': dockerConfig(closed, 'no') })
    await secret('broken', { '.dockerconfigjson': btoa('{s3cret') })
    const metadata = { namespace, name: 'puller' }
    await it.create({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
      imagePullSecrets: [{ name: 'good' }],
    })
    const conditions = await scan('app', { image: `${closed}/acme/app`, ...spec })
    expect(conditions.at(-1)).toContain(want)
    expect(conditions.join()).not.toContain('s3cret')
  })

  test('that come a moment later are no failure', async () => {
    await it.apply(kind, 'app', {
      interval: '1m',
      insecure: true,
      image: `${closed}/acme/app`,
      secretRef: { name: 'late' },
    })
    await it.advance(1_000)
    await secret('late', { '.dockerconfigjson': dockerConfig(closed, 's3cret') })
    expect(await it.settled(kind, 'app')).toEqual([expect.stringContaining('Ready=True')])
    expect((await it.events('app')).filter((event) => event.startsWith('Warning'))).toEqual([])
  })

  test.for<[JsonObject, string]>([
    [{ secretRef: { name: 'x' } }, 'secrets "x" not found'],
    [{ certSecretRef: { name: 'x' } }, 'secrets "x" not found'],
    [{ proxySecretRef: { name: 'x' } }, "secret 'apps/x' not found"],
    [{ serviceAccountName: 'x' }, "serviceaccount 'apps/x' not found"],
    [
      { certSecretRef: { name: 'empty' } },
      "secret 'apps/empty' must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'",
    ],
    [{ proxySecretRef: { name: 'empty' } }, "secret 'apps/empty': key 'address' not found"],
  ])('%j that is not there', async ([spec, want]) => {
    await secret('empty', {})
    expect((await scan('app', { image: `${closed}/acme/app`, ...spec })).at(-1)).toBe(
      `Ready=False AuthenticationFailed: failed to configure authentication options: ${want}`,
    )
  })
})

test.for([
  ['https://ghcr.io/a/b', "image 'https://ghcr.io/a/b' should not include URL scheme; remove 'https://'"],
  ['ghcr.io/a/bb:1', "image 'ghcr.io/a/bb:1' should not include a tag; remove ':1'"],
  ['ghcr.io/A', 'could not parse reference: ghcr.io/A'],
] as const)('the image %s stalls', async ([image, message]) => {
  expect(await scan('app', { image })).toEqual([
    `Stalled=True ImageURLInvalid: ${message}`,
    `Ready=False ImageURLInvalid: ${message}`,
  ])
})

describe('tags that several share', () => {
  test('go with the last of them', async () => {
    await scan('one', { image: `${open}/acme/app` })
    await scan('two', { image: `${open}/acme/app` })
    await it.remove(kind, 'one')
    await it.until(async () => !(await it.exists(kind, 'one')))
    expect(await it.tags.get(`${open}/acme/app`)).toBeDefined()
    await it.remove(kind, 'two')
    await it.until(async () => (await it.tags.get(`${open}/acme/app`)) === undefined)
  })

  test('go when another image is named', async () => {
    await push(store, 'acme/other', '1')
    await scan('one', { image: `${open}/acme/app` })
    await scan('one', { image: `${open}/acme/other` })
    expect(await it.tags.get(`${open}/acme/app`)).toBeUndefined()
    expect((await it.tags.get(`${open}/acme/other`))?.tags).toEqual(['1'])
  })
})

test('a suspended repository is left alone', async () => {
  await it.apply(kind, 'app', { interval: '1m', image: `${open}/acme/app`, suspend: true })
  await it.until(async () => (await it.get(kind, 'app')).metadata.finalizers !== undefined)
  await it.advance(120_000)
  expect(await it.status(kind, 'app')).toEqual({ observedGeneration: -1 })
})

describe('a hostile registry', () => {
  test.for<[string, RequestListener, string]>([
    ['goes in a circle', body('{"tags":["a"]}', { link: '<?n=1000>; rel="next"' }), 'go in a circle'],
    ['has a tag of a megabyte', body(`{"tags":["${'x'.repeat(1_000_000)}"]}`), '…" of 1000000 characters'],
    ['has tags with line breaks', body('{"tags":["1\\nevil: true"]}'), 'what is no tag: "1\\nevil: true"'],
    ['answers in HTML', body('<html></html>', { 'content-type': 'text/html' }), 'something that is not JSON'],
    ['answers with a number', body('7'), 'something that is not JSON'],
    ['has no list', body('{"tags":{}}'), 'something else than tags'],
    ['sends more than anyone can use', body(`"${'x'.repeat(17 * 1024 * 1024)}"`), 'response exceeds'],
    [
      'redirects to itself',
      (request, response) => response.writeHead(302, { location: request.url }).end(),
      'stopped after 10 redirects',
    ],
    [
      'redirects to a file',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'unsupported protocol scheme "file"',
    ],
    ['leads to another host', body('{"tags":[]}', { link: '<http://evil/x>; rel="next"' }), 'another host'],
    [
      'asks for a login elsewhere in vain',
      (_, response) => response.writeHead(401, { 'www-authenticate': 'Bearer realm="gopher://x"' }).end(),
      'names no place to log in',
    ],
    ['hangs up', (request) => request.socket.destroy(), 'scan failed: '],
    [
      'fails in its own words',
      (_, response) => response.writeHead(503).end('busy'),
      'unexpected status code 503 Service Unavailable: busy',
    ],
  ])('%s', async ([, listener, want]) => {
    const host = await it.serve(listener)
    const conditions = await scan('app', { image: `${host}/acme/app`, interval: '1h' })
    const ready = conditions.at(-1) ?? ''
    expect(ready).toContain('Ready=False ReadOperationFailed: scan failed: ')
    expect(ready).toContain(want)
    expect(ready.length).toBeLessThan(400)
  })

  let pages = 0

  test.for<[string, RequestListener]>([
    ['does not answer', () => undefined],
    [
      'never comes to an end',
      (_, response) => {
        pages += 1
        response.setHeader('link', `<?last=${pages}>; rel="next"`).end('{"tags":["a"]}')
      },
    ],
  ])('%s', async ([, listener]) => {
    const host = await it.serve(listener)
    await it.apply(kind, 'app', {
      interval: '1m',
      timeout: '20s',
      insecure: true,
      image: `${host}/acme/app`,
    })
    await it.until(async () => JSON.stringify(await it.status(kind, 'app')).includes('first scan'))
    await it.advance(20_000)
    expect((await it.settled(kind, 'app')).at(-1)).toBe(
      'Ready=False ReadOperationFailed: scan failed: context deadline exceeded',
    )
  })
})

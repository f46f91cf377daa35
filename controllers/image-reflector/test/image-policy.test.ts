import { memoryRegistryStore, type RegistryStore, registryHandler } from '@sluice/oci'
import type { JsonObject } from '@sluice/ports'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { namespace, type Place, push, type ReflectorHarness, startReflector } from './reflector-harness.ts'

const kind = 'ImagePolicy'
let it: ReflectorHarness
let store: RegistryStore
let host: string
let requests: string[]

beforeEach(async () => {
  it = await startReflector()
  store = memoryRegistryStore()
  requests = []
  host = await it.serve((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    registryHandler({ store })(request, response)
  })
  await push(store, 'acme/app', '1.0.0', '1.1.0', '2.0.0-rc.1', 'main-a1-1700000001', 'main-b2-1700000002')
  await it.apply('ImageRepository', 'app', { interval: '1m', insecure: true, image: `${host}/acme/app` })
  await it.settled('ImageRepository', 'app')
})
afterEach(() => it.close())

const semver = { semver: { range: '*' } }
const decide = async (
  name: string,
  spec: JsonObject,
  { version = 'v1', ...at }: Place = {},
): Promise<readonly string[]> => {
  await it.apply(kind, name, { imageRepositoryRef: { name: 'app', namespace }, ...spec }, { ...at, version })
  return it.settled(kind, name, at)
}
const scanNow = async (): Promise<void> => {
  const now = `${requests.length}`
  await it.patch('ImageRepository', 'app', {
    metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': now } },
  })
  await it.until(async () => (await it.status('ImageRepository', 'app'))['lastHandledReconcileAt'] === now)
}

const mainBuilds = { pattern: '^main-[a-z0-9]+-(?P<ts>.*)', extract: '$ts' }

describe('a policy', () => {
  test.for<[JsonObject, string]>([
    [{ policy: semver }, '1.1.0'],
    [{ policy: { semver: { range: '>=1.0.0-0' } } }, '2.0.0-rc.1'],
    [{ policy: { alphabetical: {} } }, 'main-b2-1700000002'],
    [{ policy: { alphabetical: { order: 'desc' } } }, '1.0.0'],
    [{ policy: { numerical: { order: 'asc' } }, filterTags: mainBuilds }, 'main-b2-1700000002'],
    [{ policy: { numerical: { order: 'desc' } }, filterTags: mainBuilds }, 'main-a1-1700000001'],
    [{ policy: { ...semver, alphabetical: {} } }, '1.1.0'],
  ])('%j chooses %s', async ([spec, tag]) => {
    const message = `Latest image tag for ${host}/acme/app resolved to ${tag}`
    expect(await decide('p', spec)).toEqual([`Ready=True Succeeded: ${message}`])
    expect(await it.status(kind, 'p')).toMatchObject({ latestRef: { name: `${host}/acme/app`, tag } })
    expect(await it.events('p')).toEqual([`Normal Succeeded: ${message}`])
  })

  test.for<[JsonObject, string, 'Stalled' | 'Failed']>([
    [{ policy: {} }, 'InvalidPolicy: invalid policy: given ImagePolicyChoice object is invalid', 'Stalled'],
    [
      { policy: { semver: { range: 'x y' } } },
      'InvalidPolicy: invalid policy: improper constraint: "x y"',
      'Stalled',
    ],
    [
      { policy: semver, filterTags: { pattern: '(' } },
      'InvalidPolicy: failed to filter tags: invalid regular expression pattern',
      'Stalled',
    ],
    [
      { policy: { semver: { range: '7.x' } } },
      'Failure: unable to determine latest version from provided list',
      'Failed',
    ],
    [
      { policy: semver, filterTags: { pattern: '^z' } },
      'Failure: version list argument cannot be empty',
      'Failed',
    ],
    [{ policy: { numerical: {} } }, "Failure: failed to parse invalid numeric value 'main-b2-", 'Failed'],
    [
      { policy: semver, imageRepositoryRef: { name: 'x' } },
      'DependencyNotReady: failed to get the referred ImageRepository: referenced ImageRepository does not exist: ' +
        'ImageRepository.image.toolkit.fluxcd.io "x" not found',
      'Failed',
    ],
  ])('%j fails', async ([spec, want, how]) => {
    const conditions = await decide('p', spec)
    expect(conditions.at(-1)).toContain(`Ready=False ${want}`)
    expect(conditions.some((text) => text.startsWith('Stalled=True'))).toBe(how === 'Stalled')
    expect(await it.events('p')).toEqual([expect.stringContaining(`Warning ${want}`)])
  })

  test('follows a new tag at once, and says what it was before', async () => {
    await decide('p', { policy: semver })
    await push(store, 'acme/app', '1.2.0')
    await scanNow()
    const message = `Latest image tag for ${host}/acme/app resolved to 1.2.0 (previously ${host}/acme/app:1.1.0)`
    await it.until(async () => (await it.events('p')).at(-1) === `Normal Succeeded: ${message}`)
    expect(await it.status(kind, 'p')).toMatchObject({
      latestRef: { tag: '1.2.0' },
      observedPreviousRef: { tag: '1.1.0' },
    })
  })

  test('decides anew when its tag is gone or it is changed', async () => {
    await decide('p', { policy: semver })
    await store.deleteManifest('acme/app', '1.1.0')
    await scanNow()
    await it.until(async () => JSON.stringify(await it.status(kind, 'p')).includes('resolved to 1.0.0'))
    await decide('p', { policy: { alphabetical: { order: 'asc' } } })
    expect(await it.status(kind, 'p')).toMatchObject({ latestRef: { tag: 'main-b2-1700000002' } })
  })

  test('follows its repository to another image, though that has the same tags', async () => {
    await decide('p', { policy: semver })
    await push(
      store,
      'acme/moved',
      '1.0.0',
      '1.1.0',
      '2.0.0-rc.1',
      'main-a1-1700000001',
      'main-b2-1700000002',
    )
    await it.patch('ImageRepository', 'app', { spec: { image: `${host}/acme/moved` } })
    await it.until(async () => JSON.stringify(await it.status(kind, 'p')).includes('acme/moved resolved'))
    expect(await it.status(kind, 'p')).toMatchObject({ observedPreviousRef: { name: `${host}/acme/app` } })
  })

  test('waits for tags that are not there yet', async () => {
    const empty = { interval: '1m', insecure: true, image: `${host}/acme/later` }
    await it.apply('ImageRepository', 'later', empty)
    const conditions = await decide('p', { policy: semver, imageRepositoryRef: { name: 'later' } })
    expect(conditions).toEqual([
      'Reconciling=True ProgressingWithRetry: processing object: new generation -1 -> 1',
      'Ready=False DependencyNotReady: retrying in 30s error: no tags in database',
    ])
    await push(store, 'acme/later', '0.1.0')
    await it.until(async () => JSON.stringify(await it.status(kind, 'p')).includes('resolved to 0.1.0'))
  })

  test('that is suspended is left alone', async () => {
    await it.apply(kind, 'p', { imageRepositoryRef: { name: 'app' }, policy: semver, suspend: true })
    await it.until(async () => (await it.get(kind, 'p')).metadata.finalizers !== undefined)
    expect(await it.status(kind, 'p')).toEqual({ observedGeneration: -1 })
  })

  test('that goes leaves nothing behind', async () => {
    await decide('p', { policy: semver })
    await it.remove(kind, 'p')
    await it.until(async () => !(await it.exists(kind, 'p')))
    expect(await it.exists('ImageRepository', 'app')).toBe(true)
  })
})

const heads = (): number => requests.filter((line) => line.startsWith('HEAD')).length
const digest = async (): Promise<string | undefined> =>
  ((await it.status(kind, 'p'))['latestRef'] as { readonly digest?: string }).digest

describe('digests', () => {
  test('are not looked up unless asked for', async () => {
    await decide('p', { policy: semver })
    expect([heads(), await digest()]).toEqual([0, undefined])
  })

  test('stay when they are there', async () => {
    await decide('p', { policy: semver, digestReflectionPolicy: 'IfNotPresent' })
    const before = await digest()
    await push(store, 'acme/app', '0.0.1')
    await scanNow()
    await it.advance(1_000)
    expect([heads(), await digest()]).toEqual([1, before])
    await push(store, 'acme/app', '1.3.0')
    await scanNow()
    await it.until(async () => heads() === 2 && (await digest()) !== before)
  })

  test('are followed at an interval', async () => {
    await decide('p', { policy: semver, digestReflectionPolicy: 'Always', interval: '2m' })
    const before = await digest()
    // The same tag stands for another image from now on.
    const other = await store.getManifest('acme/app', '1.0.0')
    if (!other) throw new Error('it was stored')
    await store.putManifest('acme/app', other, { digest: `sha256:${'1'.repeat(64)}`, tag: '1.1.0' })
    await it.advance(130_000)
    await it.until(async () => (await digest()) !== before)
    expect((await it.settled(kind, 'p'))[0]).toContain(`(previously ${host}/acme/app:1.1.0@${before})`)
  })

  test('that cannot be had are a failure', async () => {
    await store.deleteManifest('acme/app', '1.1.0')
    expect((await decide('p', { policy: semver, digestReflectionPolicy: 'IfNotPresent' })).at(-1)).toContain(
      `Ready=False Failed: failed fetching digest of ${host}/acme/app:1.1.0: ` +
        `failed fetching descriptor for "${host}/acme/app:1.1.0": HEAD http://${host}/v2/acme/app/manifests/1.1.0: ` +
        'unexpected status code 404 Not Found (HEAD responses have no body, use GET for details)',
    )
  })
})

const denied = (why: string): string =>
  `Ready=False AccessDenied: failed to get the referred ImageRepository: access denied: 'apps/app' can't be accessed due to ${why}`

describe('another namespace', () => {
  const elsewhere = { namespace: 'team' }

  beforeEach(() => it.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }))

  test('has to be let in', async () => {
    expect((await decide('p', { policy: semver }, elsewhere)).at(-1)).toBe(
      denied("missing ACL labels on 'accessFrom'"),
    )
    const ready = async (): Promise<string> => (await it.settled(kind, 'p', elsewhere)).at(-1) ?? ''
    const accessFrom = { namespaceSelectors: [{ matchLabels: { of: 'x' } }, { matchLabels: { of: 'team' } }] }
    await it.patch('ImageRepository', 'app', { spec: { accessFrom } })
    await it.until(async () => (await ready()) === denied("ACL labels mismatch on namespace 'team'"))
    // The labels of the namespace are watched for whom they keep out.
    await it.patch('Namespace', 'team', { metadata: { labels: { of: 'team' } } })
    await it.until(async () => (await ready()).includes('resolved to 1.1.0'))
  })

  test('may be let in as a whole', async () => {
    await it.patch('ImageRepository', 'app', { spec: { accessFrom: { namespaceSelectors: [{}] } } })
    expect((await decide('p', { policy: semver }, elsewhere)).at(-1)).toContain('Ready=True')
  })
})

test('policies may be kept to their own namespace', async () => {
  await it.close()
  it = await startReflector({ noCrossNamespaceRefs: true })
  await it.apply(kind, 'p', { imageRepositoryRef: { name: 'app', namespace: 'other' }, policy: semver })
  expect((await it.settled(kind, 'p')).at(-1)).toBe(
    'Ready=False AccessDenied: failed to get the referred ImageRepository: ' +
      "cannot access 'ImageRepository/other/app', cross-namespace references have been blocked",
  )
})

describe('who writes an old version', () => {
  test.for(['v1beta1', 'v1beta2'])('finds the image where %s has it', async (version) => {
    // As kubectl apply does it.
    const apiVersion = `image.toolkit.fluxcd.io/${version}`
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ apiVersion }) }
    const spec = { imageRepositoryRef: { name: 'app' }, policy: semver }
    await it.create({ apiVersion, kind, metadata: { namespace, name: 'p', annotations }, spec })
    await it.settled(kind, 'p')
    expect(await it.status(kind, 'p', { version })).toMatchObject({ latestImage: `${host}/acme/app:1.1.0` })
    await push(store, 'acme/app', '1.2.0')
    await scanNow()
    await it.until(async () => (await it.status(kind, 'p'))['latestImage'] === `${host}/acme/app:1.2.0`)
    expect(await it.status(kind, 'p')).toMatchObject({ observedPreviousImage: `${host}/acme/app:1.1.0` })
  })

  test.for(['v1beta1', 'v1beta2'])('%s without kubectl apply finds it as well', async (version) => {
    await decide('p', { policy: semver }, { version })
    expect(await it.status(kind, 'p')).toMatchObject({ latestImage: `${host}/acme/app:1.1.0` })
  })

  test('and nobody else does', async () => {
    await decide('p', { policy: semver })
    expect(await it.status(kind, 'p')).not.toHaveProperty('latestImage')
  })
})

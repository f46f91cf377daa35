import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CloudAccess, FeatureGateError, SecretError } from '@sluice/access'
import { writeTar } from '@sluice/go'
import { createHttp, gzip } from '@sluice/host'
import {
  mediaTypes,
  memoryRegistryStore,
  type OciRepositoryClient,
  ociRepository,
  pushArtifact,
  registryHandler,
} from '@sluice/oci'
import { ociRepositoryController } from '@sluice/source-controller'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cosignKeys, signManifest } from './cosign-signer.ts'
import { type SourceHarness, startSources } from './source-harness.ts'

const kind = 'OCIRepository'
const { signal } = new AbortController()
const http = createHttp()
const store = memoryRegistryStore()
const servers: Server[] = []
let open: string
let closed: string
let it: SourceHarness
let content: Uint8Array

async function listen(options: Parameters<typeof registryHandler>[0]): Promise<string> {
  const server = createServer(registryHandler(options))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function archive(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([path, text]) => ({
    kind: 'file' as const,
    path,
    mode: 0o600,
    content: new TextEncoder().encode(text),
  }))
  const chunks: Uint8Array[] = []
  for await (const chunk of gzip(writeTar(entries))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const client = (repository: string): OciRepositoryClient =>
  ociRepository({ registry: open, repository }, { http, signal, timeoutMs: 5000 })

beforeAll(async () => {
  open = await listen({ store })
  closed = await listen({ store, authorize: (_, user) => user?.password === 's3cret' })
  content = await archive({ 'kustomize/deployment.yaml': 'kind: Deployment', 'README.md': '#', 'x.jpg': '' })
  const annotations = {
    'org.opencontainers.image.source': 'https://example.com/app',
    'org.opencontainers.image.revision': 'v1@sha1:1',
  }
  for (const tag of ['latest', '1.0.0', '1.1.0', '2.0.0-rc.1']) {
    await pushArtifact(client('app'), tag, { content, annotations })
  }
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await http.close()
})
beforeEach(async () => {
  it = await startSources((deps) => [
    ociRepositoryController({
      ...deps,
      cloud: { registry: logIn, git: notAsked, open: notAsked },
    }) as never,
  ])
})
afterEach(() => it.close())

const notAsked = (): Promise<never> => Promise.reject(new Error('not asked for'))

/** A cloud that knows no other registry than this one, and of accounts only that they may not log in. */
const logIn: CloudAccess['registry'] = async (provider, host, { serviceAccountName }) => {
  if (serviceAccountName) throw new FeatureGateError()
  if (provider !== 'aws' || host !== closed) throw new SecretError('not mine')
  return { kind: 'basic', username: 'AWS', password: 's3cret' }
}

const apply = (name: string, spec: object = {}): void =>
  it.apply({ kind, name, spec: { interval: '1m', url: `oci://${open}/app`, ...spec } })

test('an artifact is served with its annotations', async () => {
  apply('app')
  await it.settled(kind, 'app')
  const digest = await client('app').resolve('latest')
  const revision = `latest@${digest}`
  expect(it.conditions(kind, 'app')).toEqual([
    `Ready=True Succeeded: stored artifact for digest '${revision}'`,
    `ArtifactInStorage=True Succeeded: stored artifact for digest '${revision}'`,
  ])
  expect(it.status(kind, 'app')).toMatchObject({
    url: expect.stringMatching(/\/ocirepository\/apps\/app\/latest\.tar\.gz$/),
    artifact: {
      revision,
      path: `ocirepository/apps/app/${digest}.tar.gz`,
      metadata: { 'org.opencontainers.image.revision': 'v1@sha1:1' },
    },
  })
  const tree = await it.fetch(kind, 'app')
  expect(tree.list('')).toEqual(['README.md', 'kustomize'])
  expect(await it.events()).toEqual([
    `Normal NewArtifact: stored artifact with revision '${revision}' from 'oci://${open}/app', ` +
      "origin source 'https://example.com/app', origin revision 'v1@sha1:1'",
  ])
})

test('ranges, filters and digests select', async () => {
  const digest = await client('app').resolve('1.1.0')
  apply('range', { ref: { semver: '1.x' } })
  apply('filtered', { ref: { semver: '>=1.0.0-0', semverFilter: '.*-rc.*' } })
  apply('pinned', { ref: { digest } })
  await it.settled(kind, 'range')
  await it.settled(kind, 'filtered')
  await it.settled(kind, 'pinned')
  expect(it.status(kind, 'range').artifact?.revision).toBe(`1.1.0@${digest}`)
  expect(it.status(kind, 'filtered').artifact?.revision).toBe(`2.0.0-rc.1@${digest}`)
  expect(it.status(kind, 'pinned').artifact?.revision).toBe(digest)
})

test('a layer can be selected and copied as it is', async () => {
  const chart = new TextEncoder().encode('chart')
  await pushArtifact(client('charts/mini'), '1.0.0_1', {
    content: chart,
    layerMediaType: mediaTypes.helmChart,
  })
  apply('chart', {
    url: `oci://${open}/charts/mini`,
    ref: { semver: '*' },
    layerSelector: { mediaType: mediaTypes.helmChart, operation: 'copy' },
  })
  await it.settled(kind, 'chart')
  const { artifact } = it.status(kind, 'chart')
  expect(artifact?.revision).toMatch(/^1\.0\.0_1@sha256:/)
  expect(artifact?.digest).toBe(`sha256:${createHash('sha256').update(chart).digest('hex')}`)
})

test('of an index, what is for the usual platform is served', async () => {
  const indexed = client('indexed')
  const digest = await pushArtifact(indexed, 'one', { content, annotations: { of: 'child' } })
  const { bytes } = await indexed.pullManifest(digest)
  const push = (tag: string, platforms: readonly (object | undefined)[]): Promise<string> => {
    const manifests = platforms.map((platform) => ({
      mediaType: mediaTypes.manifest,
      digest,
      size: bytes.length,
      ...(platform && { platform }),
    }))
    const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
    return indexed.pushManifest(tag, new TextEncoder().encode(index), mediaTypes.index)
  }
  const arm = { os: 'linux', architecture: 'arm64' }
  const digests = {
    amd: await push('amd', [arm, { os: 'linux', architecture: 'amd64' }]),
    any: await push('any', [undefined]),
    arm: await push('arm', [arm]),
  }
  const url = `oci://${open}/indexed`
  for (const tag of ['amd', 'any', 'arm'] as const) apply(tag, { url, ref: { tag } })
  for (const tag of ['amd', 'any', 'arm']) await it.settled(kind, tag)
  expect(it.status(kind, 'amd').artifact).toMatchObject({
    revision: `amd@${digests.amd}`,
    metadata: { of: 'child' },
  })
  expect(it.ready(kind, 'any')?.status).toBe('True')
  expect(it.ready(kind, 'arm')).toMatchObject({
    reason: 'OCIArtifactPullFailed',
    message: `failed to pull artifact from '${url}': no child with platform linux/amd64 in index ${open}/indexed@${digests.arm}`,
  })
})

test('a changed ignore builds again', async () => {
  apply('app')
  await it.settled(kind, 'app')
  apply('app', { ignore: '*.md' })
  await it.settled(kind, 'app')
  expect((await it.fetch(kind, 'app')).list('')).toEqual(['kustomize', 'x.jpg'])
  expect(it.status(kind, 'app')).toMatchObject({ observedGeneration: 2, observedIgnore: '*.md' })
})

test('credentials come from Docker Secrets', async () => {
  const url = `oci://${closed}/app`
  const auths = { [closed]: { auth: btoa('me:s3cret') } }
  it.secret('right', { '.dockerconfigjson': JSON.stringify({ auths }) }, 'kubernetes.io/dockerconfigjson')
  it.secret('wrong', { '.dockerconfigjson': JSON.stringify({ auths: { [closed]: { auth: btoa('me:x') } } }) })
  apply('right', { url, secretRef: { name: 'right' } })
  apply('wrong', { url, secretRef: { name: 'wrong' } })
  await it.settled(kind, 'right')
  await it.settled(kind, 'wrong')
  expect(it.ready(kind, 'right')?.status).toBe('True')
  expect(it.ready(kind, 'wrong')).toMatchObject({
    reason: 'OCIArtifactPullFailed',
    message: `failed to determine artifact digest: GET http://${closed}/v2/app/manifests/latest: UNAUTHORIZED: authentication required; [map[Action:pull Class: Name:app Type:repository]]`,
  })
})

test.for([
  [
    { url: 'oci://host.test/team/app:v1' },
    'URLInvalid',
    "URL validation failed for 'oci://host.test/team/app:v1': repository can only contain the characters " +
      '`abcdefghijklmnopqrstuvwxyz0123456789_-./`: team/app:v1',
  ],
  [{ url: 'oci://host.test/Team/app' }, 'URLInvalid', 'can only contain the characters'],
  [
    { url: 'oci://host.test/a' },
    'URLInvalid',
    'repository must be between 2 and 255 characters in length: a',
  ],
  [
    { url: 'oci://host.test:x/team/app' },
    'URLInvalid',
    'registries must be valid RFC 3986 URI authorities: host.test:x',
  ],
  [
    { url: 'https://host.test/team/app' },
    'URLInvalid',
    "URL must be in format 'oci://<domain>/<org>/<repo>'",
  ],
  [
    { url: 'oci://host.test/team/app:v1', secretRef: { name: 'none' } },
    'AuthenticationFailed',
    "failed to get credential: failed to get secret 'apps/none'",
  ],
  [
    { ref: { digest: 'sha256:12' } },
    'OCIArtifactPullFailed',
    'failed to determine artifact digest: wrong number of hex digits for sha256: 12',
  ],
  [{ ref: { digest: 'latest' } }, 'OCIArtifactPullFailed', 'cannot parse hash: "latest"'],
  [
    { proxySecretRef: { name: 'none' } },
    'AuthenticationFailed',
    "failed to get proxy address: secret 'apps/none' not found",
  ],
  [{ ref: { semver: '9.x' } }, 'ReadOperationFailed', 'no match found for semver: 9.x'],
  [{ ref: { semver: 'nonsense' } }, 'ReadOperationFailed', "semver 'nonsense' parse error"],
  [{ ref: { tag: 'none' } }, 'OCIArtifactPullFailed', 'MANIFEST_UNKNOWN: manifest unknown'],
  [
    { secretRef: { name: 'none' } },
    'AuthenticationFailed',
    "failed to get credential: failed to get secret 'apps/none'",
  ],
  [
    { layerSelector: { mediaType: 'a/b' } },
    'OCIArtifactLayerOperationFailed',
    "media type 'a/b' in artifact",
  ],
] as const)('%j is reported', async ([spec, reason, message]) => {
  apply('app', spec)
  await it.until(() => it.ready(kind, 'app')?.status === 'False', 500)
  expect(it.ready(kind, 'app')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringContaining(message),
  })
})

describe('cosign', () => {
  const { privateKey, publicKey } = cosignKeys()

  test.for([
    ['signed', true],
    ['signed-other', false],
    ['unsigned', false],
  ] as const)('%s artifact is accepted: %s', async ([repository, isAccepted]) => {
    await pushArtifact(client(repository), 'v1', { content })
    const digest = await client(repository).resolve('v1')
    const other = { payloadDigest: `sha256:${'0'.repeat(64)}` }
    const signature = { digest, privateKey, ...(repository === 'signed-other' ? other : {}) }
    if (repository !== 'unsigned') await signManifest(client(repository), signature)
    it.secret('keys', { 'cosign.pub': publicKey })
    const verify = { provider: 'cosign', secretRef: { name: 'keys' } }
    apply('app', { url: `oci://${open}/${repository}`, ref: { tag: 'v1' }, verify })
    await it.settled(kind, 'app')
    expect(it.ready(kind, 'app')).toMatchObject(
      isAccepted
        ? { status: 'True' }
        : {
            status: 'False',
            reason: 'VerificationError',
            message: `failed to verify the signature using provider 'cosign': no matching signatures were found for '${open}/${repository}@${digest}'`,
          },
    )
  })
})

const closedApp = (provider: string): object => ({ provider, url: `oci://${closed}/app` })

describe('a cloud logs in', () => {
  test('where there is no Secret', async () => {
    apply('cloud', closedApp('aws'))
    await it.settled(kind, 'cloud')
    expect(it.ready(kind, 'cloud')?.status).toBe('True')
  })

  test('or says why not', async () => {
    apply('cloud', closedApp('gcp'))
    await it.settled(kind, 'cloud')
    expect(it.ready(kind, 'cloud')).toMatchObject({
      reason: 'AuthenticationFailed',
      message: 'failed to get credential from gcp: not mine',
    })
  })

  test('not as a ServiceAccount, unless that is switched on', async () => {
    it.account('puller')
    apply('cloud', { ...closedApp('aws'), serviceAccountName: 'puller' })
    await it.until(() =>
      it.conditions(kind, 'cloud').some((text) => text.startsWith('Stalled=True FeatureGateDisabled')),
    )
    expect(it.ready(kind, 'cloud')?.message).toContain(
      'please enable the ObjectLevelWorkloadIdentity feature gate',
    )
  })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGitClient } from '@sluice/git'
import { writeTar } from '@sluice/go'
import { createHttp, gunzip, gzip, type ReadTarEntry, readTar } from '@sluice/host'
import { mediaTypes, memoryRegistryStore, ociRepository, pushArtifact, registryHandler } from '@sluice/oci'
import {
  gitRepositoryController,
  helmChartController,
  helmRepositoryController,
} from '@sluice/source-controller'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGit, type TestGit } from '../../../platform/git/test/real-git.ts'
import { cosignKeys, signManifest } from './cosign-signer.ts'
import { type SourceHarness, startSources } from './source-harness.ts'

const kind = 'HelmChart'
const http = createHttp()
const { signal } = new AbortController()
const servers: Server[] = []
let git: TestGit
let commit: string
let charts: string
let registry: string
let it: SourceHarness

const chartYaml = (version: string): string => `apiVersion: v2\nname: mini\nversion: ${version}\nunknown: x\n`
const values = 'replicas: 1\nimage: {tag: "1", pull: Always}\n'

async function pack(version: string): Promise<Uint8Array> {
  const files = {
    'mini/Chart.yaml': chartYaml(version),
    'mini/values.yaml': values,
    'mini/values-prod.yaml': 'replicas: 3',
  }
  const entries = Object.entries(files).map(([path, text]) => ({
    kind: 'file' as const,
    path,
    mode: 0o644,
    content: new TextEncoder().encode(text),
  }))
  const chunks: Uint8Array[] = []
  for await (const chunk of gzip(writeTar(entries))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function listen(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  git = await startTestGit()
  commit = git.create('pub/charts').commit('chart', {
    'charts/mini/Chart.yaml': `${chartYaml('0.1.0')}dependencies:\n- {name: lib, version: 1.x, repository: "file://../lib"}\n`,
    'charts/mini/values.yaml': values,
    'charts/mini/values-prod.yaml': 'image: {tag: "2"}\n',
    'charts/mini/templates/cm.yaml': 'kind: ConfigMap\n',
    'charts/mini/.helmignore': 'secret.txt\n',
    'charts/mini/secret.txt': 'x',
    'charts/lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 1.0.0\n',
    'charts/broken/Chart.yaml': 'apiVersion: v2\nname: broken\n',
  })
  const archives = new Map<string, Uint8Array>()
  for (const version of ['0.1.0', '0.2.0', '1.0.0']) archives.set(version, await pack(version))
  const index = [...archives.keys()].map(
    (version) => `  - {name: mini, version: ${version}, urls: [mini-${version}.tgz]}\n`,
  )
  const host = await listen((request, response) => {
    const version = /mini-(.*)\.tgz$/.exec(request.url ?? '')?.[1]
    response.end(
      version === undefined ? `apiVersion: v1\nentries:\n  mini:\n${index.join('')}` : archives.get(version),
    )
  })
  charts = `http://${host}`
  registry = await listen(registryHandler({ store: memoryRegistryStore() }))
  const client = ociRepository({ registry, repository: 'charts/mini' }, { http, signal, timeoutMs: 5000 })
  for (const [version, content] of archives) {
    await pushArtifact(client, version, { content, layerMediaType: mediaTypes.helmChart })
  }
})
afterAll(async () => {
  git.close()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await http.close()
})
beforeEach(async () => {
  it = await startSources((deps) => [
    gitRepositoryController({ ...deps, git: createGitClient(deps) }) as never,
    helmRepositoryController(deps) as never,
    helmChartController(deps) as never,
  ])
  const interval = '1m'
  it.apply({
    kind: 'GitRepository',
    name: 'git',
    spec: { interval, url: `${git.url}/pub/charts`, ref: { branch: 'main' } },
  })
  it.apply({ kind: 'HelmRepository', name: 'repo', spec: { interval, url: charts } })
  it.apply({
    kind: 'HelmRepository',
    name: 'oci',
    spec: { interval, type: 'oci', url: `oci://${registry}/charts` },
  })
  await it.settled('GitRepository', 'git')
  await it.settled('HelmRepository', 'repo')
})
afterEach(() => it.close())

const apply = (name: string, source: string, spec: object = {}): void =>
  it.apply({
    kind,
    name,
    spec: {
      interval: '1m',
      chart: source === 'git' ? 'charts/mini' : 'mini',
      version: '*',
      sourceRef: { kind: source === 'git' ? 'GitRepository' : 'HelmRepository', name: source },
      reconcileStrategy: 'ChartVersion',
      ...spec,
    },
  })

async function entriesOf(name: string): Promise<ReadTarEntry[]> {
  const { artifact } = it.status(kind, name)
  const archive = await it.store.read({ path: artifact?.path ?? '' })
  return [...readTar(await gunzip(archive, { maxBytes: 1e6 }))]
}
const textIn = async (name: string, path: string): Promise<string> => {
  const found = (await entriesOf(name)).find((entry) => entry.path === path)
  return found?.kind === 'file' ? new TextDecoder().decode(found.content) : ''
}

describe('from a repository', () => {
  test.for([
    ['repo', '0.1.0', '0.1.0'],
    ['repo', '>=0.1.0 <1.0.0', '0.2.0'],
    ['repo', '*', '1.0.0'],
    ['oci', '0.2.0', '0.2.0'],
    ['oci', '0.x', '0.2.0'],
  ] as const)('%s the version %s is %s', async ([source, version, want]) => {
    apply('chart', source, { version })
    await it.settled(kind, 'chart')
    const message = `pulled 'mini' chart with version '${want}'`
    expect(it.ready(kind, 'chart')).toMatchObject({ status: 'True', reason: 'ChartPullSucceeded', message })
    expect(it.status(kind, 'chart')).toMatchObject({
      observedChartName: 'mini',
      artifact: { revision: want, path: `helmchart/apps/chart/mini-${want}.tgz` },
      url: expect.stringMatching(/\/latest\.tar\.gz$/),
    })
    expect(await it.events()).toContain(`Normal ChartPullSucceeded: ${message}`)
  })

  test('values files are merged into a chart of another version', async () => {
    apply('chart', 'repo', { version: '0.1.0', valuesFiles: ['values.yaml', 'values-prod.yaml'] })
    await it.settled(kind, 'chart')
    expect(it.ready(kind, 'chart')?.message).toBe(
      "packaged 'mini' chart with version '0.1.0+1' and merged values files [values.yaml values-prod.yaml]",
    )
    expect(await textIn('chart', 'mini/values.yaml')).toBe(
      'image:\n  pull: Always\n  tag: "1"\nreplicas: 3\n',
    )
    expect(await textIn('chart', 'mini/Chart.yaml')).toBe('apiVersion: v2\nname: mini\nversion: 0.1.0+1\n')
  })
})

describe('verified with a key of cosign', () => {
  const { privateKey, publicKey } = cosignKeys()
  const verify = { provider: 'cosign', secretRef: { name: 'keys' } }

  beforeEach(() => it.secret('keys', { 'cosign.pub': publicKey }))

  test('a signed chart is served', async () => {
    const client = ociRepository({ registry, repository: 'charts/mini' }, { http, signal, timeoutMs: 5000 })
    await signManifest(client, { digest: await client.resolve('0.2.0'), privateKey })
    apply('chart', 'oci', { version: '0.2.0', verify })
    await it.settled(kind, 'chart')
    expect(it.ready(kind, 'chart')?.status).toBe('True')
    expect(it.conditions(kind, 'chart').join('\n')).toContain('verified signature of version 0.2.0')
  })

  test.for([
    ['oci', {}, "provider 'cosign': no matching signatures were found for"],
    ['oci', { secretRef: { name: 'none' } }, "failed to get secret 'apps/none'"],
    ['oci', { secretRef: undefined }, "provider 'cosign keyless': a trusted root is required"],
    [
      'oci',
      { provider: 'notation' },
      "provider 'notation': 'trustpolicy.json' not found in secret 'apps/keys'",
    ],
    ['repo', {}, "provider 'cosign': not available for repositories over HTTP"],
  ] as const)('another of %s is not, with %j', async ([source, change, message]) => {
    apply('chart', source, { version: '1.0.0', verify: { ...verify, ...change } })
    await it.settled(kind, 'chart')
    expect(it.ready(kind, 'chart')).toMatchObject({ status: 'False', reason: 'ChartVerificationError' })
    expect(it.ready(kind, 'chart')?.message).toContain(message)
    expect(it.ready(kind, 'chart')?.message).toMatch(
      /^chart verification error: failed to verify the signature/,
    )
    expect(it.conditions(kind, 'chart').join('\n')).toContain('SourceVerified=False')
    expect(it.status(kind, 'chart').artifact).toBeUndefined()
  })
})

describe('from Git', () => {
  test('a directory is packaged with what it depends on', async () => {
    apply('chart', 'git')
    await it.settled(kind, 'chart')
    expect(it.ready(kind, 'chart')).toMatchObject({
      reason: 'ChartPackageSucceeded',
      message: "packaged 'mini' chart with version '0.1.0'",
    })
    expect((await entriesOf('chart')).map(({ path }) => path)).toEqual([
      'mini/Chart.yaml',
      'mini/values.yaml',
      'mini/templates/cm.yaml',
      'mini/.helmignore',
      'mini/values-prod.yaml',
      'mini/charts/lib/Chart.yaml',
    ])
    expect(it.status(kind, 'chart')).toMatchObject({ observedSourceArtifactRevision: `main@sha1:${commit}` })
  })

  test('revision and values files show in the version', async () => {
    const valuesFiles = ['charts/mini/values.yaml', 'charts/mini/values-prod.yaml']
    apply('revision', 'git', { reconcileStrategy: 'Revision', valuesFiles })
    apply('ignoring', 'git', { valuesFiles: [valuesFiles[0], 'none.yaml'], ignoreMissingValuesFiles: true })
    await it.settled(kind, 'revision')
    await it.settled(kind, 'ignoring')
    expect(it.status(kind, 'revision').artifact?.revision).toBe(`0.1.0+${commit.slice(0, 12)}.1`)
    expect(await textIn('revision', 'mini/values.yaml')).toContain('tag: "2"')
    expect(it.status(kind, 'ignoring')).toMatchObject({ observedValuesFiles: ['charts/mini/values.yaml'] })
    // What is merged is what the chart has: it stays as it is written.
    expect(await textIn('ignoring', 'mini/values.yaml')).toBe(values)
  })
})

test.for([
  [
    'repo',
    { version: '9.x' },
    'InvalidChartReference',
    "remote reference: no 'mini' chart with version matching '9.x' found",
  ],
  ['repo', { chart: 'zzz' }, 'InvalidChartReference', 'remote reference: no chart name found'],
  ['repo', { chart: '../x' }, 'InvalidChartReference', 'invalid chart reference: invalid chart name'],
  ['git', { chart: 'charts/zzz' }, 'InvalidChartReference', 'stat charts/zzz: no such file or directory'],
  ['git', { chart: '../../etc' }, 'InvalidChartReference', 'stat etc: no such file or directory'],
  ['git', { chart: 'charts/broken' }, 'InvalidChartReference', 'chart.metadata.version is required'],
  [
    'git',
    { valuesFiles: ['no.yaml'] },
    'ValuesFilesError',
    "no values file found at path '/no.yaml' (reference 'no.yaml')",
  ],
] as const)('%s %j stalls', async ([source, spec, reason, message]) => {
  apply('bad', source, spec)
  await it.settled(kind, 'bad')
  expect(it.ready(kind, 'bad')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringContaining(message),
  })
  expect(it.conditions(kind, 'bad').join('\n')).toContain('Stalled=True')
  expect(it.status(kind, 'bad').observedGeneration).toBe(1)
})

test.for([
  [
    'oci',
    { chart: 'nope' },
    'ChartPullError',
    'response status code 404: name unknown: repository name not known to registry',
  ],
  [
    'missing',
    {},
    'SourceUnavailable',
    'failed to get source: HelmRepository.source.toolkit.fluxcd.io "missing" not found',
  ],
] as const)('%s %j is tried again', async ([source, spec, reason, message]) => {
  apply('bad', source, spec)
  await it.settled(kind, 'bad')
  expect(it.ready(kind, 'bad')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringContaining(message),
  })
  expect(it.status(kind, 'bad').observedGeneration).toBe(-1)
})

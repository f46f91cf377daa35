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
  commit = git.create('pub/charts').commit('chart', {
    'charts/mini/Chart.yaml': `${chartYaml('0.1.0')}dependencies:\n- {name: lib, version: 1.x, repository: "file://../lib"}\n`,
    'charts/mini/values.yaml': values,
    'charts/mini/values-prod.yaml': 'image: {tag: "2"}\n',
    'charts/mini/templates/cm.yaml': 'kind: ConfigMap\n',
    'charts/mini/.helmignore': 'secret.txt\n',
    'charts/mini/secret.txt': 'x',
    'charts/lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 1.0.0\n',
    'charts/aliased/Chart.yaml':
      `${chartYaml('1.0.0').replace('mini', 'aliased')}dependencies:\n` +
      `- {name: lib, alias: other, version: 1.x, repository: "file://../lib"}\n` +
      `- {name: mini, version: 0.2.0, repository: "${charts}"}\n`,
    'charts/aliased/values.yaml': '',
    'charts/needy/Chart.yaml': `${chartYaml('1.0.0')}dependencies:\n- {name: lib, version: 2.x, repository: "file://../lib"}\n`,
    'charts/lost/Chart.yaml': `${chartYaml('1.0.0')}dependencies:\n- {name: lib, version: 2.x, repository: "file://../none"}\n`,
    'charts/far/Chart.yaml': `${chartYaml('1.0.0')}dependencies:\n- {name: lib, version: 2.x, repository: "${charts}"}\n`,
    'charts/at/Chart.yaml': `${chartYaml('1.0.0')}dependencies:\n- {name: lib, version: 2.x, repository: "@somewhere"}\n`,
    'charts/empty/x': '',
    'charts/bad-yaml/Chart.yaml': 'a: [',
    'charts/no-values/Chart.yaml': chartYaml('1.0.0'),
    'charts/list.yaml': '- 1',
    'charts/bad.yaml': 'a: [',
    'charts/dir.yaml/x': '',
    'charts/broken/Chart.yaml': 'apiVersion: v2\nname: broken\n',
  })
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

  test('a chart that is not signed so fails to build', async () => {
    apply('chart', 'oci', { version: '1.0.0', verify })
    await it.settled(kind, 'chart')
    const message = `chart verification error: failed to verify oci://${registry}/charts/mini:1.0.0: no signatures found`
    expect(it.ready(kind, 'chart')).toMatchObject({ status: 'False', reason: 'VerificationError' })
    expect(it.conditions(kind, 'chart')).toEqual([
      expect.stringMatching(/^Reconciling=True ProgressingWithRetry: /),
      expect.stringContaining(`Ready=False VerificationError: ${message}`),
      expect.stringContaining(`BuildFailed=True ChartVerificationError: ${message}`),
      expect.stringContaining(`SourceVerified=False VerificationError: ${message}`),
    ])
    expect(await it.events()).toContainEqual(
      expect.stringContaining(`Warning ChartVerificationError: ${message}`),
    )
    expect(it.status(kind, 'chart').artifact).toBeUndefined()
  })

  test.for([
    [{ secretRef: { name: 'none' } }, `'cosign': "none" not found`],
    [{ secretRef: { name: 'empty' } }, "'cosign': no public keys found in secret 'apps/empty'"],
    [{ secretRef: undefined }, "'cosign keyless': a trusted root is required"],
    [{ provider: 'notation' }, "'notation': 'trustpolicy.json' not found in secret 'apps/keys'"],
    [
      { provider: 'notation', secretRef: undefined },
      "'notation': verification secret cannot be empty: 'chart'",
    ],
  ] as const)('nothing can be verified with %j', async ([change, why]) => {
    it.secret('empty', { other: 'x' })
    apply('chart', 'oci', { version: '1.0.0', verify: { ...verify, ...change } })
    await it.until(() => it.ready(kind, 'chart')?.status === 'False', 500)
    const message = `failed to verify the signature using provider ${why}`
    expect(it.ready(kind, 'chart')).toMatchObject({
      reason: 'VerificationError',
      message: expect.stringContaining(message),
    })
    const conditions = it.conditions(kind, 'chart').join('\n')
    expect(conditions).toContain(`FetchFailed=True Unknown: unknown build error: ${message}`)
    expect(conditions).toContain(`SourceVerified=False VerificationError: ${message}`)
    expect((await it.events()).join('\n')).toContain(`Warning VerificationError: ${message}`)
  })

  test('an index has no signatures to verify', async () => {
    apply('chart', 'repo', { version: '1.0.0', verify })
    await it.settled(kind, 'chart')
    expect(it.conditions(kind, 'chart')).toContain(
      'BuildFailed=True ChartVerificationError: chart verification error: not implemented',
    )
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
    expect(await textIn('ignoring', 'mini/values.yaml')).toBe(
      'image:\n  pull: Always\n  tag: "1"\nreplicas: 1\n',
    )
  })

  test("the chart's own values alone are no values files", async () => {
    apply('own', 'repo', { version: '0.1.0', valuesFiles: ['./values.yaml'] })
    await it.settled(kind, 'own')
    expect(it.ready(kind, 'own')?.message).toBe("pulled 'mini' chart with version '0.1.0'")
  })

  test('dependencies are counted, taken by alias, and kept when they are there', async () => {
    apply('aliased', 'git', { chart: 'charts/aliased' })
    await it.settled(kind, 'aliased')
    expect(it.ready(kind, 'aliased')?.message).toBe("packaged 'aliased' chart with version '1.0.0'")
    const paths = (await entriesOf('aliased')).map(({ path }) => path)
    expect(paths).toContain('aliased/charts/other/Chart.yaml')
    expect(paths).toContain('aliased/charts/mini/values.yaml')
    expect(await textIn('aliased', 'aliased/charts/other/Chart.yaml')).toContain('name: other')
    expect(await it.events()).toContain('Normal ResolvedDependencies: resolved 2 chart dependencies')
  })

  test('a failing build leaves what is stored alone and says nothing of a new chart', async () => {
    apply('chart', 'git')
    await it.settled(kind, 'chart')
    const { artifact } = it.status(kind, 'chart')
    apply('chart', 'git', { valuesFiles: ['no.yaml'], reconcileStrategy: 'Revision' })
    await it.settled(kind, 'chart')
    const message = "values files merge error: no values file found at path '/no.yaml' (reference 'no.yaml')"
    expect(it.conditions(kind, 'chart')).toEqual([
      `Stalled=True ValuesFilesError: ${message}`,
      `Ready=False ValuesFilesError: ${message}`,
      `BuildFailed=True ValuesFilesError: ${message}`,
      "ArtifactInStorage=True ChartPackageSucceeded: packaged 'mini' chart with version '0.1.0'",
    ])
    expect(it.status(kind, 'chart')).toMatchObject({ artifact, observedGeneration: 2 })
  })
})

const reference = 'invalid chart reference: '

test.for([
  [
    'repo',
    { version: '9.x' },
    'InvalidChartReference',
    `${reference}failed to get chart version for remote reference: no 'mini' chart with version matching '9.x' found`,
  ],
  [
    'repo',
    { chart: 'zzz' },
    'InvalidChartReference',
    `${reference}failed to get chart version for remote reference: no chart name found`,
  ],
  ['repo', { chart: '../x' }, 'InvalidChartReference', `${reference}invalid chart name '../x': a valid name`],
  ['git', { chart: 'charts/zzz' }, 'InvalidChartReference', '/source/charts/zzz: no such file or directory'],
  ['git', { chart: '../../etc' }, 'InvalidChartReference', '/source/etc: no such file or directory'],
  [
    'git',
    { chart: '/charts/mini' },
    'InvalidChartReference',
    `${reference}local chart reference path is expected to be relative`,
  ],
  [
    'git',
    { chart: 'charts/empty' },
    'InvalidChartReference',
    '/source/charts/empty/Chart.yaml: no such file or directory',
  ],
  [
    'git',
    { chart: 'charts/bad-yaml' },
    'InvalidChartReference',
    `${reference}cannot load 'Chart.yaml': error converting YAML to JSON: yaml: `,
  ],
  [
    'git',
    { chart: 'charts/broken' },
    'InvalidChartReference',
    `${reference}validation: chart.metadata.version is required`,
  ],
  [
    'git',
    { valuesFiles: ['no.yaml'] },
    'ValuesFilesError',
    "values files merge error: no values file found at path '/no.yaml' (reference 'no.yaml')",
  ],
  [
    'git',
    { valuesFiles: ['charts/dir.yaml'], ignoreMissingValuesFiles: true },
    'ValuesFilesError',
    "values files merge error: no values file found at path '/charts/dir.yaml' (reference 'charts/dir.yaml')",
  ],
  [
    'git',
    { valuesFiles: ['charts/list.yaml'] },
    'ValuesFilesError',
    "values files merge error: unmarshaling values from 'charts/list.yaml' failed: error unmarshaling JSON: while " +
      'decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
  ],
  [
    'git',
    { valuesFiles: ['charts/bad.yaml'] },
    'ValuesFilesError',
    "values files merge error: unmarshaling values from 'charts/bad.yaml' failed: error converting YAML to JSON: yaml: ",
  ],
  [
    'git',
    { chart: 'charts/no-values', valuesFiles: ['charts/mini/values.yaml'] },
    'ValuesFilesError',
    'values files merge error: failed to locate values file: values.yaml',
  ],
  [
    'repo',
    { valuesFiles: ['no.yaml'] },
    'ValuesFilesError',
    "values files merge error: failed to merge chart values: no values file found at path 'no.yaml'",
  ],
] as const)('%s %j stalls', async ([source, spec, reason, message]) => {
  apply('bad', source, spec)
  await it.settled(kind, 'bad')
  expect(it.ready(kind, 'bad')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringContaining(message),
  })
  const condition = reason === 'ValuesFilesError' ? 'BuildFailed' : 'FetchFailed'
  expect(it.conditions(kind, 'bad').map((text) => text.split(' ')[0])).toEqual([
    'Stalled=True',
    'Ready=False',
    `${condition}=True`,
  ])
  expect(it.status(kind, 'bad').observedGeneration).toBe(1)
})

const pull = 'chart pull error: failed to get chart version for remote reference: '

test.for([
  [
    'oci',
    { chart: 'nope' },
    'ChartPullError',
    'response status code 404: name unknown: repository name not known to registry',
  ],
  [
    'oci',
    { version: '9.x' },
    'ChartPullError',
    `${pull}could not locate a version matching provided version string 9.x`,
  ],
  ['oci', { version: 'x y' }, 'ChartPullError', `${pull}improper constraint: "x y"`],
  [
    'oci',
    { version: '9.9.9' },
    'ChartPullError',
    'chart pull error: failed to download chart for remote reference: ',
  ],
  [
    'missing',
    {},
    'SourceUnavailable',
    'failed to get source: HelmRepository.source.toolkit.fluxcd.io "missing" not found',
  ],
  [
    'git',
    { chart: 'charts/needy' },
    'DependencyBuildError',
    "dependency build error: failed to add local dependency 'lib': can't get a valid version for constraint '2.x'",
  ],
  [
    'git',
    { chart: 'charts/lost' },
    'DependencyBuildError',
    "failed to add local dependency 'lib': no chart found at '/charts/none' (reference 'file://../none')",
  ],
  [
    'git',
    { chart: 'charts/far' },
    'DependencyBuildError',
    "failed to add remote dependency 'lib': failed to get chart 'lib' version '2.x' from '",
  ],
  [
    'git',
    { chart: 'charts/at' },
    'DependencyBuildError',
    "failed to add remote dependency 'lib': aliased repository dependency is not supported: @somewhere/",
  ],
] as const)('%s %j is tried again', async ([source, spec, reason, message]) => {
  apply('bad', source, spec)
  await it.until(() => it.ready(kind, 'bad')?.status === 'False', 500)
  expect(it.ready(kind, 'bad')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringContaining(message),
  })
  const condition = reason === 'DependencyBuildError' ? 'BuildFailed' : 'FetchFailed'
  expect(it.conditions(kind, 'bad').map((text) => text.split(' ')[0])).toEqual([
    'Reconciling=True',
    'Ready=False',
    `${condition}=True`,
  ])
  expect(it.status(kind, 'bad').observedGeneration).toBe(-1)
})

test.for([
  [
    { secretRef: { name: 'half' } },
    'AuthenticationFailed',
    "failed to detect authentication methods: secret 'apps/half': malformed basic auth - has 'username' but missing 'password'",
  ],
  [
    { secretRef: { name: 'none' } },
    'AuthenticationFailed',
    "failed to get authentication secret 'apps/none': ",
  ],
  [
    { secretRef: { name: 'docker' } },
    'AuthenticationFailed',
    'failed to configure OCI registry authentication: no auth config for ',
  ],
  [
    { url: 'https://example.com/charts' },
    'Failed',
    'failed to construct Helm client: invalid OCI registry URL: ',
  ],
] as const)('a registry with %j is not asked', async ([change, reason, message]) => {
  it.secret('half', { username: 'me' })
  it.secret('docker', { '.dockerconfigjson': '{"auths":{}}' }, 'kubernetes.io/dockerconfigjson')
  const spec = { interval: '1m', type: 'oci', url: `oci://${registry}/charts`, ...change }
  it.apply({ kind: 'HelmRepository', name: 'other', spec })
  apply('bad', 'other')
  await it.until(() => it.ready(kind, 'bad')?.status === 'False', 500)
  expect(it.ready(kind, 'bad')).toMatchObject({
    reason: 'Unknown',
    message: expect.stringContaining(`unknown build error: ${message}`),
  })
  expect((await it.events()).join('\n')).toContain(`Warning ${reason}: ${message}`)
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import { createArtifactStore } from '@sluice/artifact'
import { applyStaged, type Cluster, createCluster, type Resource } from '@sluice/cluster'
import { createControllers, readCommandLine } from '@sluice/controllers'
import { systemClock, systemRandom } from '@sluice/host'
import { memoryTagStore } from '@sluice/image-reflector-controller'
import { type Condition, type KubeObject, silentLogger } from '@sluice/ports'
import { fakeHttp } from '@sluice/ports/testing'
import { customResourceDefinitions, type ToolkitObject } from '@sluice/toolkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const { signal } = new AbortController()
const write = { signal, fieldManager: 'test' }
const configMaps: Resource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}

/** Somebody whom no cloud knows. */
const account = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'default', name: 'deployer' },
}

let server: Awaited<ReturnType<typeof createApiServer>>
let cluster: Cluster
let directory: string
let count = 0

beforeAll(async () => {
  server = await createApiServer()
  cluster = createCluster(inProcessTransport(server))
  directory = mkdtempSync(join(tmpdir(), 'sluice-flags-'))
  const options = { cluster, clock: systemClock, signal, fieldManager: 'flux' }
  await applyStaged([account, ...customResourceDefinitions()], options)
})

afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Controllers with these flags, whose outside answers every request with a long text. */
async function start(args: readonly string[]) {
  const line = readCommandLine(args, { env: {}, hostname: 'test' })
  if (line.kind !== 'run') throw new Error('asks for help')
  const http = fakeHttp(() => ({ status: 200, body: `apiVersion: v1\nentries: {}\n${'#'.repeat(100)}\n` }))
  const controllers = await createControllers({
    settings: line.settings,
    cluster,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    identity: 'test',
    gracePeriodMs: 100,
    places: {
      http,
      clock: systemClock,
      store: createArtifactStore({ directory, advertisedAddress: 'test', clock: systemClock }),
      tags: memoryTagStore(),
      connect: () => Promise.reject(new Error('there is no other cluster')),
      surroundings: { env: {}, readFile: () => Promise.reject(new Error('there are no files')) },
    },
  })
  const stop = new AbortController()
  const running = controllers.run(stop.signal)
  return {
    metrics: () => controllers.metrics.registry.metrics(),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      stop.abort()
      await running
      await controllers.close()
    },
  }
}

const elsewhere = { kind: 'GitRepository', name: 'app', namespace: 'elsewhere' }
const external = { sourceRef: { kind: 'ExternalArtifact', name: 'app' } }
const kustomization = [
  'kustomize.toolkit.fluxcd.io/v1',
  'Kustomization',
  { interval: '1h', prune: true },
] as const
const release = ['helm.toolkit.fluxcd.io/v2', 'HelmRelease', { interval: '1h' }] as const
const policy = [
  'image.toolkit.fluxcd.io/v1',
  'ImagePolicy',
  { policy: { semver: { range: '1.x' } } },
] as const
const automation = [
  'image.toolkit.fluxcd.io/v1',
  'ImageUpdateAutomation',
  { interval: '1h', git: { commit: { author: { email: 'a@example.com' } } } },
] as const
const generator = ['source.extensions.fluxcd.io/v1beta1', 'ArtifactGenerator', {}] as const
const repository = [
  'source.toolkit.fluxcd.io/v1',
  'OCIRepository',
  { interval: '1h', url: 'oci://x.example/app' },
] as const
const helmRepository = [
  'source.toolkit.fluxcd.io/v1',
  'HelmRepository',
  { interval: '1h', url: 'http://x.example' },
] as const
const workloadIdentity = { provider: 'aws', serviceAccountName: 'deployer' }
const generated = {
  sources: [{ alias: 'app', ...elsewhere }],
  artifacts: [{ name: 'app', copy: [{ from: '@app/**', to: '@artifact/' }] }],
}
const chartElsewhere = {
  chart: { spec: { chart: 'x', sourceRef: { ...elsewhere, kind: 'HelmRepository' } } },
}
const noCross = '--no-cross-namespace-refs'

test.for([
  [
    ['kustomize', noCross],
    kustomization,
    { sourceRef: elsewhere },
    'AccessDenied',
    'cross-namespace references',
  ],
  [['kustomize'], kustomization, { sourceRef: elsewhere }, 'ArtifactFailed', 'not found'],
  [['kustomize'], kustomization, external, 'AccessDenied', 'ExternalArtifact feature gate is disabled'],
  [
    ['kustomize', '--feature-gates=ExternalArtifact=true'],
    kustomization,
    external,
    'ArtifactFailed',
    'not found',
  ],
  [['helm', noCross], release, chartElsewhere, 'AccessDenied', 'cross-namespace references'],
  [
    ['helm'],
    release,
    { chartRef: external.sourceRef },
    'AccessDenied',
    'ExternalArtifact feature gate is disabled',
  ],
  [
    ['image-reflector', noCross],
    policy,
    { imageRepositoryRef: { name: 'x', namespace: 'elsewhere' } },
    'AccessDenied',
    'cross-namespace references',
  ],
  [
    ['image-automation', noCross],
    automation,
    { sourceRef: elsewhere },
    'AccessDenied',
    'cross-namespace references',
  ],
  [['source-watcher', noCross], generator, generated, 'AccessDenied', 'cross-namespace'],
  [
    ['source'],
    repository,
    workloadIdentity,
    'FeatureGateDisabled',
    'ObjectLevelWorkloadIdentity feature gate',
  ],
  [
    ['source', '--feature-gates=ObjectLevelWorkloadIdentity=true'],
    repository,
    workloadIdentity,
    'AuthenticationFailed',
    'failed to get credential',
  ],
  [
    ['source', '--feature-gates=ObjectLevelWorkloadIdentity=true', '--default-service-account=absent'],
    repository,
    { provider: 'aws' },
    'AuthenticationFailed',
    "service account 'default/absent'",
  ],
  [['source', '--helm-index-max-size=50'], helmRepository, {}, 'Failed', 'exceeds the maximum size'],
  [['source'], helmRepository, {}, 'Succeeded', 'stored artifact'],
] as const)(
  'with %j, a %s with %j is %s: %s',
  async ([args, [apiVersion, kind, base], spec, reason, message]) => {
    await using _ = await start(args)
    const condition = await readyAfter({
      apiVersion,
      kind,
      metadata: fresh(),
      spec: { ...base, ...spec },
    })
    expect(condition).toMatchObject({ reason, message: expect.stringContaining(message) })
  },
)

test('--concurrent counts for each kind', async () => {
  await using it = await start(['source', 'helm', '--concurrent=7'])
  const metrics = await it.metrics()
  expect(metrics).toContain('controller_runtime_max_concurrent_reconciles{controller="bucket"} 7')
  expect(metrics).toContain('controller_runtime_max_concurrent_reconciles{controller="helmrelease"} 7')
})

describe('a ConfigMap that a Kustomization reads', () => {
  test.for([
    [[], { 'reconcile.fluxcd.io/watch': 'Enabled' }, true],
    [[], {}, false],
    [['--watch-configs-label-selector=wake=me'], { wake: 'me' }, true],
    [['--watch-configs-label-selector=wake=me'], { 'reconcile.fluxcd.io/watch': 'Enabled' }, false],
    [['--watch-configs-label-selector='], {}, true],
    [['--feature-gates=DisableConfigWatchers=true'], { 'reconcile.fluxcd.io/watch': 'Enabled' }, false],
  ] as const)('with %j and labels %j: wakes it %s', async ([args, labels, wakes]) => {
    await using it = await start(['kustomize', ...args])
    const metadata = fresh()
    const postBuild = { substituteFrom: [{ kind: 'ConfigMap', name: metadata.name }] }
    const sourceRef = { kind: 'GitRepository', name: 'absent' }
    const [apiVersion, kind, base] = kustomization
    await readyAfter({ apiVersion, kind, metadata, spec: { ...base, sourceRef, postBuild } })
    await settled(it.metrics)
    const before = runs(await it.metrics(), metadata.name)
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, labels } }
    await cluster.create(configMaps, configMap, write)
    // Long enough for what is to happen, and for what is not to.
    await settled(it.metrics)
    expect(runs(await it.metrics(), metadata.name) > before).toBe(wakes)
  })
})

/** Runs of one object so far. */
function runs(metrics: string, name: string): number {
  const pattern = new RegExp(`^gotk_reconcile_duration_seconds_count\\{.*name="${name}".*\\} (\\d+)$`, 'm')
  return Number(pattern.exec(metrics)?.[1] ?? 0)
}

/** Waits until nothing is worked on for a moment. */
async function settled(metrics: () => Promise<string>): Promise<void> {
  let before = ''
  await expect
    .poll(
      async () => {
        const now = (await metrics()).replace(/^(?:process|nodejs|workqueue_[ul]).*$/gm, '')
        const isSame = now === before
        before = now
        return isSame
      },
      { interval: 150 },
    )
    .toBe(true)
}

function fresh(): { readonly namespace: string; readonly name: string } {
  count += 1
  return { namespace: 'default', name: `object-${count}` }
}

/** The condition Ready when something has been concluded of the object. */
async function readyAfter(object: KubeObject): Promise<Condition | undefined> {
  const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
  await cluster.create(resource, object, write)
  const { namespace = '', name = '' } = object.metadata
  let ready: Condition | undefined
  const isConcluded = async (): Promise<boolean> => {
    const { status } = await cluster.get<ToolkitObject>(resource, { namespace, name }, { signal })
    ready = status?.conditions?.find((it) => it.type === 'Ready')
    return ready !== undefined && !ready.reason.startsWith('Progressing')
  }
  await expect.poll(isConcluded, { timeout: 5_000 }).toBe(true)
  return ready
}

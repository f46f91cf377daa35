import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { closeServer, listenOnLoopback } from '@sluice/cli'
import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { directoryUnder, gitHttpHandler } from '@sluice/git'
import type { Condition, KubeObject } from '@sluice/ports'
import {
  gitRepositoryDefinition,
  helmRepositoryDefinition,
  kustomizationDefinition,
  resourceOf,
  type ToolkitObject,
} from '@sluice/toolkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { s3Credentials, startS3Server } from '../../platform/blobs/test/s3-server.ts'
import { type ApiServerProcess, startApiServer } from '../src/process/api-server-process.ts'
import { bundledProgram, type ControllerProcess, startController } from '../src/process/controller-process.ts'
import { fluxAccountToken } from '../src/process/flux-account.ts'
import { until } from '../src/process/sluice-process.ts'

const stop = new AbortController()
const { signal } = stop
const kustomizations = resourceOf(kustomizationDefinition)
const helmRepositories = resourceOf(helmRepositoryDefinition)
const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}
const events: Resource = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true }
const write = { signal, fieldManager: 'test' }
const withinMs = 20_000

let server: ApiServerProcess
let cluster: Cluster
let directory: string
let kubeconfig: string

beforeAll(async () => {
  server = await startApiServer(signal)
  cluster = server.cluster
  directory = mkdtempSync(join(tmpdir(), 'sluice-controllers-'))
  kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, server.kubeconfig)
})

afterAll(async () => {
  stop.abort()
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

describe('two replicas under leader election', () => {
  const leaseMs = 3_000
  const flags = [
    'kustomize',
    '--enable-leader-election',
    `--leader-election-lease-duration=${leaseMs}ms`,
    '--leader-election-renew-deadline=2s',
    '--leader-election-retry-period=500ms',
  ]
  const replica = (): ControllerProcess => startController([...flags, '--kubeconfig', kubeconfig])

  test('only one reconciles; the other takes over when it is killed, and at once when it stops in order', async () => {
    await using one = replica()
    await one.logged('became leader')
    await using two = replica()
    await cluster.create(kustomizations, kustomization('replicated'), write)
    await handled('replicated')
    expect((await two.get('health', '/readyz')).status).toBe(200)
    expect(await reconciliations(one)).toBeGreaterThan(0)
    expect(await reconciliations(two)).toBe(0)
    expect((await two.get('metrics', '/metrics')).text).toContain(
      'leader_election_master_status{name="kustomize-controller-leader-election"} 0',
    )

    await using spare = replica()
    await spare.port('health')
    expect((await spare.end('SIGTERM')).code).toBe(0)

    const killedAt = performance.now()
    await one.end('SIGKILL')
    await two.logged('became leader')
    const tookMs = performance.now() - killedAt
    // The lease runs out, and is looked at each half second with a fifth more at random.
    expect(tookMs).toBeLessThan(leaseMs + 2_000)
    await reconcileNow('replicated', 'after the kill')

    await using three = replica()
    await three.port('health')
    const { code, tookMs: endedMs } = await two.end('SIGTERM')
    expect(code).toBe(0)
    expect(endedMs).toBeLessThan(2_000)
    const stoppedAt = performance.now()
    await three.logged('became leader')
    expect(performance.now() - stoppedAt).toBeLessThan(1_500)
    await reconcileNow('replicated', 'after the stop')
  })

  test('who loses the lease ends with an error', async () => {
    await using one = replica()
    await one.logged('became leader')
    const key = { namespace: 'flux-system', name: 'kustomize-controller-leader-election' }
    const other = { holderIdentity: 'somebody else', leaseDurationSeconds: 3_600 }
    await cluster.patch(leases, key, { ...write, patch: { kind: 'merge', body: { spec: other } } })
    expect(await one.ended).toBe(1)
    expect(one.log.map((it) => it['error'])).toContain(
      'leader election lost: kustomize-controller-leader-election',
    )
    await cluster.delete(leases, key, { signal })
  })

  test('both ends of leading are events of the lease', async () => {
    const { items } = await cluster.list(events, { signal, namespace: 'flux-system' })
    const told = items.filter((it) => it['reason'] === 'LeaderElection').map((it) => String(it['message']))
    expect(told.some((message) => message.endsWith(' became leader'))).toBe(true)
    expect(told.some((message) => message.endsWith(' stopped leading'))).toBe(true)
  })
})

test('each shard reconciles its own objects, under a lease and an address of its own', async () => {
  const index = createServer((_, response) => response.end('apiVersion: v1\nentries: {}\n'))
  const url = `http://127.0.0.1:${await listenOnLoopback(index, 0)}`
  const selectors = {
    main: '!sharding.fluxcd.io/key',
    one: 'sharding.fluxcd.io/key=one',
    two: 'sharding.fluxcd.io/key=two',
  }
  const names = Object.keys(selectors)
  const shards = Object.entries(selectors).map(([name, selector]) =>
    startController([
      'source',
      '--kubeconfig',
      kubeconfig,
      '--enable-leader-election',
      `--watch-label-selector=${selector}`,
      `--storage-path=${join(directory, name)}`,
      '--storage-addr=127.0.0.1:0',
      `--storage-adv-addr=${name}.example`,
    ]),
  )
  try {
    for (const name of names) {
      const labels = name === 'main' ? {} : { 'sharding.fluxcd.io/key': name }
      const object = { ...helmRepository(`index-${name}`, url), metadata: named(`index-${name}`, labels) }
      await cluster.create(helmRepositories, object, write)
    }
    for (const [at, name] of names.entries()) {
      const { status } = await ready(helmRepositories, `index-${name}`)
      expect(status?.['url']).toBe(`http://${name}.example/helmrepository/default/index-${name}/index.yaml`)
      const served = await shards[at]?.get('artifacts', `/helmrepository/default/index-${name}/index.yaml`)
      expect(served?.status).toBe(200)
      const metrics = (await shards[at]?.get('metrics', '/metrics'))?.text ?? ''
      const reconciled = names.filter((it) => metrics.includes(`name="index-${it}"`))
      expect(reconciled).toEqual([name])
    }
    const { items } = await cluster.list(leases, { signal, namespace: 'flux-system' })
    expect(items.map((it) => it.metadata.name)).toEqual(
      expect.arrayContaining([
        'source-controller-leader-election-42da7484',
        'source-controller-leader-election-3bbc7129',
        'source-controller-leader-election-705b8299',
      ]),
    )
  } finally {
    await Promise.all(shards.map((it) => it[Symbol.asyncDispose]()))
    await closeServer(index)
  }
})

test('replicas that keep artifacts in a bucket serve the same ones, whoever leads', async () => {
  const index = createServer((_, response) => response.end('apiVersion: v1\nentries: {}\n'))
  const url = `http://127.0.0.1:${await listenOnLoopback(index, 0)}`
  const s3 = await startS3Server()
  const { accessKey, secretKey } = s3Credentials
  const replica = (name: string): ControllerProcess =>
    startController(
      [
        'source',
        '--kubeconfig',
        kubeconfig,
        '--enable-leader-election',
        '--leader-election-lease-duration=3s',
        '--leader-election-renew-deadline=2s',
        '--leader-election-retry-period=500ms',
        '--watch-label-selector=kept=outside',
        `--storage-path=${join(directory, name)}`,
        '--storage-addr=127.0.0.1:0',
        '--storage-adv-addr=sources.example',
        `--storage-blob-url=${s3.url}`,
      ],
      { env: { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey } },
    )
  try {
    await using one = replica('replica-one')
    await one.logged('became leader')
    await using two = replica('replica-two')
    const object = { ...helmRepository('outside', url), metadata: named('outside', { kept: 'outside' }) }
    await cluster.create(helmRepositories, object, write)
    const before = (await ready(helmRepositories, 'outside')).status?.['artifact'] as { url: string }
    const path = new URL(before.url).pathname
    const [led, standing] = [await one.get('artifacts', path), await two.get('artifacts', path)]
    expect([led.status, standing]).toEqual([200, led])
    await one.end('SIGKILL')
    await two.logged('became leader')
    expect((await ready(helmRepositories, 'outside')).status?.['artifact']).toEqual(before)
    expect(await two.get('artifacts', path)).toEqual(led)
  } finally {
    s3.close()
    await closeServer(index)
  }
})

describe('a single process', () => {
  test('serves probes, metrics under the names that dashboards read, and nothing else', async () => {
    await using process = startController(['kustomize-controller', '--kubeconfig', kubeconfig])
    await cluster.create(kustomizations, kustomization('measured'), write)
    await handled('measured')
    expect(await process.get('health', '/healthz')).toEqual({ status: 200, text: 'ok' })
    expect((await process.get('health', '/readyz')).status).toBe(200)
    expect((await process.get('health', '/metrics')).status).toBe(404)
    expect((await process.get('metrics', '/healthz')).status).toBe(404)
    const { text: metrics } = await process.get('metrics', '/metrics')
    for (const series of [
      'gotk_reconcile_duration_seconds_bucket{le="0.01",kind="Kustomization",name="measured",namespace="default"}',
      'gotk_reconcile_duration_seconds_sum{kind="Kustomization",name="measured",namespace="default"}',
      'controller_runtime_reconcile_total{controller="kustomization",result="requeue_after"}',
      'controller_runtime_reconcile_time_seconds_count{controller="kustomization"}',
      'workqueue_adds_total{name="kustomization",controller="kustomization"}',
      'workqueue_longest_running_processor_seconds{name="kustomization",controller="kustomization"}',
      `rest_client_requests_total{code="200",host="${new URL(server.url).host}",method="GET"}`,
      'gotk_token_cached_items',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
    ]) {
      expect(metrics).toContain(series)
    }
    const { code } = await process.end('SIGTERM')
    expect(code).toBe(0)
  })

  test('hands its events to the notification controller', async () => {
    const received: Record<string, unknown>[] = []
    const receiver = createServer((request, response) => {
      void text(request).then((body) => {
        received.push(JSON.parse(body))
        response.writeHead(202).end()
      })
    })
    const url = `http://127.0.0.1:${await listenOnLoopback(receiver, 0)}/`
    await using _ = startController([
      'source',
      'kustomize',
      '--kubeconfig',
      kubeconfig,
      `--events-addr=${url}`,
      ...storage('events'),
    ])
    const object = kustomization('announced', { healthCheckExprs: [{ ...expression, current: '(' }] })
    await cluster.create(kustomizations, object, write)
    const find = (): unknown =>
      received.find((it) => JSON.stringify(it['involvedObject']).includes('"announced"'))
    await until(() => find() !== undefined, { what: () => 'an event', withinMs })
    await closeServer(receiver)
    expect(find()).toMatchObject({
      involvedObject: { kind: 'Kustomization', namespace: 'default', name: 'announced' },
      severity: 'error',
      reason: 'InvalidCELExpression',
      reportingController: 'kustomize-controller',
    })
  })

  test('works for the cluster of the context that is named', async () => {
    const other = join(directory, 'contexts')
    writeFileSync(other, withOtherContext(server.kubeconfig))
    await using process = startController(['kustomize', '--kubeconfig', other, '--context', 'meant'])
    await cluster.create(kustomizations, kustomization('meant'), write)
    await handled('meant')
    expect(process.log.some((it) => it['level'] === 'error')).toBe(false)
  })

  test('is the controller under whose name it is called', async () => {
    const link = join(directory, 'kustomize-controller')
    symlinkSync(bundledProgram, link)
    await using process = startController(['--kubeconfig', kubeconfig], { command: [link] })
    const { controllers } = await process.logged('starting manager')
    expect(controllers).toEqual(['kustomize-controller'])
  })

  test('takes credentials that a command prints', async () => {
    const [, token] = /token: (\S+)/.exec(server.kubeconfig) ?? []
    const printed = join(directory, 'credential.json')
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token },
    }
    writeFileSync(printed, JSON.stringify(credential))
    const exec = `exec:\n      apiVersion: ${credential.apiVersion}\n      command: cat\n      args: [${printed}]\n      interactiveMode: Never`
    const config = join(directory, 'exec')
    writeFileSync(config, server.kubeconfig.replace(/token: \S+/, exec))
    await using _ = startController(['kustomize', '--kubeconfig', config])
    await cluster.create(kustomizations, kustomization('let-in'), write)
    await expect(handled('let-in')).resolves.toBeUndefined()
  })

  test.for([
    [['kustomize', '--bogus'], 2, '✗ unknown flag: --bogus'],
    [['kustomize', '--storage-path=/x'], 2, '✗ unknown flag: --storage-path'],
    [['kustomize', '--feature-gates=Bogus=true'], 2, "✗ feature-gate 'Bogus' not supported"],
    [['notification'], 2, "✗ no such controller among 'notification'"],
    [['kustomize', '--context', 'absent'], 1, '✗ context "absent" does not exist'],
  ] as const)('%j ends with code %d', async ([args, wanted, message]) => {
    await using process = startController([...args, '--kubeconfig', kubeconfig])
    expect(await process.ended).toBe(wanted)
    expect(process.log.map(({ msg }) => msg).some((msg) => msg.startsWith(message))).toBe(true)
  })
})

test('a commit is delivered by two processes, with the rights that Flux gives them', async () => {
  const repository = join(directory, 'git', 'app')
  makeRepository(repository)
  const git = createServer(
    gitHttpHandler({
      locate: (path) => directoryUnder(join(directory, 'git'), `${path}/.git`),
      authorize: () => 'read',
    }),
  )
  const url = `http://127.0.0.1:${await listenOnLoopback(git, 0)}/app`
  const account = join(directory, 'source-controller')
  writeFileSync(
    account,
    server.kubeconfig.replace(/token: \S+/, `token: ${await fluxAccountToken(cluster, signal)}`),
  )
  await using source = startController([
    'source',
    'source-watcher',
    '--kubeconfig',
    account,
    ...storage('deliver'),
  ])
  const env = { SOURCE_CONTROLLER_LOCALHOST: `127.0.0.1:${await source.port('artifacts')}` }
  await using applier = startController(['kustomize', '--kubeconfig', kubeconfig], { env })

  const repositories = resourceOf(gitRepositoryDefinition)
  const object = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: named('app'),
    spec: { url, interval: '1h', ref: { branch: 'main' } },
  }
  await cluster.create(repositories, object, write)
  const sourceRef = { kind: 'GitRepository', name: 'app' }
  await cluster.create(kustomizations, kustomization('delivered', { sourceRef }), write)
  await ready(kustomizations, 'delivered')
  const delivered = await cluster.get(configMaps, { namespace: 'default', name: 'app' }, { signal })
  expect(delivered['data']).toEqual({ from: 'git' })
  // The server of the shards' indexes is gone.
  const errors = [...source.log, ...applier.log].filter(
    (it) => it['level'] === 'error' && it['controllerKind'] !== 'HelmRepository',
  )
  expect(errors).toEqual([])
  await closeServer(git)
})

test('a process that looks at one namespace leaves the others alone', async () => {
  await using _ = startController(['kustomize', '--watch-all-namespaces=false', '--kubeconfig', kubeconfig], {
    env: { RUNTIME_NAMESPACE: 'flux-system' },
  })
  const inside = kustomization('inside')
  await cluster.create(kustomizations, kustomization('outside'), write)
  await cluster.create(
    kustomizations,
    { ...inside, metadata: { ...inside.metadata, namespace: 'flux-system' } },
    write,
  )
  const key = { namespace: 'flux-system', name: 'inside' }
  const isHandled = async (): Promise<boolean> =>
    readyOf(await cluster.get<Observed>(kustomizations, key, { signal })) !== undefined
  await until(isHandled, { what: () => 'the one inside', withinMs })
  expect((await read(kustomizations, 'outside'))?.metadata.finalizers).toBeUndefined()
})

const configMaps: Resource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}

/** A repository whose branch `main` has one ConfigMap. */
function makeRepository(path: string): void {
  mkdirSync(path, { recursive: true })
  const git = (...args: readonly string[]): void => {
    execFileSync('git', ['-C', path, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args])
  }
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(
    join(path, 'app.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\ndata:\n  from: git\n',
  )
  git('add', '--all')
  git('commit', '--quiet', '--message', 'first')
}

const expression = { apiVersion: 'v1', kind: 'ConfigMap' }

function storage(name: string): readonly string[] {
  return [`--storage-path=${join(directory, name)}`, '--storage-addr=127.0.0.1:0']
}

function named(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject['metadata'] {
  return { namespace: 'default', name, labels }
}

/** Of a source that is not there: reconciled without anything else in the world. */
function kustomization(name: string, spec: object = {}): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: named(name),
    spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'absent' }, ...spec },
  }
}

function helmRepository(name: string, url: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: named(name),
    spec: { interval: '1h', url },
  }
}

type Observed = ToolkitObject & { readonly status?: { readonly [field: string]: unknown } }

async function read(resource: Resource, name: string): Promise<Observed | undefined> {
  try {
    return await cluster.get<Observed>(resource, { namespace: 'default', name }, { signal })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

function readyOf(object: Observed | undefined): Condition | undefined {
  return (object?.status?.conditions ?? []).find((it) => it.type === 'Ready')
}

/** Waits until the controller has said something of the object. */
async function handled(name: string): Promise<void> {
  const what = (): string => `${name} to be reconciled`
  await until(async () => readyOf(await read(kustomizations, name)) !== undefined, { what, withinMs })
}

async function ready(resource: Resource, name: string): Promise<Observed> {
  let object: Observed | undefined
  const isReady = async (): Promise<boolean> => {
    object = await read(resource, name)
    return readyOf(object)?.status === 'True'
  }
  await until(isReady, { what: () => `${name} to be ready: ${JSON.stringify(object?.status)}`, withinMs })
  if (!object) throw new Error('unreachable')
  return object
}

/** Asks for a reconciliation and waits for it. */
async function reconcileNow(name: string, token: string): Promise<void> {
  const body = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } }
  await cluster.patch(
    kustomizations,
    { namespace: 'default', name },
    { ...write, patch: { kind: 'merge', body } },
  )
  const isHandled = async (): Promise<boolean> =>
    (await read(kustomizations, name))?.status?.lastHandledReconcileAt === token
  await until(isHandled, { what: () => `${token} to be handled`, withinMs })
}

async function reconciliations(process: ControllerProcess): Promise<number> {
  const { text: metrics } = await process.get('metrics', '/metrics')
  return [...metrics.matchAll(/^controller_runtime_reconcile_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}

/** A kubeconfig whose current context leads nowhere, with the right one under the name `meant`. */
function withOtherContext(config: string): string {
  const elsewhere = {
    clusters: '- name: elsewhere\n  cluster:\n    server: https://127.0.0.1:1\n',
    contexts: '- name: elsewhere\n  context:\n    cluster: elsewhere\n    user: sluice\n',
  }
  return config
    .replace('current-context: sluice', 'current-context: elsewhere')
    .replace('contexts:\n- name: sluice\n', `contexts:\n${elsewhere.contexts}- name: meant\n`)
    .replace('clusters:\n', `clusters:\n${elsewhere.clusters}`)
}

import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApiServer, inProcessTransport, memoryStorage } from '@sluice/apiserver'
import { type Cluster, createCluster } from '@sluice/cluster'
import { createGitClient } from '@sluice/git'
import { createHttp, createTempDirectory, nodeCrypto, systemClock, systemRandom } from '@sluice/host'
import { imageUpdateAutomationController } from '@sluice/image-automation-controller'
import { type JsonObject, type KubeObject, silentLogger } from '@sluice/ports'
import { createManager } from '@sluice/runtime'
import {
  customResourceDefinitions,
  gitRepositoryDefinition,
  type ImageUpdateAutomation,
  imagePolicyDefinition,
  imageUpdateAutomationDefinition,
  type KindDefinition,
  resourceOf,
} from '@sluice/toolkit'
import type { Report } from './benchmark.ts'

const fileCount = 5_000
const namespace = 'bench'
const key = { namespace, name: 'app' }
const pollMs = 5

/** An automation over a repository of thousands of YAML files: one changed marker, all of them, and none. */
export async function measureAutomation(report: Report): Promise<void> {
  await using temp = await createTempDirectory('bench-automation-')
  createRepository(join(temp.path, 'app'))
  const { child, port } = await serve(temp.path)
  await using bed = await automationBed(`http://127.0.0.1:${port}/app`)
  try {
    // The first run loads code and warms it up; a controller runs for weeks.
    await bed.choose('one', 'v1')
    await bed.choose('one', 'v2')
    const started = performance.now()
    const cpuSeconds = await cpuOf(() => bed.choose('one', 'v3'))
    report.figure(`${fileCount} YAML files, one changed marker, wall`, performance.now() - started, 'ms')
    report.goal(`${fileCount} YAML files, one changed marker, CPU`, cpuSeconds, { unit: 's', atMost: 2 })
    report.figure(
      `${fileCount} YAML files, ${fileCount} changed markers, CPU`,
      await cpuOf(() => bed.choose('all', 'v2')),
      's',
    )
    await bed.request('warm')
    const idleSeconds = await cpuOf(() => bed.request('now'))
    report.figure('nothing changed, CPU', idleSeconds * 1_000, 'ms')
  } finally {
    child.disconnect()
  }
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** An API server and the controller, with an automation that does what policies choose. */
type Bed = AsyncDisposable & {
  /** Has a policy choose a tag, and waits for the commit. */
  readonly choose: (policy: string, tag: string) => Promise<void>
  /** Has the automation run once more, and waits for its end. */
  readonly request: (token: string) => Promise<void>
}

async function automationBed(url: string): Promise<Bed> {
  const stop = new AbortController()
  const { signal } = stop
  const server = await createApiServer({ storage: memoryStorage() })
  const cluster = createCluster(inProcessTransport(server))
  const http = createHttp()
  const manager = createManager({
    cluster,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    identity: 'bench',
  })
  manager.add(
    imageUpdateAutomationController({
      caches: manager.caches,
      clock: systemClock,
      git: createGitClient({ http }),
      random: systemRandom,
      crypto: nodeCrypto,
    }),
  )
  await prepare(cluster, url, signal)
  const running = manager.run(signal)
  const automation = async (): Promise<ImageUpdateAutomation> =>
    cluster.get<ImageUpdateAutomation>(resourceOf(imageUpdateAutomationDefinition), key, { signal })

  return {
    choose: async (policy, tag) => {
      const before = (await automation()).status?.lastPushCommit
      const patch = {
        kind: 'merge',
        body: { status: { latestRef: { name: `r.io/${policy}`, tag } } },
      } as const
      const write = { patch, subresource: 'status', ...writer(signal) } as const
      await cluster.patch(resourceOf(imagePolicyDefinition), { namespace, name: policy }, write)
      await until(async () => (await automation()).status?.lastPushCommit !== before)
    },
    request: async (token) => {
      const annotations = { 'reconcile.fluxcd.io/requestedAt': token }
      const patch = { kind: 'merge', body: { metadata: { annotations } } } as const
      const resource = resourceOf(imageUpdateAutomationDefinition)
      await cluster.patch(resource, key, { patch, ...writer(signal) })
      await until(async () => (await automation()).status?.lastHandledReconcileAt === token)
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
      await http.close()
      await server.close()
    },
  }
}

async function prepare(cluster: Cluster, url: string, signal: AbortSignal): Promise<void> {
  const create = async (apiVersion: string, kind: string, object: object): Promise<void> => {
    const resource = await cluster.resourceFor(apiVersion, kind, { signal })
    await cluster.create(resource, { apiVersion, kind, ...object } as KubeObject, writer(signal))
  }
  for (const definition of customResourceDefinitions()) {
    await create('apiextensions.k8s.io/v1', 'CustomResourceDefinition', definition)
  }
  await create('v1', 'Namespace', { metadata: { name: namespace } })
  await cluster.create(
    resourceOf(gitRepositoryDefinition),
    objectOf(gitRepositoryDefinition, 'app', { interval: '1h', url, ref: { branch: 'main' } }),
    writer(signal),
  )
  for (const name of ['one', 'all']) {
    const spec = { imageRepositoryRef: { name }, policy: { alphabetical: {} } }
    const policy = objectOf(imagePolicyDefinition, name, spec)
    await cluster.create(resourceOf(imagePolicyDefinition), policy, writer(signal))
  }
  const author = { name: 'bot', email: 'bot@example.com' }
  const spec = {
    interval: '1h',
    sourceRef: { kind: 'GitRepository', name: 'app' },
    git: { commit: { author } },
    update: { strategy: 'Setters' },
  }
  await cluster.create(
    resourceOf(imageUpdateAutomationDefinition),
    objectOf(imageUpdateAutomationDefinition, 'app', spec),
    writer(signal),
  )
}

function objectOf(definition: KindDefinition, name: string, spec: JsonObject): KubeObject {
  const { group, version, kind } = resourceOf(definition)
  return { apiVersion: `${group}/${version}`, kind, metadata: { namespace, name }, spec }
}

function writer(signal: AbortSignal): { readonly signal: AbortSignal; readonly fieldManager: string } {
  return { signal, fieldManager: 'bench' }
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) {
    // The controller works meanwhile.
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** Files of about 1.5 KB; each has a marker of the policy `all`, and one has that of `one`. */
function createRepository(path: string): void {
  for (let i = 0; i < fileCount; i += 1) {
    const directory = join(path, `team-${i % 20}`, `app-${i % 200}`)
    mkdirSync(directory, { recursive: true })
    const lines = Array.from({ length: 40 }, (_, line) => `  key-${line}: "${i * 41 + line * 17} of many"`)
    const own = i === 0 ? '  one: v0 # {"$imagepolicy": "bench:one:tag"}\n' : ''
    const all = '  all: v0 # {"$imagepolicy": "bench:all:tag"}\n'
    const head = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm-${i}\ndata:\n`
    writeFileSync(join(directory, `file-${i}.yaml`), `${head}${own}${all}${lines.join('\n')}\n`)
  }
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.com', ...args], { cwd: path })
  }
  git('init', '-q', '-b', 'main')
  git('config', 'receive.denyCurrentBranch', 'ignore')
  git('add', '-A')
  git('commit', '-q', '-m', 'all')
  git('gc', '-q')
}

async function serve(root: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(new URL('./git-server.ts', import.meta.url), [root], { execArgv: process.execArgv })
  const port = await new Promise<number>((resolve) => child.once('message', (it) => resolve(Number(it))))
  return { child, port }
}

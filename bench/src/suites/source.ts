// Git sources: from a served repository to a stored artifact, and the polls in between. Beside them, real `git clone`.
import { type ChildProcess, execFileSync, fork, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ArtifactStore,
  createArtifactFetcher,
  createArtifactStore,
  sourceIgnoreFilter,
} from '@sluice/artifact'
import { createGitClient, type GitClient } from '@sluice/git'
import { parseChartIndex } from '@sluice/helmrepo'
import { createHttp, createTempDirectory } from '@sluice/host'
import { seededRandom } from '@sluice/ports/testing'
import type { Benchmark, Report } from '../benchmark.ts'

const { signal } = new AbortController()
const fileCount = 5_000
const polls = 200

let requests = 0

function count<T>(work: () => T): T {
  requests += 1
  return work()
}

type Setup = {
  readonly url: string
  readonly directory: string
  readonly git: GitClient
  readonly store: ArtifactStore
}

export const benchmark: Benchmark = async (report) => {
  await using temp = await createTempDirectory('bench-source-')
  createRepository(join(temp.path, 'app'))
  const { child, port } = await serve(temp.path)
  const http = createHttp()
  const clock = { now: () => Date.now(), sleep: async () => {} }
  const setup: Setup = {
    url: `http://127.0.0.1:${port}/app`,
    directory: temp.path,
    git: createGitClient({
      http: { request: (request, options) => count(() => http.request(request, options)) },
    }),
    store: createArtifactStore({
      directory: join(temp.path, 'store'),
      advertisedAddress: 'localhost',
      clock,
    }),
  }
  try {
    const revision = await measureFetch(report, setup)
    await measurePolls(report, setup, revision)
    measureRealGit(report, setup)
    await measureUnpack(report, setup)
    measureChartIndex(report)
  } finally {
    await http.close()
    child.disconnect()
  }
}

async function measureFetch(report: Report, setup: Setup): Promise<string> {
  // The first run loads code and warms it up; a controller runs for weeks.
  await fetchAndStore(setup)
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const usage = process.cpuUsage()
  const started = performance.now()
  const peak = watchMemory()
  const revision = await fetchAndStore(setup)
  const { user, system } = process.cpuUsage(usage)
  report.figure(`${fileCount} files to artifact, wall`, performance.now() - started, 'ms')
  report.goal(`${fileCount} files to artifact, CPU`, (user + system) / 1e6, { unit: 's', atMost: 1 })
  report.goal('extra memory', (peak() - before) / 1024 ** 2, { unit: 'MB', atMost: 150 })
  return revision
}

async function fetchAndStore({ git, store, url }: Setup): Promise<string> {
  const checkout = await git.checkOut({ url }, { branch: 'main' }, { signal, timeoutMs: 60_000 })
  if (checkout.kind !== 'checkedOut') throw new Error(checkout.kind)
  const { tree, revision } = checkout
  const place = { kind: 'GitRepository', namespace: 'bench', name: 'app', fileName: 'app.tar.gz' }
  await store.archive(place, revision, { tree, isExcluded: sourceIgnoreFilter(tree, undefined) })
  return revision
}

async function measurePolls(report: Report, { git, url }: Setup, lastRevision: string): Promise<void> {
  requests = 0
  const usage = process.cpuUsage()
  for (let i = 0; i < polls; i += 1) {
    // A poll follows a poll, as in a queue with one worker.
    await git.checkOut({ url }, { branch: 'main' }, { signal, timeoutMs: 60_000, lastRevision })
  }
  const { user, system } = process.cpuUsage(usage)
  const cpuMs = (user + system) / 1000 / polls
  report.goal('unchanged poll, CPU', cpuMs, { unit: 'ms', atMost: 5 })
  report.goal('requests of an unchanged poll', requests / polls, { unit: '', atMost: 1 })
  report.goal('500 repositories polled every 30 s', ((cpuMs * 500) / 30_000) * 100, {
    unit: '% of a core',
    atMost: 5,
  })
}

function measureRealGit(report: Report, { directory }: Setup): void {
  // In a process of its own: this one is the server.
  const target = join(directory, 'clone')
  const script = `TIMEFORMAT='%U %S'; time git clone -q --depth 1 file://${directory}/app ${target}`
  const { stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  const seconds = stderr.trim().split(/\s+/).slice(-2).map(Number)
  report.figure('git clone --depth 1 of the same, CPU', (seconds[0] ?? 0) + (seconds[1] ?? 0), 's')
  rmSync(target, { recursive: true, force: true })
}

async function measureUnpack(report: Report, { store, directory }: Setup): Promise<void> {
  const bytes = await store.read({ path: 'gitrepository/bench/app/app.tar.gz' })
  const { digestOf } = await import('@sluice/artifact')
  const http = {
    request: async () => ({ status: 200, headers: new Map<string, string>(), body: once(bytes) }),
  }
  const fetcher = createArtifactFetcher({ http, cacheBytes: 0 })
  const usage = process.cpuUsage()
  await fetcher.fetchTree({ url: `http://${directory}`, digest: digestOf(bytes) }, { signal })
  const { user, system } = process.cpuUsage(usage)
  report.figure('verify and unpack that artifact, CPU', (user + system) / 1000, 'ms')
}

function measureChartIndex(report: Report): void {
  const index = new TextEncoder().encode(chartIndex(50 * 1024 ** 2))
  const usage = process.cpuUsage()
  const { entries } = parseChartIndex(index)
  const { user, system } = process.cpuUsage(usage)
  if (entries.size === 0) throw new Error('the index is empty')
  report.goal('50 MB of chart index, CPU', (user + system) / 1e6, { unit: 's', atMost: 2 })
}

function chartIndex(bytes: number): string {
  const charts: string[] = ['apiVersion: v1\nentries:\n']
  for (let length = 0, i = 0; length < bytes; i += 1) {
    const versions = Array.from({ length: 50 }, (_, version) => chartVersion(`chart-${i}`, `1.${version}.0`))
    const chart = `  chart-${i}:\n${versions.join('')}`
    charts.push(chart)
    length += chart.length
  }
  return charts.join('')
}

function chartVersion(name: string, version: string): string {
  const lines = [
    'apiVersion: v2',
    `appVersion: ${version}`,
    'created: "2023-01-01T00:00:00.000000Z"',
    `description: A Helm chart for something useful, ${name}`,
    `digest: ${'ab'.repeat(32)}`,
    `home: https://example.com/${name}`,
    'keywords:\n    - one\n    - two',
    'maintainers:\n    - email: a@example.com\n      name: ann',
    `name: ${name}`,
    `urls:\n    - https://example.com/charts/${name}-${version}.tgz`,
    `version: ${version}`,
  ]
  return `  - ${lines.join('\n    ')}\n`
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function watchMemory(): () => number {
  let highest = 0
  const look = (): void => {
    highest = Math.max(highest, process.memoryUsage.rss())
  }
  const timer = setInterval(look, 5)
  return () => {
    clearInterval(timer)
    look()
    return highest
  }
}

function createRepository(path: string): void {
  const random = seededRandom(1)
  mkdirSync(path)
  for (let i = 0; i < fileCount; i += 1) {
    const directory = join(path, `team-${i % 20}`, `app-${i % 200}`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(
      join(directory, `file-${i}.yaml`),
      manifest(i, () => random.float()),
    )
  }
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.com', ...args], { cwd: path })
  }
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-q', '-m', 'all')
  git('gc', '-q')
}

function manifest(i: number, random: () => number): string {
  const lines = Array.from({ length: 40 }, (_, line) => `  key-${line}: "${random().toString(36)}"`)
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm-${i}\ndata:\n${lines.join('\n')}\n`
}

async function serve(root: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(new URL('../git-server.ts', import.meta.url), [root], { execArgv: process.execArgv })
  const port = await new Promise<number>((resolve) => child.once('message', (it) => resolve(Number(it))))
  return { child, port }
}

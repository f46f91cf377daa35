import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStorage } from '@sluice/apiserver'
import { closeServer, type Embedded, listenOnLoopback, startEmbedded } from '@sluice/cli'
import { type Cluster, parseKubeConfig, type WatchCache } from '@sluice/cluster'
import { directoryUnder, gitHttpHandler } from '@sluice/git'
import type { Pod, PodFate } from '@sluice/node'
import { silentLogger } from '@sluice/ports'
import { kindDefinitions, resourceOf, type ToolkitObject } from '@sluice/toolkit'
import { helmFor, type Kubectl, kubectlFor } from './kubectl.ts'
import { type ApiAccess, recordedApi } from './recorded-api.ts'
import { startWorld } from './servers/world.ts'
import { startTimeline, type Timeline } from './timeline/timeline.ts'

/** A fresh embedded cluster with the servers that the recorded manifests name. */
export type Environment = AsyncDisposable & {
  readonly cluster: Cluster
  /** What the objects of the toolkit, and their events, go through. */
  readonly timeline: Timeline
  readonly kubectl: Kubectl
  /** Helm, with addresses of the recording's servers put right. */
  readonly helm: Kubectl
  readonly api: ApiAccess
  readonly signal: AbortSignal
  /** An empty folder, gone with the environment. */
  readonly scratch: string
  /** Holds the bare repositories, `<name>.git`, of both `/pub/<name>` and `/cnych/<name>`. */
  readonly gitDirectory: string
  readonly fetchArtifact: (url: string) => Promise<Uint8Array>
  /** The status that the artifact server answers with. */
  readonly statusOf: (url: string) => Promise<number>
  /** Where artifacts are stored. */
  readonly artifactDirectory: string
  /** Adds a tag to an image of the recorded registry. */
  readonly pushImage: (image: string, tag: string) => Promise<void>
  /** Changes an object of the recorded bucket. */
  readonly putObject: (key: string, content: string) => void
  /** Waits until nothing has changed for a while; objects that may be left at work are not waited for. */
  readonly settle: (mayWork?: (object: ToolkitObject) => boolean) => Promise<void>
  /** Waits until controllers have begun with what they were told. */
  readonly notice: () => Promise<void>
  /** Waits until something has changed, or the time is over, in milliseconds. */
  readonly change: (withinMs: number) => Promise<void>
  /** A value for a `requestedAt` annotation. */
  readonly now: () => string
}

const recordedGit = '127.0.0.1:28080'
const recordedArtifacts = '127.0.0.1:29090'
const eventResource = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true }
const credentials = { name: 'cnych', password: 's3cret' }
// What the recorded server answered, since the text is part of recorded messages.
const unauthorizedPage =
  '<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n'
const quietMs = 1_200
const settleWithinMs = 35_000
// Controllers begin within milliseconds; recorded steps followed each other about as fast.
const noticeQuietMs = 500
const noticeWithinMs = 4_000
// A scenario that never comes to rest is not waited for at each of its steps.
const patienceMs = 180_000
const hurriedMs = 2_000
const pollMs = 100

/** @param recordings the folder of all scenarios. */
export async function startEnvironment(recordings: string): Promise<Environment> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-flux-'))
  const gitDirectory = join(directory, 'git')
  const world = await startWorld(recordings)
  const git = createServer(front(gitDirectory, world.charts))
  const gitPort = await listenOnLoopback(git, 0)
  const embedded = await startEmbedded({
    storage: memoryStorage(),
    artifactDirectory: join(directory, 'artifacts'),
    tagDirectory: join(directory, 'tags'),
    ports: { api: 0, artifacts: 0 },
    adminToken: recordedApi.token,
    mirrors: new Map([...world.mirrors, [recordedGit, `http://127.0.0.1:${gitPort}`]]),
    advertisedArtifactAddress: recordedArtifacts,
    fateOf: recordedFate,
    log: silentLogger,
  })
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, embedded.kubeconfig, { mode: 0o600 })
  const stop = new AbortController()
  const startedAt = Date.now()
  const timeline = await startTimeline(embedded.kubeconfig)
  for (const definition of kindDefinitions) timeline.follow(resourceOf(definition))
  timeline.follow(eventResource)
  const getArtifact = (url: string): Promise<Response> =>
    fetch(url.replace(recordedArtifacts, `127.0.0.1:${embedded.ports.artifacts}`))
  return {
    cluster: embedded.cluster,
    timeline,
    api: { url: embedded.url, ca: authorityIn(embedded.kubeconfig) },
    kubectl: kubectlFor(kubeconfig),
    helm: (args, options) =>
      helmFor(kubeconfig)(
        args.map((it) => it.replace(recordedGit, `127.0.0.1:${gitPort}`)),
        options,
      ),
    signal: stop.signal,
    scratch: join(directory, 'scratch'),
    gitDirectory,
    artifactDirectory: join(directory, 'artifacts'),
    fetchArtifact: async (url) => new Uint8Array(await (await getArtifact(url)).arrayBuffer()),
    statusOf: async (url) => {
      const { status, body } = await getArtifact(url)
      await body?.cancel()
      return status
    },
    pushImage: world.pushImage,
    putObject: world.putObject,
    settle: (mayWork = () => false) =>
      settle(embedded, {
        withinMs: Date.now() - startedAt < patienceMs ? settleWithinMs : hurriedMs,
        quietMs,
        mayWork,
        signal: stop.signal,
      }),
    notice: () =>
      settle(embedded, {
        withinMs: noticeWithinMs,
        quietMs: noticeQuietMs,
        mayWork: () => true,
        signal: stop.signal,
      }),
    change: (withinMs) => awaitChange(embedded, { withinMs, signal: stop.signal }),
    now: () => new Date().toISOString(),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await timeline[Symbol.asyncDispose]()
      await embedded[Symbol.asyncDispose]()
      await closeServer(git)
      await world[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** PEM of the CA that a kubeconfig names. */
function authorityIn(kubeconfig: string): string {
  const [cluster] = parseKubeConfig(kubeconfig).clusters.values()
  return Buffer.from(cluster?.['certificate-authority-data'] ?? '', 'base64').toString()
}

/** `/pub/…` and `/charts` for everyone, `/cnych/…` and `/charts-auth` with a password. */
function front(directory: string, charts: RequestListener): RequestListener {
  const serve = gitHttpHandler({
    locate: (path) => directoryUnder(directory, `${path.replace(/^\/(pub|cnych)\//, '/')}.git`),
    authorize: () => 'write',
  })
  const wanted = `Basic ${Buffer.from(`${credentials.name}:${credentials.password}`).toString('base64')}`
  return (request, response) => {
    const [, area = ''] = (request.url ?? '').split('/')
    if (['cnych', 'charts-auth'].includes(area) && request.headers.authorization !== wanted) {
      response
        .writeHead(401, { 'content-type': 'text/html', 'www-authenticate': 'Basic realm="git"' })
        .end(unauthorizedPage)
      return
    }
    if (area.startsWith('charts')) charts(request, response)
    else serve(request, response)
  }
}

/** What the recorded cluster did with pods of certain labels. */
function recordedFate({ metadata: { labels = {} } }: Pod): PodFate | undefined {
  if (labels['lab/never-ready'] === 'true') return 'never-ready'
  return labels['lab/fail'] === 'true' ? 'fails' : undefined
}

type Patience = { readonly withinMs: number; readonly signal: AbortSignal }

type Quiet = Patience & {
  readonly quietMs: number
  readonly mayWork: (object: ToolkitObject) => boolean
}

/** Quiet is when no toolkit object has changed for a while and none says that it is at work. */
async function settle(
  { controllers }: Embedded,
  { withinMs, quietMs: wantedMs, mayWork, signal }: Quiet,
): Promise<void> {
  const caches = toolkitCaches(controllers)
  const isBusy = (): boolean =>
    caches.some((cache) => cache.list().some((it) => isAtWork(it) && !mayWork(it)))
  const end = Date.now() + withinMs
  let seen = versionsIn(caches)
  let since = Date.now()
  while (Date.now() < end && !signal.aborted) {
    await poll()
    const now = versionsIn(caches)
    if (now !== seen || isBusy()) since = Date.now()
    seen = now
    if (Date.now() - since >= wantedMs) return
  }
}

/** Returns when a toolkit object has changed, or when none does in the time. */
async function awaitChange({ controllers }: Embedded, { withinMs, signal }: Patience): Promise<void> {
  const caches = toolkitCaches(controllers)
  const before = versionsIn(caches)
  const end = Date.now() + withinMs
  while (Date.now() < end && !signal.aborted && versionsIn(caches) === before) await poll()
}

function toolkitCaches({ caches }: Embedded['controllers']): readonly WatchCache<ToolkitObject>[] {
  return kindDefinitions.map((it) => caches.cache<ToolkitObject>(resourceOf(it)))
}

function versionsIn(caches: readonly WatchCache<ToolkitObject>[]): string {
  return caches
    .flatMap((cache) => cache.list().map((it) => `${it.metadata.uid}@${it.metadata.resourceVersion}`))
    .join()
}

/** A HelmRelease that waits for something else says that it is at work all the same. */
function isAtWork({ kind, status }: ToolkitObject): boolean {
  const conditions = status?.conditions ?? []
  const working = conditions.find((it) => it.type === 'Reconciling' && it.status === 'True')
  if (working?.reason !== 'Progressing') return false
  const waits = conditions.some((it) => it.type === 'Ready' && it.status === 'False')
  return !(kind === 'HelmRelease' && waits && working.message === 'Fulfilling prerequisites')
}

/** A poll is what is wanted: the point is to notice that nothing happens. */
function poll(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollMs))
}

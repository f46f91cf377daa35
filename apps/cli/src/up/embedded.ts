import { createServer } from 'node:http'
import {
  type ApiServer,
  createApiServer,
  inProcessTransport,
  type Listening,
  type Storage,
  type TlsIdentity,
} from '@sluice/apiserver'
import { artifactHandler, createArtifactStore } from '@sluice/artifact'
import { type Cluster, createCluster, nodeSurroundings, remoteClusters } from '@sluice/cluster'
import {
  type ControllerPlaces,
  type Controllers,
  controllerNames,
  controllerSettings,
  createControllers,
} from '@sluice/controllers'
import { createHttp, systemClock, systemRandom } from '@sluice/host'
import { fileTagStore } from '@sluice/image-reflector-controller'
import { type NodeDeps, runNode } from '@sluice/node'
import type { Logger } from '@sluice/ports'
import { installToolkit } from './install-toolkit.ts'
import { closeServer, listenOnLoopback } from './loopback-server.ts'
import { mirroredHttp } from './mirrored-http.ts'
import { portError } from './port-holder.ts'

/** What the embedded cluster runs on. */
export type EmbeddedOptions = {
  readonly storage: Storage
  /** Where artifacts are kept; made when absent. */
  readonly artifactDirectory: string
  /** Where the tags of scanned images are kept; made when absent. */
  readonly tagDirectory: string
  /** 0 takes any free port. */
  readonly ports: { readonly api: number; readonly artifacts: number }
  /** Made anew when absent. */
  readonly identity?: TlsIdentity
  readonly adminToken?: string
  /** Hosts that are elsewhere: host → origin. See {@link mirroredHttp}. */
  readonly mirrors: ReadonlyMap<string, string>
  /** Host and port in artifacts' URLs, when it is not the artifact server's own; it needs a mirror then. */
  readonly advertisedArtifactAddress?: string
  /** What becomes of simulated pods that ask for nothing themselves; see {@link runNode}. */
  readonly fateOf?: NodeDeps['fateOf']
  /** What this machine's programs may log in to clouds with; without it their providers are refused. */
  readonly surroundings?: ControllerPlaces['surroundings']
  readonly log: Logger
}

/** A cluster with all controllers in this process. */
export type Embedded = AsyncDisposable & {
  readonly cluster: Cluster
  readonly controllers: Controllers
  readonly url: string
  readonly kubeconfig: string
  readonly ports: { readonly api: number; readonly artifacts: number }
}

/** kubectl creates the objects of a file one after the other, a Secret often after what needs it. */
const newObjectDelayMs = 200
/** A person waits for the end. */
const gracePeriodMs = 1_000
/** Where everything is in one process there is no reason to switch a feature off, or to be slow. */
const flags: ReadonlyMap<string, readonly string[]> = new Map([
  ['concurrent', ['4']],
  ['feature-gates', ['ExternalArtifact=true']],
])

/**
 * Starts the API server, the node, the artifact server and all controllers. Returns as soon as the API answers;
 * controllers come up beside.
 *
 * @throws {CliError} when a port is in use.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { storage, log } = options
  const stop = new AbortController()
  const server = await createApiServer({
    storage,
    log,
    ...(options.identity && { identity: options.identity }),
    ...(options.adminToken !== undefined && { adminToken: options.adminToken }),
  })
  const artifacts = createServer(artifactHandler(options.artifactDirectory))
  const [listening, artifactPort] = await Promise.all([
    listenApi(server, options.ports.api),
    listenArtifacts(artifacts, options.ports.artifacts),
  ])
  const cluster = createCluster(inProcessTransport(server))
  await installToolkit(cluster, stop.signal)
  const artifactAddress = options.advertisedArtifactAddress ?? `127.0.0.1:${artifactPort}`
  const hostHttp = createHttp()
  const http = mirroredHttp(
    hostHttp,
    new Map([...options.mirrors, [artifactAddress, `http://127.0.0.1:${artifactPort}`]]),
  )
  const controllers = await createControllers({
    settings: controllerNames.map((name) => controllerSettings(name, { given: flags, env: {} })),
    cluster,
    clock: systemClock,
    random: systemRandom,
    log,
    identity: 'sluice',
    newObjectDelayMs,
    gracePeriodMs,
    places: {
      http,
      clock: systemClock,
      store: createArtifactStore({
        directory: options.artifactDirectory,
        advertisedAddress: artifactAddress,
        clock: systemClock,
      }),
      tags: await fileTagStore(options.tagDirectory),
      ...(options.surroundings && { surroundings: options.surroundings }),
      // Kubeconfigs from Secrets are not trusted to run commands or read files.
      connect: remoteClusters({
        http: hostHttp,
        clock: systemClock,
        surroundings: nodeSurroundings({ env: {}, homeDirectory: '/' }),
        trusted: false,
      }),
    },
  })
  const background = Promise.all([controllers.run(stop.signal), simulateNode(cluster, options, stop.signal)])

  return {
    cluster,
    controllers,
    url: listening.url,
    kubeconfig: server.adminKubeconfig(listening.url),
    ports: { api: listening.port, artifacts: artifactPort },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await background
      await controllers.close()
      await Promise.all([server.close(), closeServer(artifacts), hostHttp.close()])
      await storage.close()
    },
  }
}

function simulateNode(
  cluster: Cluster,
  { fateOf, log }: EmbeddedOptions,
  signal: AbortSignal,
): Promise<void> {
  return runNode({ cluster, clock: systemClock, log, signal, ...(fateOf && { fateOf }) })
}

async function listenApi(server: ApiServer, port: number): Promise<Listening> {
  try {
    return await server.listen({ port })
  } catch (error) {
    throw portError(error instanceof Error && error.cause ? error.cause : error, { port, flag: '--api-port' })
  }
}

async function listenArtifacts(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  try {
    return await listenOnLoopback(server, port)
  } catch (error) {
    throw portError(error, { port, flag: '--artifact-port' })
  }
}

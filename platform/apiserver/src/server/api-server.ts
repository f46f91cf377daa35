import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { systemClock, systemRandom } from '@sluice/host'
import { type Clock, type Logger, type Random, silentLogger } from '@sluice/ports'
import { admissionChain } from '../admission/admission.ts'
import { authenticator, staticToken } from '../auth/authenticate.ts'
import { authorizer } from '../auth/authorize.ts'
import { type Impersonation, impersonate, impersonationOf } from '../auth/impersonate.ts'
import { serviceAccountTokens, tokenSource } from '../auth/service-account-tokens.ts'
import { bootstrap } from '../bootstrap/bootstrap.ts'
import { startControllers } from '../controllers/start.ts'
import { kubeconfigText } from '../http/kubeconfig.ts'
import { type Listening, listenHttps } from '../http/listen.ts'
import { createTlsIdentity, type TlsIdentity } from '../http/tls-identity.ts'
import { Registry } from '../registry/registry.ts'
import { administrator, type User } from '../request/user.ts'
import { memoryStorage } from '../storage/memory-storage.ts'
import type { Storage } from '../storage/storage.ts'
import type { Core } from '../verbs/call.ts'
import { dispatch, type ServerRequest } from './dispatch.ts'
import type { ServerResponse } from './respond.ts'
import { storeRefusal } from './store-refusal.ts'

export type ApiServerOptions = {
  /** Where objects are kept; in memory when absent. The server does not close it. */
  readonly storage?: Storage
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: Logger
  /** Bearer token of the administrator; a random one when absent. */
  readonly adminToken?: string
  /** CA and server certificate; made anew when absent. */
  readonly identity?: TlsIdentity
  /** Field manager of what the built-in controllers write; `kube-controller-manager` when absent. */
  readonly controllerManager?: string
  /** Requests worked on at a time before clients are told to come back. */
  readonly maxConcurrentRequests?: number
}

export type ListenOptions = {
  /** 127.0.0.1 when absent: nothing outside of this machine reaches the server unless asked. */
  readonly host?: string
  /** Any free one when absent or 0. */
  readonly port?: number
}

/** An embedded Kubernetes API server. */
export type ApiServer = {
  /**
   * Answers a request of an already recognised user, without any encoding. Bodies may be frozen and shared.
   * @throws {ApiError} when the request is refused
   */
  readonly handle: (request: ServerRequest) => Promise<ServerResponse>
  /** The user that `user` acts as. @throws {ApiError} when it may not */
  readonly impersonate: (user: User, wanted: Impersonation) => User
  /** Serves HTTPS until the server is closed. @throws {ListenError} */
  readonly listen: (options?: ListenOptions) => Promise<Listening>
  /** A kubeconfig of the administrator for a server at `url`. */
  readonly adminKubeconfig: (url: string) => string
  /** PEM of the CA. */
  readonly ca: string
  /** Ends listeners, watches and controllers. The storage stays open. */
  readonly close: () => Promise<void>
}

const defaultConcurrency = 400

/** Makes a server, with the objects that every cluster has. */
export async function createApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { clock = systemClock, random = systemRandom, log = silentLogger } = options
  const storage = options.storage ?? memoryStorage()
  const identity =
    options.identity ??
    createTlsIdentity(['127.0.0.1', '::1', 'localhost', ...serviceNames], { now: clock.now() })
  const registry = new Registry()
  const stop = new AbortController()
  // As many as there are watches.
  setMaxListeners(0, stop.signal)
  const core: Core = {
    storage,
    registry,
    clock,
    random,
    log,
    admission: admissionChain({ storage, registry }),
    stopped: stop.signal,
  }
  const authorize = authorizer(storage)
  const tokens = serviceAccountTokens(identity.caKey, { storage, clock })
  const services = { core, authorize, tokens }
  const adminToken = options.adminToken ?? randomBytes(24).toString('base64url')
  await bootstrap(core)
  const controllers = startControllers({
    core,
    signal: stop.signal,
    ca: identity.ca,
    manager: options.controllerManager ?? 'kube-controller-manager',
  })
  storage.compact()
  const listeners: Listening[] = []
  const handle = (request: ServerRequest): Promise<ServerResponse> =>
    dispatch(services, request).catch((error: unknown) => {
      throw storeRefusal(error, log)
    })
  return {
    handle,
    impersonate: (user, wanted) => impersonate(user, wanted, authorize),
    ca: identity.ca,
    adminKubeconfig: (url) => kubeconfigText({ url, ca: identity.ca, token: adminToken }),
    listen: async ({ host = '127.0.0.1', port = 0 } = {}) => {
      const listening = await listenHttps(
        {
          handle,
          authenticate: authenticator([staticToken(adminToken, administrator), tokenSource(tokens)]),
          impersonated: (user, headers) => {
            const wanted = impersonationOf(headers)
            return wanted ? impersonate(user, wanted, authorize) : user
          },
          clock,
          log,
          maxConcurrent: options.maxConcurrentRequests ?? defaultConcurrency,
        },
        { host, port, identity },
      )
      listeners.push(listening)
      return listening
    },
    close: async () => {
      stop.abort()
      await Promise.all(listeners.map((it) => it.close()))
      await controllers.ended
    },
  }
}

const serviceNames = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]

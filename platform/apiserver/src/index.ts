/**
 * An embedded Kubernetes API server: real clients talk to it over HTTPS, controllers of the same process without any
 * encoding.
 *
 * @example
 * const server = await createApiServer({ storage: memoryStorage() })
 * const { url } = await server.listen({ port: 0 })
 * writeFileSync('kubeconfig', server.adminKubeconfig(url), { mode: 0o600 })
 * const transport = inProcessTransport(server)
 * await transport.request({ method: 'GET', path: '/api/v1/namespaces' }, { signal })
 * await server.close()
 */
export { ListenError, type Listening } from './http/listen.ts'
export { createTlsIdentity, type TlsIdentity } from './http/tls-identity.ts'
export { administrator, type User } from './request/user.ts'
export {
  type ApiServer,
  type ApiServerOptions,
  createApiServer,
  type ListenOptions,
} from './server/api-server.ts'
export type { ServerRequest } from './server/dispatch.ts'
export { inProcessTransport } from './server/in-process.ts'
export type { ServerResponse } from './server/respond.ts'
export { type FileStorageOptions, fileStorage } from './storage/file/file-storage.ts'
export { memoryStorage } from './storage/memory-storage.ts'
export {
  type ListOptions as StorageListOptions,
  type Precondition,
  type Snapshot,
  type Storage,
  StorageError,
  type StorageErrorCode,
  type StorageEvent,
} from './storage/storage.ts'
export { humanDuration } from './table/format.ts'

/**
 * OCI registries: a client, and a small registry to serve from.
 *
 * @example
 * const { tag = 'latest', ...name } = parseOciReference('oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.0')
 * const repository = ociRepository(name, { http, signal, timeoutMs: 60_000 })
 * const pulled = await repository.pullManifest(tag)
 */
export {
  type OciClientOptions,
  type OciPulled,
  type OciRepositoryClient,
  ociRepository,
} from './client/oci-client.ts'
export type { OciRemote } from './client/registry-session.ts'
export { credentialsFor, type DockerConfig, type OciCredentials, parseDockerConfig } from './credentials.ts'
export { mediaTypes, type OciDescriptor, type OciIndex, type OciManifest } from './manifest.ts'
export { OciError, type OciErrorCode } from './oci-error.ts'
export { type ArtifactPush, pushArtifact } from './push-artifact.ts'
export {
  formatOciReference,
  isOciDigest,
  isOciTag,
  type OciReference,
  type OciRepositoryName,
  parseOciReference,
} from './reference.ts'
export { diskRegistryStore } from './server/disk-store.ts'
export { memoryRegistryStore } from './server/memory-store.ts'
export { type OciRegistryOptions, ociRegistry } from './server/oci-registry.ts'
export { type RegistryOptions, registryHandler } from './server/registry-handler.ts'
export type { RegistryAccess, RegistryUser } from './server/registry-login.ts'
export type { RegistryBounds, RegistryStore, StoredManifest } from './server/registry-store.ts'

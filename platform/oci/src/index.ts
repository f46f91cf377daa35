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
  type OciReference,
  type OciRepositoryName,
  parseOciReference,
} from './reference.ts'
export {
  memoryRegistryStore,
  type RegistryOptions,
  type RegistryStore,
  registryHandler,
  type StoredManifest,
} from './server/registry-handler.ts'

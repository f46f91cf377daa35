/**
 * Artifacts: what sources produce and appliers fetch, stored, served and fetched as Flux does.
 *
 * @example
 * const store = createArtifactStore({ directory, advertisedAddress: 'localhost:9090', clock })
 * const place = { kind: 'GitRepository', namespace: 'apps', name: 'podinfo', fileName: `${commit}.tar.gz` }
 * const artifact = await store.archive(place, `main@sha1:${commit}`, { tree })
 * const tree = await createArtifactFetcher({ http }).fetchTree(artifact, { signal })
 */
export { ArtifactError, type ArtifactErrorCode } from './artifact-error.ts'
export type { Blob, BlobStore, NamedBlob } from './blobs/blob-store.ts'
export {
  createReplicatedStore,
  type ReplicatedStore,
  type ReplicatedStoreOptions,
} from './blobs/replicated-store.ts'
export { type DigestAlgorithm, digestOf, hasDigest } from './digest.ts'
export {
  type ArtifactFetcher,
  type ArtifactFetcherOptions,
  createArtifactFetcher,
  type FetchableArtifact,
} from './fetch/artifact-fetcher.ts'
export { matchGlob } from './ignore/glob.ts'
export {
  type IgnoreFilter,
  ignoreFilter,
  ignorePatternsFilter,
  sourceIgnoreFilter,
} from './ignore/source-ignore.ts'
export { type ArtifactHandlerOptions, artifactHandler } from './server/artifact-handler.ts'
export {
  type ArchiveSource,
  type ArtifactOwner,
  type ArtifactPlace,
  type ArtifactStore,
  type ArtifactStoreOptions,
  createArtifactStore,
  type StoredArtifact,
} from './storage/artifact-store.ts'
export { packTree } from './storage/pack-tree.ts'
export { unpackedPlace } from './unpacked-place.ts'

/**
 * Places outside where an artifact store keeps its files for several replicas: buckets of S3 and registries.
 *
 * @example
 * const blobs = openBlobStore('s3://artifacts/prod?region=eu-west-1', { http, clock, surroundings, signal })
 * const store = createReplicatedStore({ directory, advertisedAddress, clock, blobs })
 */
export { BlobError, type BlobErrorCode } from './blob-error.ts'
export { type BlobPlace, parseBlobUrl } from './blob-url.ts'
export { bucketBlobs } from './bucket-blobs.ts'
export { type OpenBlobsOptions, openBlobStore } from './open-blob-store.ts'
export { registryBlobs } from './registry-blobs.ts'

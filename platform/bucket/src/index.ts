/**
 * Buckets of object stores: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.
 *
 * @example
 * const bucket = s3Bucket({ ...connection, endpoint: 's3.amazonaws.com', bucket: 'apps', credentials })
 * for await (const { key, etag } of bucket.list('prod/')) console.log(key, etag)
 */
export { type AzureCredentials, type AzureOptions, azureContainer } from './azure/azure-client.ts'
export type { BucketClient, BucketConnection, BucketObject, WritableBucket } from './bucket-client.ts'
export { BucketError, type BucketErrorCode } from './bucket-error.ts'
export { type GcsOptions, gcsBucket } from './gcs/gcs-client.ts'
export { type S3Options, s3Bucket } from './s3/s3-client.ts'
export { assumeRoleWithLdap, type LdapLogin } from './s3/sts.ts'

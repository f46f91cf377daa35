import type { Http, HttpProxy, HttpTls } from '@sluice/ports'
import { BucketError } from './bucket-error.ts'

/** An object of a bucket. */
export type BucketObject = { readonly key: string; readonly etag: string; readonly sizeBytes: number }

/** One bucket of an object store. All failures are BucketError or HttpError. */
export interface BucketClient {
  /** Whether the bucket is there and may be read. */
  exists(): Promise<boolean>
  /** Objects whose key begins with `prefix`, in the order of their keys. */
  list(prefix: string): AsyncIterable<BucketObject>
  /** @throws {BucketError} `OBJECT_NOT_FOUND` */
  get(
    key: string,
    options: { readonly maxBytes: number },
  ): Promise<{ readonly content: Uint8Array; readonly etag: string }>
}

/** A bucket that is written to as well. */
export interface WritableBucket extends BucketClient {
  /** Makes or replaces an object; readers see the old one or the new one. */
  put(key: string, content: Uint8Array): Promise<void>
  /** Removes an object; one that is not there is no failure. */
  remove(key: string): Promise<void>
}

/** What every client works with. */
export type BucketConnection = {
  readonly http: Http
  readonly signal: AbortSignal
  /** For each request. */
  readonly timeoutMs: number
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
  /** Milliseconds since the epoch: signatures are dated. */
  readonly now: () => number
}

/** Pages of a listing; a store that never ends is given up. */
export const maxPages = 100_000
export const maxPageBytes: number = 32 * 1024 * 1024

/**
 * Refuses keys that an address cannot carry: `.` and `..` as parts would lead to another place, out of the bucket too.
 *
 * @throws {BucketError} `BUCKET_INVALID`
 */
export function checkKey(key: string): string {
  if (key === '' || key.split('/').some((part) => part === '.' || part === '..')) {
    throw new BucketError('BUCKET_INVALID', `the key ${JSON.stringify(key)} cannot be asked for`)
  }
  return key
}

import type { OciDescriptor } from '../manifest.ts'

export type StoredManifest = { readonly mediaType: string; readonly content: Uint8Array }

/** First and last byte, both included. */
export type BlobRange = { readonly start: number; readonly end: number }

/** A blob on its way in. */
export type BlobUpload = {
  /** Bytes so far. */
  readonly size: () => number
  /** Adds to it. @throws {OciError} `OCI_TOO_LARGE` beyond the store's bounds */
  readonly append: (content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => Promise<void>
  /** Stores it when it is what `digest` says; either way the upload is over. */
  readonly finish: (digest: string) => Promise<boolean>
  /** Forgets it. */
  readonly abandon: () => Promise<void>
}

/** What a manifest is stored under beside its digest. */
export type ManifestNames = {
  readonly digest: string
  readonly tag?: string
  /** The manifest that it refers to, and how that one's list names it. */
  readonly referrer?: { readonly subject: string; readonly descriptor: OciDescriptor }
}

/** Where a registry keeps what it has. Blobs are shared by all repositories. Names and digests were checked before. */
export type RegistryStore = {
  /** Bytes of a blob; nothing when it is not there. */
  readonly blobSize: (digest: string) => Promise<number | undefined>
  readonly readBlob: (digest: string, range: BlobRange) => AsyncIterable<Uint8Array>
  readonly startUpload: () => Promise<BlobUpload>
  /** By tag or digest. */
  readonly getManifest: (repository: string, reference: string) => Promise<StoredManifest | undefined>
  readonly putManifest: (repository: string, manifest: StoredManifest, names: ManifestNames) => Promise<void>
  /** Removes a tag, or a manifest with all its tags. Whether it was there. */
  readonly deleteManifest: (repository: string, reference: string) => Promise<boolean>
  /** Sorted; nothing when there is no such repository. */
  readonly listTags: (repository: string) => Promise<readonly string[] | undefined>
  /** Sorted. */
  readonly listRepositories: () => Promise<readonly string[]>
  /** What refers to the manifest with this digest. */
  readonly listReferrers: (repository: string, digest: string) => Promise<readonly OciDescriptor[]>
}

export type RegistryBounds = {
  /** Largest blob. Default: 1 GiB. */
  readonly maxBlobBytes?: number
  /** All blobs together. Default: 20 GiB. */
  readonly maxTotalBytes?: number
}

export const defaultRegistryBounds: Required<RegistryBounds> = {
  maxBlobBytes: 1024 ** 3,
  maxTotalBytes: 20 * 1024 ** 3,
}

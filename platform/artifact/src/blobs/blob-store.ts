import type { ArtifactOwner, ArtifactPlace } from '../storage/artifact-store.ts'

/** A file that a blob store keeps. What it says of itself is checked by whoever fetches it. */
export type Blob = {
  readonly fileName: string
  readonly digest: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number
}

/** A name in a blob store: a file's own, or a link to one. */
export type NamedBlob = { readonly name: string; readonly blob: Blob }

/**
 * A place outside, such as a bucket or a registry, that keeps the files of an artifact store for all its replicas.
 *
 * A name changes in one step: readers find the old file or the new one, and its content is there as long as the name says
 * so. All failures are ToolkitErrors.
 */
export interface BlobStore {
  /** The file that a name stands for. */
  find(place: ArtifactPlace): Promise<Blob | undefined>
  /** All names of an owner. */
  list(owner: ArtifactOwner): Promise<readonly NamedBlob[]>
  /** The content as the store has it, at most `blob.size` bytes. */
  fetch(owner: ArtifactOwner, blob: Blob): Promise<Uint8Array>
  /** Stores content, then lets its name stand for it. */
  put(owner: ArtifactOwner, blob: Blob, content: Uint8Array): Promise<void>
  /** Lets another name stand for a file that is there. */
  link(owner: ArtifactOwner, name: string, blob: Blob): Promise<void>
  remove(owner: ArtifactOwner, name: string): Promise<void>
  /** Removes content that no name stands for, such as what a crash left. */
  removeUnused(owner: ArtifactOwner): Promise<void>
  /** Removes all of an owner. Whether there was anything. */
  removeAll(owner: ArtifactOwner): Promise<boolean>
}

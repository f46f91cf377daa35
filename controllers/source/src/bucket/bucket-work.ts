import type { BucketClient } from '@sluice/bucket'
import type { Clock, Http } from '@sluice/ports'
import type { Run, Step } from '@sluice/runtime'
import type { Bucket } from '@sluice/toolkit'
import type { SourceDeps } from '../shared/source-deps.ts'

export type BucketDeps = SourceDeps & { readonly http: Http; readonly clock: Clock }

/** What one run works with; steps read and extend it, from the first to the last. */
export type BucketWork = {
  readonly run: Run<Bucket>
  readonly deps: BucketDeps
  client?: BucketClient
  /** Entity tags by key. */
  index: ReadonlyMap<string, string>
  revision: string
  /** The bucket's own ignore file, which is part of the artifact too. */
  ignoreFile: Uint8Array | undefined
  /** Contents by key; empty when nothing has changed. */
  contents: ReadonlyMap<string, Uint8Array>
}

export type BucketStep = Step<BucketWork>

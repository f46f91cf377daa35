import type { Run, Step } from '@sluice/runtime'
import type { ImageRepository } from '@sluice/toolkit'
import type { ImageReflectorDeps } from '../deps.ts'

/** What one run works with; steps read and extend it, from the first to the last. */
export type RepositoryWork = {
  readonly run: Run<ImageRepository>
  readonly deps: ImageReflectorDeps
  /** Of the image; where its tags are kept. */
  name: string
}

export type RepositoryStep = Step<RepositoryWork>

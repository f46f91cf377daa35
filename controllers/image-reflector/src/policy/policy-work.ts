import type { Run, Step } from '@sluice/runtime'
import type { ImagePolicy, ImageRepository } from '@sluice/toolkit'
import type { ImageReflectorDeps } from '../deps.ts'
import type { Decisions } from './decisions.ts'

/** What one run works with; steps read and extend it, from the first to the last. */
export type PolicyWork = {
  readonly run: Run<ImagePolicy>
  readonly deps: ImageReflectorDeps
  readonly decisions: Decisions
  repository?: ImageRepository
  /** The tag that was chosen. */
  tag: string
}

export type PolicyStep = Step<PolicyWork>

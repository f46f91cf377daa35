import type { ChartFile, Rendered } from '@sluice/chart'
import type { Query } from '../lookup-answers.ts'
import type { RenderJob } from '../renderer.ts'
import type { PackedValue } from './packed-values.ts'

/** A {@link RenderJob} on its way to a worker. */
export type PackedJob = Omit<RenderJob, 'chart' | 'values'> & {
  /** Stands for the files of the chart; who does not know it asks. */
  readonly chartId: string
  /** The version that the chart is released as. */
  readonly version: string
  readonly values: ReadonlyMap<string, PackedValue>
}

/** What a worker asks for, or tells. */
export type Question =
  /** Answer: {@link ChartAnswer}. */
  | { readonly kind: 'chart' }
  /** Answer: what was found, in the order of the queries. */
  | { readonly kind: 'lookup'; readonly queries: readonly Query[] }
  /** Nothing is answered. */
  | { readonly kind: 'warn'; readonly messages: readonly string[] }

export type ChartAnswer = readonly ChartFile[]

/** What a worker gives. The chart is where the job comes from. */
export type PackedResult = Pick<Rendered, 'manifests' | 'hooks' | 'notes'> & {
  /** How long it took, in milliseconds. */
  readonly elapsedMs: number
}

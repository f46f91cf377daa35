import type { Capabilities, Chart, MutableValues, PostRender, ReleaseFacts, Rendered } from '@sluice/chart'
import type { PostRendered } from '@sluice/delivery'
import type { Query } from './lookup-answers.ts'

/** A chart that is to be rendered. */
export type RenderJob = {
  readonly chart: Chart
  /** What the user gave. */
  readonly values: MutableValues
  readonly release: ReleaseFacts
  readonly capabilities: Capabilities
  readonly postRendering: PostRendering
  readonly skipSchemaValidation: boolean
}

/** What a HelmRelease says of rendered objects; as data, since it goes to other threads. */
export type PostRendering = {
  readonly strategy: PostRender['strategy']
  readonly helmRelease: PostRendered
}

/** Who renders, and what it needs of the outside. */
export type RenderContext = {
  /** Answers what templates look up: an object or list as JSON, nothing where there is none. */
  readonly answer: (query: Query) => Promise<unknown>
  /** Told of what is odd about the chart. */
  readonly warn: (message: string) => void
  readonly signal: AbortSignal
}

/** What a release takes of a rendered chart. */
export type RenderedRelease = Pick<Rendered, 'manifests' | 'hooks' | 'notes' | 'chart'>

/**
 * Renders charts.
 *
 * @throws {ChartError} {@link ValuesError} {@link TemplateError}, and what `answer` throws
 */
export type RenderRelease = (job: RenderJob, context: RenderContext) => Promise<RenderedRelease>

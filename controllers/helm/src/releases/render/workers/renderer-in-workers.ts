import { type Chart, ChartError, effectiveChart } from '@sluice/chart'
import { JobError, WorkerError, type WorkerPool } from '@sluice/host'
import type { RenderContext, RenderJob, RenderRelease } from '../renderer.ts'
import type { PackedJob, PackedResult, Question } from './packed-job.ts'
import { packValues, UnpackableError } from './packed-values.ts'
import { renderError } from './render-error.ts'

/**
 * The module that workers run, beside this one: in the source, in a built package, and in the bundle, which has it by this
 * name.
 */
export const renderWorker: URL = new URL(
  `./render-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
)

export type WorkerRendering = {
  /** What is rendered in less time, in milliseconds, is not worth a message to another thread. Default: `5`. */
  readonly cheapMs?: number
}

/**
 * Renders in worker threads, so that this one goes on meanwhile. A chart that was rendered in no time is left to `here` the
 * next time, and so is what cannot be sent.
 *
 * @example
 * const pool = workerPool({ module: renderWorker, clock, size: 2 })
 * const render = rendererInWorkers(pool, rendererHere({ ports }))
 */
export function rendererInWorkers(
  pool: WorkerPool,
  here: RenderRelease,
  { cheapMs = 5 }: WorkerRendering = {},
): RenderRelease {
  const factsOf = chartFacts()
  return async (job, context) => {
    const facts = factsOf(job.chart)
    // One render of a chart that nobody knows tells how to do the others.
    await facts.first
    const packed = facts.lastMs < cheapMs ? undefined : pack(job, facts.id)
    if (!packed) return await timed(facts, () => here(job, context))
    try {
      const rendering = render(packed, job, context)
      facts.first ??= rendering.then(nothing, nothing)
      const { elapsedMs, ...result } = await rendering
      facts.lastMs = elapsedMs
      // Much cheaper than to have a chart come back.
      return { ...result, chart: effectiveChart(job.chart, job) }
    } catch (error) {
      if (error instanceof JobError) throw renderError(error.failure)
      if (!(error instanceof WorkerError)) throw error
      throw new ChartError('CHART_TOO_LARGE', `cannot render chart: ${error.message}`, { cause: error })
    }
  }

  async function render(packed: PackedJob, job: RenderJob, context: RenderContext): Promise<PackedResult> {
    const result = await pool.run(packed, {
      affinity: packed.chartId,
      signal: context.signal,
      answer: (question) => answer(question as Question, job, context),
    })
    return result as PackedResult
  }
}

type ChartFacts = {
  readonly id: string
  /** How long it took to render it the last time; without end as long as nobody knows. */
  lastMs: number
  /** The end of the first render. */
  first: Promise<void> | undefined
}

function nothing(): void {}

/** What is known of charts in memory. Versions of one that differ in metadata only share their files, and this. */
function chartFacts(): (chart: Chart) => ChartFacts {
  const known = new WeakMap<Chart['raw'], ChartFacts>()
  let count = 0
  return ({ raw }) => {
    const found = known.get(raw)
    if (found) return found
    count += 1
    const made = { id: `chart ${count}`, lastMs: Number.POSITIVE_INFINITY, first: undefined }
    known.set(raw, made)
    return made
  }
}

async function timed<T>(facts: ChartFacts, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  try {
    return await work()
  } finally {
    facts.lastMs = performance.now() - startedAt
  }
}

function pack({ chart, values, ...job }: RenderJob, chartId: string): PackedJob | undefined {
  try {
    return { ...job, chartId, version: chart.metadata.version, values: packValues(values) }
  } catch (error) {
    if (error instanceof UnpackableError) return undefined
    throw error
  }
}

async function answer(
  question: Question,
  { chart }: RenderJob,
  { answer: find, warn }: RenderContext,
): Promise<unknown> {
  switch (question.kind) {
    case 'chart':
      return chart.raw
    case 'lookup':
      return await Promise.all(question.queries.map((it) => find(it)))
    case 'warn':
      for (const message of question.messages) warn(message)
      return undefined
  }
}

import { ChartError, type Rendered, type RenderOptions, renderChart } from '@sluice/chart'
import { postRenderer } from '@sluice/delivery'
import type { GoValue } from '@sluice/go'
import type { Random } from '@sluice/ports'
import { lookupKey, lookupPass } from '@sluice/template'
import { lookupValue, type Query } from './lookup-answers.ts'
import type { RenderContext, RenderJob, RenderRelease } from './renderer.ts'

/** What templates are rendered with. */
export type RenderTools = Pick<RenderOptions, 'ports' | 'templates'>

/** A chart whose queries depend on each other more deeply is not rendered. */
const maxPasses = 10

/** Renders in the thread that asks for it. */
export function rendererHere(tools: RenderTools): RenderRelease {
  return async (job, { answer, ...context }) => {
    const answerAll = (queries: readonly Query[]): Promise<readonly unknown[]> =>
      Promise.all(queries.map((it) => answer(it)))
    return await renderInPasses(job, { ...context, answerAll }, tools)
  }
}

type PassContext = Pick<RenderContext, 'warn' | 'signal'> & {
  readonly answerAll: (queries: readonly Query[]) => Promise<readonly unknown[]>
}

/**
 * Renders a chart, with what its templates look up in the cluster. All passes see the same time and the same randomness,
 * and only what the last one says counts.
 *
 * @throws {ChartError} {@link ValuesError} {@link TemplateError}, and what `answerAll` throws
 */
export async function renderInPasses(
  job: RenderJob,
  { answerAll, warn, signal }: PassContext,
  { ports, templates }: RenderTools,
): Promise<Rendered> {
  const { postRendering, chart, ...options } = job
  const { strategy, helmRelease } = postRendering
  const postRender = { strategy, transform: postRenderer(helmRelease) }
  const answers = new Map<string, { readonly query: Query; readonly found: unknown }>()
  const now = ports.clock.now()
  const clock = { ...ports.clock, now: () => now }
  const replay = recordedRandom(ports.random)
  for (let pass = 0; pass < maxPasses; pass += 1) {
    signal.throwIfAborted()
    const warnings: string[] = []
    const { lookup, misses } = passOver(answers)
    const attempt = outcomeOf(() =>
      renderChart(chart, {
        ...options,
        postRender,
        lookup,
        ports: { ...ports, clock, random: replay() },
        warn: (message) => warnings.push(message),
        ...(templates && { templates }),
      }),
    )
    const missed = misses()
    if (missed.length === 0) {
      for (const warning of warnings) warn(warning)
      return attempt()
    }
    const found = await answerAll(missed)
    for (const [index, query] of missed.entries()) {
      answers.set(lookupKey(query), { query, found: found[index] })
    }
  }
  throw new ChartError('CHART_INVALID', `lookups depend on each other more than ${maxPasses} times`)
}

/** Templates may change what they are given: each pass has values of its own. */
function passOver(answers: ReadonlyMap<string, { readonly found: unknown }>) {
  const known = new Map<string, GoValue>(
    [...answers].map(([key, { found }]) => [key, lookupValue(found)] as const),
  )
  const pass = lookupPass(known)
  return { lookup: pass.lookup, misses: () => pass.misses }
}

/** A failure of a pass counts only when nothing was missing in it. */
function outcomeOf<T>(work: () => T): () => T {
  try {
    const value = work()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** Sources that give the same numbers again, one for each pass. */
function recordedRandom(random: Random): () => Random {
  const floats: number[] = []
  const parts: Uint8Array[] = []
  return () => {
    let nextFloat = 0
    let nextPart = 0
    return {
      float: () => {
        const value = floats[nextFloat] ?? random.float()
        floats[nextFloat] = value
        nextFloat += 1
        return value
      },
      bytes: (length) => {
        const kept = parts[nextPart]
        const value = kept?.length === length ? kept : random.bytes(length)
        parts[nextPart] = value
        nextPart += 1
        return value.slice()
      },
    }
  }
}

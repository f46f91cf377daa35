import {
  type ActionLog,
  type Capabilities,
  ChartError,
  type Effect,
  type PostRender,
  type Rendered,
  type RenderOptions,
  renderChart,
} from '@sluice/chart'
import type { Cluster } from '@sluice/cluster'
import type { GoValue } from '@sluice/go'
import type { Random } from '@sluice/ports'
import { lookupKey, lookupPass } from '@sluice/template'
import { answerLookup } from './lookup-answers.ts'

export type RenderReleaseOptions = {
  readonly cluster: Cluster
  readonly capabilities: Capabilities
  readonly ports: RenderOptions['ports']
  readonly templates?: RenderOptions['templates']
  readonly postRender: PostRender
  readonly skipSchemaValidation: boolean
  readonly log: (line: ActionLog) => void
  readonly signal: AbortSignal
}

/** A chart whose queries depend on each other more deeply is not rendered. */
const maxPasses = 10

/**
 * Renders a chart, with what its templates look up in the cluster. All passes see the same time and the same randomness.
 *
 * @throws {ChartError} {@link ValuesError} {@link TemplateError} {@link ApiError}
 */
export async function renderRelease(
  { chart, values, release }: Omit<Extract<Effect, { kind: 'render' }>, 'kind'>,
  { cluster, signal, log, templates, ...options }: RenderReleaseOptions,
): Promise<Rendered> {
  const known = new Map<string, GoValue>()
  const now = options.ports.clock.now()
  const clock = { ...options.ports.clock, now: () => now }
  const replay = recordedRandom(options.ports.random)
  const warn = (message: string): void => log({ level: 'warning', message, fields: {} })
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const { lookup, misses } = passOver(known)
    const ports = { ...options.ports, clock, random: replay() }
    const render = (): Rendered =>
      renderChart(chart, {
        ...options,
        ports,
        values,
        release,
        lookup,
        warn,
        ...(templates && { templates }),
      })
    const attempt = outcomeOf(render)
    const missed = misses()
    if (missed.length === 0) return attempt()
    const answers = await Promise.all(missed.map((it) => answerLookup(it, cluster, signal)))
    for (const [index, query] of missed.entries()) known.set(lookupKey(query), answers[index] ?? new Map())
  }
  throw new ChartError('CHART_INVALID', `lookups depend on each other more than ${maxPasses} times`)
}

function passOver(known: ReadonlyMap<string, GoValue>) {
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

// What a worker runs that renders charts. It keeps the charts that it rendered last, parsed, with their templates compiled.
import { chartCache } from '@sluice/chart'
import { type Ask, hostCompression, nodeCrypto, serveJobs, systemClock, systemRandom } from '@sluice/host'
import { renderInPasses } from '../render-in-passes.ts'
import type { ChartAnswer, PackedJob, PackedResult, Question } from './packed-job.ts'
import { unpackValues } from './packed-values.ts'

const maxChartBytes = 64 * 1024 * 1024
const maxTemplateLength = 4 * 1024 * 1024

const ports = { clock: systemClock, random: systemRandom, crypto: nodeCrypto }
const charts = chartCache({
  compression: hostCompression,
  ports,
  maxBytes: maxChartBytes,
  maxTemplateLength,
})
/** Who has lost interest refuses to answer; computing ends by itself or is ended. */
const { signal } = new AbortController()

serveJobs((job, ask) => render(job as PackedJob, ask))

async function render({ chartId, version, values, ...job }: PackedJob, ask: Ask): Promise<PackedResult> {
  const put = (question: Question): Promise<unknown> => ask(question)
  const loaded = charts.get(chartId) ?? charts.load(chartId, (await put({ kind: 'chart' })) as ChartAnswer)
  const { metadata } = loaded
  const chart = metadata.version === version ? loaded : { ...loaded, metadata: { ...metadata, version } }
  const messages: string[] = []
  const warn = (message: string): void => {
    messages.push(message)
  }
  const startedAt = performance.now()
  try {
    const { manifests, hooks, notes } = await renderInPasses(
      { ...job, chart, values: unpackValues(values) },
      {
        answerAll: async (queries) => (await put({ kind: 'lookup', queries })) as readonly unknown[],
        warn,
        signal,
      },
      { ports, templates: charts.templates },
    )
    return { manifests, hooks, notes, elapsedMs: performance.now() - startedAt }
  } finally {
    if (messages.length > 0) await put({ kind: 'warn', messages })
  }
}

import {
  type Chart,
  type ChartError,
  defaultCapabilities,
  loadChartDirectory,
  parseValues,
  ValuesError,
} from '@sluice/chart'
import { hostCompression, nodeCrypto, workerPool } from '@sluice/host'
import { errorChain, memoryFileTree } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { afterAll, describe, expect, test } from 'vitest'
import {
  type RenderJob,
  type RenderRelease,
  rendererHere,
  rendererInWorkers,
  renderWorker,
} from '../src/index.ts'

const clock = fakeClock()
const pool = workerPool({ module: renderWorker, clock, size: 1 })
const here = rendererHere({ ports: { clock, random: seededRandom(1), crypto: nodeCrypto } })
const inWorkers = rendererInWorkers(pool, () => Promise.reject(new TypeError('rendered here')), {
  cheapMs: 0,
})

afterAll(() => pool.close())

const configMap = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  value: ${data}\n`

const hook = `apiVersion: batch/v1
kind: Job
metadata: {name: hook, annotations: {helm.sh/hook: "pre-install,post-upgrade", helm.sh/hook-weight: "3"}}
`

test.for([
  ['objects, hooks and notes', { 'a.yaml': configMap('x'), 'b.yaml': hook, 'NOTES.txt': 'hello' }, {}],
  [
    'kinds of numbers',
    { 'a.yaml': configMap('{{ printf "%T %T %v" .Values.i .Values.f .Values.big }}') },
    {},
  ],
  ['lookups', { 'a.yaml': configMap('{{ (lookup "v1" "Secret" "apps" "token").data.count | kindOf }}') }, {}],
  [
    'lookups that depend on each other',
    {
      'a.yaml': configMap(
        '{{ $s := lookup "v1" "Secret" "apps" "token" }}{{ if $s }}{{ (lookup "v1" "ConfigMap" "" "").items | len }}{{ end }}',
      ),
    },
    {},
  ],
  [
    'post-renderers and common metadata',
    { 'a.yaml': configMap('x') },
    {
      commonMetadata: { labels: { team: 'a' } },
      postRenderers: [
        { kustomize: { patches: [{ patch: metadataPatch(), target: { kind: 'ConfigMap' } }] } },
      ],
    },
  ],
] as const)('%s are the same in a worker', async ([, templates, spec]) => {
  const job = jobOf(chartOf(templates), spec)
  const [local, remote] = await Promise.all([outcome(here, job), outcome(inWorkers, job)])
  expect(remote).toEqual(local)
  expect(local.rendered?.manifests).toHaveLength(1)
})

describe('failures', () => {
  test.for([
    ['a template', chartOf({ 'a.yaml': '{{ fail "no" }}' })],
    ['what is no object', chartOf({ 'a.yaml': '- 1' })],
    ['values that the schema refuses', chartOf({}, { 'values.schema.json': '{"required": ["x"]}' })],
    [
      'endless recursion',
      chartOf({ 'a.yaml': '{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}' }),
    ],
  ] as const)('of %s are told in the same words', async ([, chart]) => {
    const [local, remote] = await Promise.all([outcome(here, jobOf(chart)), outcome(inWorkers, jobOf(chart))])
    expect(local.failure).toBeDefined()
    expect(errorChain(remote.failure)).toBe(errorChain(local.failure))
    expect(remote.failure instanceof ValuesError).toBe(local.failure instanceof ValuesError)
    expect((remote.failure as ChartError).code).toBe((local.failure as ChartError).code)
  })

  test('of queries are those of who answers', async () => {
    const forbidden = new RangeError('secrets is forbidden')
    const job = jobOf(chartOf({ 'a.yaml': configMap('{{ lookup "v1" "Secret" "" "" }}') }))
    const context = { ...contextOf([]), answer: () => Promise.reject(forbidden) }
    await expect(inWorkers(job, context)).rejects.toBe(forbidden)
  })
})

test('a chart that is rendered in no time is left to this thread the next time, by whatever version', async () => {
  const local: string[] = []
  const renderHere: RenderRelease = (job, context) => {
    local.push(job.chart.metadata.version)
    return here(job, context)
  }
  const render = rendererInWorkers(pool, renderHere, { cheapMs: 60_000 })
  const chart = chartOf({ 'a.yaml': configMap('{{ .Chart.Version }}') })
  const other = { ...chart, metadata: { ...chart.metadata, version: '2.0.0' } }
  await render(jobOf(chart), contextOf([]))
  expect(local).toEqual([])
  const { manifests } = await render(jobOf(other), contextOf([]))
  expect(local).toEqual(['2.0.0'])
  expect(manifests[0]?.content).toContain('value: 2.0.0')
})

async function outcome(render: RenderRelease, job: RenderJob) {
  const warnings: string[] = []
  try {
    const { manifests, hooks, notes, chart } = await render(job, contextOf(warnings))
    return { rendered: { manifests, hooks, notes, chart }, warnings, failure: undefined }
  } catch (failure) {
    return { rendered: undefined, warnings, failure: failure as Error }
  }
}

function contextOf(warnings: string[]): Parameters<RenderRelease>[1] {
  return {
    signal: new AbortController().signal,
    warn: (message) => warnings.push(message),
    answer: ({ kind, name }) => {
      const metadata = { name, namespace: 'apps' }
      if (name !== '') return Promise.resolve({ apiVersion: 'v1', kind, metadata, data: { count: 3 } })
      return Promise.resolve({ apiVersion: 'v1', kind: `${kind}List`, items: [{ metadata }, { metadata }] })
    },
  }
}

function jobOf(chart: Chart, spec: RenderJob['postRendering']['helmRelease']['spec'] = {}): RenderJob {
  const values = 'i: 1\nf: 1.5\nbig: 9007199254740993\nunused: {list: [1, null, x, true]}\n'
  return {
    chart,
    values: parseValues(new TextEncoder().encode(values)),
    release: { name: 'app', namespace: 'apps', revision: 1, isInstall: true, isUpgrade: false },
    capabilities: defaultCapabilities,
    postRendering: {
      strategy: 'combined',
      helmRelease: { metadata: { name: 'app', namespace: 'apps' }, spec },
    },
    skipSchemaValidation: false,
  }
}

function chartOf(
  templates: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Chart {
  const tree = memoryFileTree([
    ['Chart.yaml', 'apiVersion: v2\nname: app\nversion: 1.0.0\n'],
    ['values.yaml', 'unused: 1\n'],
    ...Object.entries(files),
    ...Object.entries(templates).map(([name, text]): [string, string] => [`templates/${name}`, text]),
  ])
  return loadChartDirectory(tree, '', { compression: hostCompression })
}

function metadataPatch(): string {
  return '- op: add\n  path: /metadata/annotations\n  value: {a: b}\n'
}

// Charts: ten real ones cold, all recorded ones warm, an umbrella of many, and the cache; beside real helm in the same run.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type Chart,
  chartCache,
  loadChartDirectory,
  type MutableValues,
  packageChart,
  renderChart,
  templateText,
  userValues,
} from '@sluice/chart'
import { hostCompression as compression, diskFileTree, nodeCrypto } from '@sluice/host'
import { memoryFileTree } from '@sluice/ports'
import { seededRandom } from '@sluice/ports/testing'
import { helmFunctions, TemplateCache } from '@sluice/template'
import type { Benchmark, Report } from '../benchmark.ts'
import { coldCpuMs, helm, helmCpuMs, temporaryFolder, warmCpuMs, writeFiles } from '../chart-tools.ts'
import { umbrella } from '../chart-trees.ts'

const recordings = fileURLToPath(new URL('../../../../shared/conformance/helm/real', import.meta.url))
const coldCharts = [
  'linkerd-control-plane',
  'kube-prometheus-stack',
  'aws-load-balancer-controller',
  'kyverno',
  'kafka',
  'wordpress',
  'cilium-bitnami',
  'flux2',
  'redis',
  'traefik',
]
/** What takes helm longer is about the work and not about starting a program. */
const longForHelmMs = 300
/** The least of so many: charts that make keys take their luck. */
const coldRuns = 7
const cachedCharts = 500
const cacheBytes = 256 * 1024 * 1024
const ports = { clock: { now: () => Date.now() }, random: seededRandom(1), crypto: nodeCrypto }

export const benchmark: Benchmark = async (report) => {
  using folder = temporaryFolder()
  if (existsSync(recordings)) {
    const corpus = readCorpus()
    measureCold(report, corpus)
    measureWarm(report, corpus)
    measureCache(report, corpus)
  }
  measureUmbrella(report, folder.path)
  measureGrowth(report)
}

type Recorded = {
  readonly name: string
  readonly directory: string
  /** Files of values that the chart needs. */
  readonly files: readonly string[]
}

/** The recorded charts with the values that they are recorded with first. */
function readCorpus(): readonly Recorded[] {
  return readdirSync(join(recordings, 'charts')).flatMap((name) => {
    const folder = ['base', 'default']
      .map((kind) => join(recordings, 'cases', name, kind))
      .find((path) => existsSync(path))
    if (folder === undefined) return []
    const meta: { readonly valuesFiles?: readonly string[]; readonly exit: number } = JSON.parse(
      readFileSync(join(folder, 'meta.json'), 'utf8'),
    )
    const files = (meta.valuesFiles ?? []).map((file) => join(folder, file))
    return meta.exit === 0 ? [{ name, directory: join(recordings, 'charts', name), files }] : []
  })
}

function measureCold(report: Report, corpus: readonly Recorded[]): void {
  for (const { name, directory, files } of corpus.filter((it) => coldCharts.includes(it.name))) {
    const ours = coldCpuMs(directory, files, coldRuns)
    report.figure(`${name}, cold`, ours, 'ms CPU')
    if (!helm) continue
    const theirs = helmCpuMs(directory, files, coldRuns)
    report.figure(`${name}, helm template`, theirs, 'ms CPU')
    const what = `${name}, cold to helm`
    if (theirs > longForHelmMs) report.goal(what, ours / theirs, { unit: 'x CPU', atMost: 1 })
    else report.figure(what, ours / theirs, 'x CPU')
  }
}

function measureWarm(report: Report, corpus: readonly Recorded[]): void {
  const templates = new TemplateCache(helmFunctions(ports), { maxLength: 64 * 1024 * 1024 })
  const loaded = corpus.map(({ directory, files }) => ({
    chart: loadChartDirectory(diskFileTree(directory), '', { compression }),
    values: () => userValues({ files }, (path) => readFileSync(path)),
  }))
  const ours = warmCpuMs(
    () => loaded.map(({ chart, values }) => render(chart, values(), templates).length),
    3,
  )
  report.figure(`${corpus.length} charts, warm`, ours / corpus.length, 'ms CPU a render')
  if (!helm) return
  const theirs = corpus.reduce((sum, { directory, files }) => sum + helmCpuMs(directory, files, 1), 0)
  report.figure(`${corpus.length} charts, helm template`, theirs / corpus.length, 'ms CPU a render')
  report.goal('all charts, warm to helm', ours / theirs, { unit: 'x CPU', atMost: 0.3 })
}

function render(chart: Chart, values: MutableValues, templates?: TemplateCache): string {
  const rendered = renderChart(chart, {
    release: { name: 'rel', namespace: 'default', isUpgrade: false, isInstall: true, revision: 1 },
    values,
    ports,
    ...(templates && { templates }),
  })
  return templateText(rendered)
}

/** As many distinct charts as a large fleet has, from the archives that their digests name. */
function measureCache(report: Report, corpus: readonly Recorded[]): void {
  const charts = corpus.map(({ directory }) =>
    loadChartDirectory(diskFileTree(directory), '', { compression }),
  )
  const archives = Array.from({ length: cachedCharts }, (_, index) => {
    const chart = charts[index % charts.length]
    if (!chart) throw new Error('there are no charts')
    return packageChart(chart, { compression, version: `1.0.${index}` }).archive
  })
  const cache = chartCache({ compression, ports, maxBytes: cacheBytes })
  const before = usedBytes()
  const cpu = process.cpuUsage()
  for (const [index, archive] of archives.entries()) cache.load(`sha256:${index}`, archive)
  const { user, system } = process.cpuUsage(cpu)
  report.figure('loading a chart', (user + system) / 1e3 / cachedCharts, 'ms CPU')
  report.goal(`of ${cachedCharts} charts kept in a cache of 256 MiB`, cache.count, {
    unit: 'charts',
    atLeast: cachedCharts,
  })
  report.figure('size of the cache by its own count', cache.sizeBytes / 1024 ** 2, 'MiB')
  report.goal('memory that it takes', (usedBytes() - before) / 1024 ** 2, { unit: 'MiB', atMost: 256 })
}

function usedBytes(): number {
  // The collector is asked for here only; the other figures are measured without it.
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function measureUmbrella(report: Report, folder: string): void {
  const files = umbrella(100, 10)
  const ours = umbrellaCpuMs(100, 10)
  report.figure('umbrella of 100 charts with 1,000 tpl calls, warm', ours, 'ms CPU')
  if (!helm) return
  writeFiles(folder, files)
  const theirs = helmCpuMs(folder, [], 1)
  report.figure('umbrella, helm template', theirs, 'ms CPU')
  report.goal('umbrella, warm to helm', ours / theirs, { unit: 'x CPU', atMost: 0.3 })
  report.goal('umbrella, cold to helm', coldCpuMs(folder) / theirs, { unit: 'x CPU', atMost: 1 })
}

/** Four times the charts, or the calls, must cost about four times as much. */
function measureGrowth(report: Report): void {
  const base = umbrellaCpuMs(50, 10)
  report.goal('4x the charts', umbrellaCpuMs(200, 10) / base, { unit: 'x CPU', atMost: 5 })
  report.goal('4x the tpl calls', umbrellaCpuMs(50, 40) / base, { unit: 'x CPU', atMost: 5 })
}

function umbrellaCpuMs(subcharts: number, tplCalls: number): number {
  const chart = loadChartDirectory(memoryFileTree(umbrella(subcharts, tplCalls)), '', { compression })
  const templates = new TemplateCache(helmFunctions(ports))
  return warmCpuMs(() => render(chart, new Map(), templates).length)
}

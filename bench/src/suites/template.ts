// Templates: five real charts rendered warm beside a process of the real helm, includes, YAML in templates, regexes.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GoSlice, type GoValue, goInt } from '@sluice/go'
import { nodeCrypto } from '@sluice/host'
import { seededRandom } from '@sluice/ports/testing'
import {
  chartFiles,
  define,
  type FunctionMap,
  type HelmTemplate,
  helmFunctions,
  helmValues,
  renderHelm,
  TemplateCache,
} from '@sluice/template'
import { parseYamlGo } from '@sluice/yaml'
import { type Benchmark, percentiles, type Report } from '../benchmark.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const charts = resolve(project, '../shared/conformance/helm/real/charts')
/** Charts without dependencies, as only the templates are measured here. */
const chartNames = ['alertmanager', 'cluster-autoscaler', 'descheduler', 'external-dns', 'fluent-bit']
const warmups = 30
const rounds = 40

const functions: FunctionMap = helmFunctions({
  clock: { now: () => Date.now() },
  random: seededRandom(1),
  crypto: nodeCrypto,
})

export const benchmark: Benchmark = async (report) => {
  for (const name of chartNames) measureChart(report, name)
  measureText(report, '1,000 includes', '{{ range 1000 }}{{ include "name" $ }}{{ end }}')
  measureText(report, 'toYaml | nindent of 10 kB', '{{ toYaml .Values.big | nindent 4 }}')
  measureText(
    report,
    'regexReplaceAll over 10 kB',
    '{{ regexReplaceAll "key-([0-9]+)" .Values.text "${1}x" }}',
  )
  measureGrowth(report)
}

function measureChart(report: Report, name: string): void {
  const directory = join(charts, name)
  if (!existsSync(directory)) return
  const cache = new TemplateCache(functions)
  const render = (): number => renderHelm(loadTemplates(directory), { functions, cache }).size
  const cold = cpuMs(() => renderHelm(loadTemplates(directory), { functions }))
  for (let round = 0; round < warmups; round += 1) render()
  const { p50 } = percentiles(Array.from({ length: rounds }, () => cpuMs(render)))
  report.figure(`${name}: first render`, cold, 'ms')
  report.figure(`${name}: warm render`, p50, 'ms')
  const helm = helmCpuMs(directory)
  if (helm === undefined) return
  report.figure(`${name}: helm template, user CPU`, helm, 'ms')
  report.goal(`${name}: warm render / helm process`, p50 / helm, { unit: 'x', atMost: 0.3 })
}

function measureText(report: Report, what: string, text: string): void {
  const cache = new TemplateCache(functions)
  const render = (): number => renderHelm(oneTemplate(text), { functions, cache }).size
  for (let round = 0; round < warmups; round += 1) render()
  report.figure(what, percentiles(Array.from({ length: rounds }, () => cpuMs(render))).p50, 'ms')
}

/** Ten times the input should cost about ten times as much. */
function measureGrowth(report: Report): void {
  report.goal('10x the template costs', costOf(2_000) / costOf(200), { unit: 'x', atMost: 15 })
}

function costOf(lines: number): number {
  const text = '{{ range until 5 }}{{ printf "%d-%s" . $.Values.name | quote }}\n{{ end }}'.repeat(lines)
  const cache = new TemplateCache(functions)
  const render = (): number => renderHelm(oneTemplate(text), { functions, cache }).size
  for (let round = 0; round < warmups; round += 1) render()
  return percentiles(Array.from({ length: rounds }, () => cpuMs(render))).p50
}

function oneTemplate(text: string): ReadonlyMap<string, HelmTemplate> {
  const big = new Map(Array.from({ length: 400 }, (_, at) => [`key-${at}`, `value ${at} of a list`] as const))
  const values = new Map<string, GoValue>([
    [
      'Values',
      helmValues(
        new Map<string, GoValue>([
          ['name', 'web'],
          ['big', big],
          ['text', [...big.keys()].join(' ').repeat(3)],
        ]),
      ),
    ],
  ])
  const basePath = 'c/templates'
  return new Map([
    [
      `${basePath}/_helpers.tpl`,
      { text: '{{ define "name" }}{{ .Values.name | trunc 63 }}{{ end }}', basePath, values },
    ],
    [`${basePath}/t.yaml`, { text, basePath, values }],
  ])
}

function loadTemplates(directory: string): ReadonlyMap<string, HelmTemplate> {
  const metadata = parseYamlGo(readFileSync(join(directory, 'Chart.yaml')))
  const defaults = parseYamlGo(readFileSync(join(directory, 'values.yaml')))
  const [chart, own] = [asMap(metadata), asMap(defaults)]
  const name = basename(directory)
  const values = new Map<string, GoValue>([
    ['Values', helmValues(own)],
    [
      'Chart',
      new Map<string, GoValue>(
        [...chart].map(([key, value]) => [key.slice(0, 1).toUpperCase() + key.slice(1), value]),
      ),
    ],
    [
      'Release',
      new Map<string, GoValue>([
        ['Name', 'rel'],
        ['Namespace', 'ns'],
        ['Service', 'Helm'],
        ['Revision', goInt(1)],
        ['IsInstall', true],
        ['IsUpgrade', false],
      ]),
    ],
    ['Capabilities', capabilities()],
    ['Files', chartFiles(new Map())],
  ])
  const basePath = `${name}/templates`
  return new Map(
    filesBelow(join(directory, 'templates')).map((path) => [
      `${basePath}/${path}`,
      { text: readFileSync(join(directory, 'templates', path), 'utf8'), basePath, values },
    ]),
  )
}

function asMap(value: GoValue): Map<string, GoValue> {
  return value instanceof Map ? value : new Map<string, GoValue>()
}

/** What templates of these charts ask for; the chart engine has the whole of it. */
function capabilities(): GoValue {
  return new Map<string, GoValue>([
    [
      'KubeVersion',
      new Map([
        ['Version', 'v1.37.0'],
        ['GitVersion', 'v1.37.0'],
        ['Major', '1'],
        ['Minor', '37'],
      ]),
    ],
    [
      'APIVersions',
      new GoSlice('common.VersionSet', [], {
        methods: new Map([['Has', define(['string'], () => false)]]),
        underlying: '[]string',
      }),
    ],
  ])
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) =>
        /\.(yaml|tpl|txt)$/.test(path) &&
        statSync(join(directory, path)).isFile() &&
        !path.startsWith('tests'),
    )
    .toSorted()
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  return process.cpuUsage(before).user / 1_000
}

/** User CPU of one process of the real helm; nothing when it is not here. */
function helmCpuMs(directory: string): number | undefined {
  const helm = join(project, 'tools/bin/helm')
  if (!existsSync(helm)) return undefined
  const script = 'TIMEFORMAT=%U; time "$0" template rel "$1" --namespace ns >/dev/null'
  const samples = Array.from({ length: 5 }, () =>
    spawnSync('bash', ['-c', script, helm, directory], { encoding: 'utf8' }),
  )
  return percentiles(samples.map(({ stderr }) => Number(stderr.trim().split('\n').at(-1)) * 1_000)).p50
}

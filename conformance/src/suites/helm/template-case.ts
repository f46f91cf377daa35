import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type Chart,
  ChartError,
  checkInstallable,
  checkReleaseName,
  defaultCapabilities,
  loadChartDirectory,
  loadChartFile,
  type NameFlags,
  parseKubeVersion,
  renderChart,
  renderedName,
  templateText,
  userValues,
} from '@sluice/chart'
import { diskFileTree, hostCompression } from '@sluice/host'
import { expectText, Mismatch } from '../../suite.ts'
import { templatePorts } from '../gotemplate/template-ports.ts'

/** `meta.json` of a case of `helm template`. */
export type TemplateMeta = {
  readonly chart: string
  readonly release: {
    readonly name: string
    readonly namespace: string
    readonly isUpgrade: boolean
    readonly isInstall: boolean
    readonly revision: number
  }
  readonly valuesFiles?: readonly string[]
  readonly set?: readonly string[]
  readonly setString?: readonly string[]
  readonly setFile?: readonly string[]
  readonly setJson?: readonly string[]
  readonly setLiteral?: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly kubeVersion?: string | null
  readonly includeCRDs?: boolean
  readonly skipTests?: boolean
  readonly showOnly?: readonly string[]
  readonly noHooks?: boolean
  readonly skipSchemaValidation?: boolean
  readonly chartPath?: string
  readonly extraArgs?: readonly string[]
  /** Symbolic links of the chart's tree: path → target. */
  readonly links?: Readonly<Record<string, string>>
  readonly exit: number
  /** Parts of the error that come in no fixed order. */
  readonly unstableError?: unknown
}

const ports = templatePorts()
const compression = hostCompression

/** Runs a case as `helm template` would and compares what it prints. */
export function runTemplateCase(group: string, folder: string, meta: TemplateMeta): void {
  let output: string
  try {
    output = template(group, folder, meta)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (meta.exit === 0) throw new Mismatch(`fails: ${error.message}`)
    const order = meta.unstableError ? sortedLines : (text: string): string => text
    expectText(
      order(comparable(`Error: ${error.message}`, group)),
      order(comparable(expectedError(folder), group)),
    )
    return
  }
  if (meta.exit !== 0) throw new Mismatch(`succeeds, want ${expectedError(folder)}`)
  expectText(output, readFileSync(join(folder, 'expected.yaml'), 'utf8'))
}

/** The last `Error:` of what was printed; log lines before it tell the time and the like. */
function expectedError(folder: string): string {
  const text = readFileSync(join(folder, 'expected-error.txt'), 'utf8')
  return text.slice(Math.max(0, text.indexOf('Error:')))
}

function comparable(text: string, group: string): string {
  return text
    .replaceAll(group, '<dir>')
    .replace(/\n\nUse --debug flag to render out invalid YAML\s*$/, '')
    .trim()
}

/** For texts whose lines come in no fixed order. */
function sortedLines(text: string): string {
  return text.split('\n').toSorted().join('\n')
}

function template(group: string, folder: string, meta: TemplateMeta): string {
  const read = (path: string): Uint8Array => readOrExplain(join(folder, path), path)
  const name = renderedName({ name: meta.release.name, ...nameFlags(meta.extraArgs ?? []) }, ports)
  checkReleaseName(name)
  const values = userValues({ ...meta, ...(meta.valuesFiles && { files: meta.valuesFiles }) }, read)
  const chart = loadChart(group, folder, meta)
  checkInstallable(chart)
  const capabilities = {
    kubeVersion: meta.kubeVersion ? parseKubeVersion(meta.kubeVersion) : defaultCapabilities.kubeVersion,
    apiVersions: [...defaultCapabilities.apiVersions, ...(meta.apiVersions ?? [])],
  }
  const rendered = renderChart(chart, {
    release: { ...meta.release, name },
    values,
    ports,
    capabilities,
    skipSchemaValidation: meta.skipSchemaValidation ?? false,
  })
  return templateText(rendered, { ...meta, includeCrds: meta.includeCRDs ?? false })
}

/** Those of the further flags that have to do with names; the others have no effect on what is printed. */
function nameFlags(args: readonly string[]): NameFlags {
  const { values } = parseArgs({
    args: [...args],
    options: { 'name-template': { type: 'string' }, 'generate-name': { type: 'boolean', short: 'g' } },
    strict: false,
  })
  const { 'name-template': nameTemplate, 'generate-name': generateName } = values
  return {
    ...(typeof nameTemplate === 'string' && { nameTemplate }),
    ...(generateName === true && { generateName }),
  }
}

/** Prints what `helm template rel CHART` does. */
export function printRendered(chart: Chart): string {
  const release = { name: 'rel', namespace: 'default', isUpgrade: false, isInstall: true, revision: 1 }
  const capabilities = defaultCapabilities
  checkInstallable(chart)
  return templateText(renderChart(chart, { release, values: new Map(), ports, capabilities }))
}

/** The chart of a case. @throws {ChartError} */
export function loadChart(
  group: string,
  folder: string,
  { chart, chartPath, links }: Pick<TemplateMeta, 'chart' | 'chartPath' | 'links'>,
): Chart {
  if (links) return loadLinked(join(group, 'charts', chart), links)
  const path = chartPath === undefined ? join(group, 'charts', chart) : join(folder, chartPath)
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new ChartError('CHART_MISSING', `path ${JSON.stringify(chartPath)} not found`)
  return found.isFile()
    ? loadChartFile(path, readFileSync(path), { compression })
    : loadChartDirectory(diskFileTree(path), '', { compression, location: path })
}

/** Loads a copy of the chart with its links, which the recordings only list. */
function loadLinked(path: string, links: Readonly<Record<string, string>>): Chart {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-chart-'))
  try {
    cpSync(path, copy, { recursive: true })
    for (const [link, target] of Object.entries(links)) {
      mkdirSync(dirname(join(copy, link)), { recursive: true })
      symlinkSync(target, join(copy, link))
    }
    return loadChartDirectory(diskFileTree(copy), '', { compression, location: path })
  } finally {
    rmSync(copy, { recursive: true })
  }
}

function readOrExplain(file: string, path: string): Uint8Array {
  if (!existsSync(file)) throw new ChartError('CHART_MISSING', `open ${path}: no such file or directory`)
  return readFileSync(file)
}

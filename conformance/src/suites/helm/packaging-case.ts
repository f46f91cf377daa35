import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Chart,
  crdsOf,
  loadChartArchive,
  loadChartFile,
  metadataObject,
  packageChart,
  requireArchive,
} from '@sluice/chart'
import { hostCompression, readTar } from '@sluice/host'
import { jsonMarshal, parseJson } from '@sluice/yaml'
import { expectText, Mismatch } from '../../suite.ts'
import { expectJson } from './expect-json.ts'
import { loadChart, printRendered } from './template-case.ts'

/** `meta.json` of a case of packing or loading. */
export type PackagingMeta = {
  readonly chart: string
  readonly exit: number
  readonly args?: readonly string[]
  readonly archive?: string
  readonly links?: Readonly<Record<string, string>>
}

const compression = hostCompression

/** Packs the chart of a case and looks at what is in the archive. */
export function runPackageCase(group: string, folder: string, meta: PackagingMeta): void {
  let packed: ReturnType<typeof packageChart>
  try {
    packed = packageChart(loadChart(group, folder, meta), { ...options(meta.args ?? []), compression })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (meta.exit === 0) throw new Mismatch(`fails: ${error.message}`)
    expectText(`Error: ${error.message}`, readFileSync(join(folder, 'expected-error.txt'), 'utf8').trim())
    return
  }
  if (meta.exit !== 0) throw new Mismatch('packs what Helm does not')
  const { archive, fileName } = packed
  const { filename, entries, loaded } = expected(folder)
  expectJson(fileName, filename)
  expectJson(members(archive), entries)
  const chart = loadChartArchive(archive, { compression })
  expectJson(described(chart), loaded)
  const yaml = chart.raw.find(({ name }) => name === 'Chart.yaml')?.data
  expectText(new TextDecoder().decode(yaml), readFileSync(join(folder, 'expected-Chart.yaml'), 'utf8'))
  expectRendered(chart, folder)
}

function members(archive: Uint8Array): unknown[] {
  const tar = compression.gunzip(archive, { maxBytes: 200_000_000 })
  return [...readTar(tar)].map((member) => ({
    name: member.path,
    type: member.kind,
    ...(member.kind === 'file' ? { size: member.content.length, mode: `0o${member.mode.toString(8)}` } : {}),
  }))
}

/** Loads the archive of a case and renders it. */
export function runLoadCase(folder: string, { archive = '', exit }: PackagingMeta): void {
  const data = readFileSync(join(folder, archive))
  expectJson(loadedOrError(`./${archive}`, data), expected(folder)['loaded'])
  try {
    expectRendered(loadChartFile(`<dir>/${archive}`, data, { compression }), folder)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Mismatch || exit === 0) throw error
    expectText(`Error: ${error.message}`, readFileSync(join(folder, 'expected-error.txt'), 'utf8').trim())
  }
}

function options(args: readonly string[]): { version?: string; appVersion?: string } {
  const valueOf = (flag: string): string | undefined => {
    const at = args.indexOf(flag)
    return at < 0 ? undefined : args[at + 1]
  }
  const version = valueOf('--version')
  const appVersion = valueOf('--app-version')
  return {
    ...(version === undefined ? {} : { version }),
    ...(appVersion === undefined ? {} : { appVersion }),
  }
}

function expectRendered(chart: Chart, folder: string): void {
  const file = join(folder, 'expected.yaml')
  if (existsSync(file)) expectText(printRendered(chart), readFileSync(file, 'utf8'))
}

function loadedOrError(name: string, data: Uint8Array): unknown {
  try {
    requireArchive(name, data)
    return described(loadChartArchive(data, { compression }))
  } catch (error) {
    if (error instanceof Error) return { error: error.message }
    throw error
  }
}

/** What the recordings tell about a loaded chart. */
function described(chart: Chart): unknown {
  const { metadata, templates, files, values, schema, lock, dependencies } = chart
  return {
    metadata: parseJson(jsonMarshal(metadataObject(metadata))),
    templates: templates.map(({ name }) => name),
    files: files.map(({ name }) => name),
    crds: crdsOf(chart).map(({ path }) => path),
    values: parseJson(jsonMarshal(values ?? null)),
    hasSchema: schema !== undefined,
    lock: lock !== undefined,
    dependencies: dependencies.map(described),
  }
}

function expected(folder: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Readonly<Record<string, unknown>>
}

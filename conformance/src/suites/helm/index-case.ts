import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ChartIndex,
  chooseChartVersion,
  type IndexedChart,
  readChartIndex,
  resolveChartUrl,
  type Warn,
} from '@sluice/chart'
import { quote } from '@sluice/go'
import { expectJson } from './expect-json.ts'

type Query = { readonly chart: string; readonly version: string }
type Pair = { readonly base: string; readonly ref: string }

/** Where the recorded queries resolved addresses. */
const repository = 'https://charts.example.com/stable'

/** Reads the index of a case and answers its queries. */
export function runIndexCase(folder: string): void {
  const lines: string[] = []
  const read = attempt(() => readChartIndex(readFileSync(join(folder, 'index.yaml')), { warn: logTo(lines) }))
  const loadWarnings = lines.toSorted()
  const actual =
    'error' in read
      ? { error: `error loading index.yaml: ${read.error}`, loadWarnings }
      : {
          entries: Object.fromEntries([...read.value.entries].map(([name, it]) => [name, it.map(listed)])),
          error: null,
          loadWarnings,
          queries: (readJson(folder, 'queries.json') as Query[]).map((query) => answer(read.value, query)),
        }
  expectJson(actual, readJson(folder, 'expected.json'))
}

/** Resolves the pairs of a case. */
export function runUrlCase(folder: string): void {
  const actual = (readJson(folder, 'pairs.json') as Pair[]).map(({ base, ref }) => {
    const resolved = attempt(() => resolveChartUrl(base, ref))
    return 'error' in resolved
      ? { base, ref, error: resolved.error, url: '' }
      : { base, ref, error: '', url: resolved.value }
  })
  expectJson(actual, readJson(folder, 'expected.json'))
}

function listed({ name, version, metadata, digest, urls }: IndexedChart): unknown {
  const { appVersion, deprecated } = metadata
  return { appVersion, deprecated, digest: digest ?? '', name, urls, version }
}

function answer(index: ChartIndex, { chart, version }: Query): unknown {
  const warnings: string[] = []
  const chosen = attempt(() =>
    chooseChartVersion(index, { name: chart, range: version, warn: logTo(warnings) }),
  )
  const found = {
    chart,
    version,
    ...(warnings.length > 0 ? { warnings } : {}),
  }
  if ('error' in chosen) return { ...found, error: chosen.error }
  const { urls } = chosen.value
  const [first] = urls
  const resolved = first === undefined ? undefined : attempt(() => resolveChartUrl(repository, first))
  return {
    ...found,
    selected: chosen.value.version,
    urls,
    ...(resolved && ('error' in resolved ? { resolveError: resolved.error } : { url: resolved.value })),
  }
}

/** Writes warnings as Helm's log does. */
function logTo(lines: string[]): Warn {
  return (message, fields) => {
    const { name, version, error, ...rest } = fields
    const shown = { name, version, source: name === undefined ? undefined : 'index.yaml', error, ...rest }
    const pairs = Object.entries({ level: 'WARN', msg: message, ...shown }).filter(
      ([, it]) => it !== undefined,
    )
    lines.push(pairs.map(([key, it]) => `${key}=${logged(String(it))}`).join(' '))
  }
}

function logged(text: string): string {
  return text === '' || /[\s"=]/.test(text) ? quote(text) : text
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: string } {
  try {
    return { value: work() }
  } catch (error) {
    if (error instanceof Error) return { error: error.message }
    throw error
  }
}

function readJson(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

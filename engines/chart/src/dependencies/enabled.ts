import type { Chart, Dependency } from '../chart.ts'
import { coalesceValues } from '../values/coalesce.ts'
import type { MutableValue, MutableValues } from '../values/set-parser.ts'
import { isTable } from '../values/tables.ts'
import { valueAt } from './value-path.ts'
import { isCompatibleRange } from './version-range.ts'

/** Takes Helm's log lines, such as `level=WARN msg="returned non-bool value"`. */
export type Warn = (text: string) => void

/**
 * The chart with the dependencies that conditions and tags leave on, each under its alias, at every level.
 *
 * Source: Helm 4.3, recorded behaviour: conditions win over tags, the first path that exists decides.
 */
export function enableDependencies(chart: Chart, values: MutableValues, warn: Warn): Chart {
  return enable(chart, values, { path: '', warn })
}

type Context = { readonly path: string; readonly warn: Warn }

function enable(chart: Chart, values: MutableValues, { path, warn }: Context): Chart {
  const declared = chart.metadata.dependencies
  if (declared.length === 0) return chart
  const named = declared.map((it) => (it.alias === '' ? it : { ...it, name: it.alias }))
  const undeclared = chart.dependencies.filter((it) => !declared.some((dependency) => isOf(it, dependency)))
  const dependencies = [...undeclared, ...declared.flatMap((it) => aliased(chart.dependencies, it))]
  const whole: Chart = { ...chart, metadata: { ...chart.metadata, dependencies: named }, dependencies }
  const coalesced = coalesceValues(whole, values, { keepNulls: false, warn })
  const decided = named.map((it) => ({ ...it, enabled: isEnabled(it, coalesced, { path, warn }) }))
  const disabled = new Set(decided.filter((it) => !it.enabled).map((it) => it.name))
  const kept = dependencies.filter((it) => !disabled.has(it.metadata.name))
  return {
    ...whole,
    metadata: { ...chart.metadata, dependencies: decided.filter((it) => !disabled.has(it.name)) },
    dependencies: kept.map((it) => enable(it, coalesced, { path: `${path}${it.metadata.name}.`, warn })),
  }
}

function isOf({ metadata }: Chart, { name, version }: Dependency): boolean {
  return metadata.name === name && isCompatibleRange(version, metadata.version)
}

/** The chart that a dependency means, under its alias. */
function aliased(charts: readonly Chart[], dependency: Dependency): Chart[] {
  const found = charts.find((it) => isOf(it, dependency))
  if (!found) return []
  const { alias } = dependency
  return [alias === '' ? found : { ...found, metadata: { ...found.metadata, name: alias } }]
}

function isEnabled(dependency: Dependency, values: MutableValues, context: Context): boolean {
  return byCondition(dependency, values, context) ?? byTags(dependency, values.get('tags'), context)
}

function byCondition(
  { name, condition }: Dependency,
  values: MutableValues,
  { path, warn }: Context,
): boolean | undefined {
  for (const candidate of condition.trim().split(',')) {
    if (candidate === '') continue
    const value = valueAt(values, path + candidate)
    if (typeof value === 'boolean') return value
    if (value !== undefined) {
      warn(`level=WARN msg="returned non-bool value" path=${candidate} chart=${name}`)
    }
  }
  return undefined
}

function byTags({ name, tags }: Dependency, table: MutableValue | undefined, { warn }: Context): boolean {
  if (!isTable(table)) return true
  let isOff = false
  for (const tag of tags) {
    const value = table.get(tag)
    if (value === true) return true
    if (value === false) isOff = true
    else if (value !== undefined) warn(`level=WARN msg="returned non-bool value" tag=${tag} chart=${name}`)
  }
  return !isOff
}

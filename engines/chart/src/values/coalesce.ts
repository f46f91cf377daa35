import { sprintf } from '@sluice/go'
import type { Chart } from '../chart.ts'
import type { MutableValues } from './set-parser.ts'
import { copyTable, isTable, joinPath, mergeTables, removeNulls, ValuesError } from './tables.ts'

export type CoalesceOptions = {
  /** Keep nulls, for a later pass to act on. Otherwise a null removes the key that a chart's default has. */
  readonly keepNulls: boolean
  /** Takes Helm's warnings about values that do not fit. */
  readonly warn: (text: string) => void
}

const globalKey = 'global'

/**
 * Values for a chart and its dependencies: what the user gave before the defaults of each chart; tables merged,
 * everything else replaced, globals handed down. Neither argument is changed.
 *
 * Source: Helm 4.3, recorded behaviour of its null rules.
 * @throws {ValuesError} when a dependency's values are not a table.
 */
export function coalesceValues(chart: Chart, values: MutableValues, options: CoalesceOptions): MutableValues {
  const target = copyTable(values)
  coalesceChart(chart, target, { ...options, path: '' })
  return target
}

type Context = CoalesceOptions & { readonly path: string }

function coalesceChart(chart: Chart, target: MutableValues, context: Context): void {
  const path = joinPath(context.path, chart.metadata.name)
  addDefaults(chart, target, { ...context, path })
  for (const dependency of chart.dependencies) {
    const inner = dependencyTable(dependency.metadata.name, target)
    handDownGlobals(inner, target, { ...context, path })
    coalesceChart(dependency, inner, { ...context, path })
  }
}

function dependencyTable(name: string, target: MutableValues): MutableValues {
  const existing = target.get(name)
  if (existing === undefined) {
    const created: MutableValues = new Map()
    target.set(name, created)
    return created
  }
  if (!isTable(existing)) throw new ValuesError(sprintf('type mismatch on %s: %t', [name, existing]))
  return existing
}

function addDefaults(chart: Chart, target: MutableValues, { keepNulls, warn, path }: Context): void {
  const defaults = chart.values ? copyTable(chart.values) : new Map()
  for (const [key, value] of defaults) {
    const ours = target.get(key)
    if (!target.has(key)) {
      if (!keepNulls && value === null) continue
      // A default null below would shadow a global or print as a Go nil.
      if (!keepNulls && isTable(value)) removeNulls(value)
      target.set(key, value)
    } else if (ours === null && !keepNulls) {
      target.delete(key)
    } else if (isTable(ours) && isTable(value)) {
      // What is meant for a dependency keeps its nulls until that dependency's own pass.
      const keep = keepNulls || chart.dependencies.some(({ metadata }) => metadata.name === key)
      if (!keep) removeNulls(value)
      mergeTables(ours, value, { keepNulls: keep, warn, path: joinPath(path, key as string) })
    } else if (isTable(ours) && value !== null) {
      warn(`warning: skipped value for ${joinPath(path, key as string)}: Not a table.`)
    }
  }
}

function handDownGlobals(inner: MutableValues, outer: MutableValues, { warn, path }: Context): void {
  const target = inner.has(globalKey) ? inner.get(globalKey) : new Map()
  if (!isTable(target)) {
    warn(`warning: skipping globals because destination ${globalKey} is not a table.`)
    return
  }
  const source = outer.has(globalKey) ? outer.get(globalKey) : new Map()
  if (!isTable(source)) {
    warn(`warning: skipping globals because source ${globalKey} is not a table.`)
    return
  }
  for (const [key, value] of source) {
    const existing = target.get(key)
    if (isTable(value)) {
      const copy = new Map(value) as MutableValues
      if (!target.has(key)) target.set(key, copy)
      else if (isTable(existing)) {
        // Top-down here: the outer chart's globals win. Nulls go when the result passes through coalescing.
        mergeTables(copy, existing, { keepNulls: true, warn, path: joinPath(path, key) })
        target.set(key, copy)
      } else {
        warn(`Conflict: cannot merge map onto non-map for ${JSON.stringify(key)}. Skipping.`)
      }
    } else if (isTable(existing)) {
      warn(`key ${key} is table. Skipping`)
    } else {
      target.set(key, value)
    }
  }
  inner.set(globalKey, target)
}

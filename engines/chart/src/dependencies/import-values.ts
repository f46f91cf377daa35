import { type GoValue, sprintf } from '@sluice/go'
import type { Chart, Dependency } from '../chart.ts'
import { coalesceValues } from '../values/coalesce.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { copyTable, mergeTables } from '../values/tables.ts'
import type { Warn } from './enabled.ts'
import { tableAt } from './value-path.ts'

/** One import: the table at `child` of the dependency, laid under the chart's own values at `parent`. */
type Import = { readonly child: string; readonly parent: string }

/**
 * The chart with the values that `import-values` brings up from its dependencies, from the deepest up. A chart's own
 * values win over what it imports.
 */
export function importValues(chart: Chart, warn: Warn): Chart {
  const dependencies = chart.dependencies.map((it) => importValues(it, warn))
  const whole = { ...chart, dependencies }
  if (chart.metadata.dependencies.length === 0) return whole
  const values = coalesceValues(whole, new Map(), { keepNulls: true, warn })
  const imported: MutableValues = new Map()
  for (const { name, importValues: imports } of chart.metadata.dependencies) {
    for (const { child, parent } of imports.flatMap(importOf)) {
      const table = tableAt(values, [name, ...child.split('.')])
      if (table) mergeTables(imported, nested(parent, copyTable(table)), { keepNulls: true, warn, path: '' })
      else warn(missing(name, child, parent))
    }
  }
  const merged = copyTable(values)
  mergeTables(merged, imported, { keepNulls: true, warn, path: '' })
  const metadata = { ...chart.metadata, dependencies: chart.metadata.dependencies.map(spelledOut) }
  return { ...whole, metadata, values: merged }
}

/** The dependency with its imports in their long form, as release records have them. */
function spelledOut(dependency: Dependency): Dependency {
  const imports = dependency.importValues.flatMap(importOf)
  const long = imports.map(({ child, parent }) => new Map(Object.entries({ child, parent })))
  return { ...dependency, importValues: long }
}

function importOf(value: GoValue): Import[] {
  if (typeof value === 'string') return [{ child: `exports.${value}`, parent: '.' }]
  if (!(value instanceof Map)) return []
  return [{ child: text(value.get('child')), parent: text(value.get('parent')) }]
}

function text(value: GoValue): string {
  return sprintf('%v', [value ?? null])
}

function nested(path: string, table: MutableValues): MutableValues {
  if (path === '.') return table
  return path.split('.').reduceRight<MutableValues>((inner, name) => new Map([[name, inner]]), table)
}

function missing(name: string, child: string, parent: string): string {
  const error = `"${name}.${child}" is not a table`
  return parent === '.'
    ? `level=WARN msg="ImportValues missing table" error="${error}"`
    : `level=WARN msg="ImportValues missing table from chart" chart=${name} error="${error}"`
}

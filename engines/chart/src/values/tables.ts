import { sprintf } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'
import type { MutableValue, MutableValues } from './set-parser.ts'

/** Values that cannot be used as they are. The message is Helm's. */
export class ValuesError extends ToolkitError {
  override readonly name = 'ValuesError'
  override readonly isWhole = true

  constructor(message: string, options?: ErrorOptions) {
    super('CHART_VALUES', message, options)
  }
}

/** Whether a value is a table (`map[string]interface {}`). */
export function isTable(value: MutableValue | undefined): value is MutableValues {
  return value instanceof Map
}

/** A deep copy of tables and lists; scalars are shared. */
export function copyValue(value: MutableValue): MutableValue {
  if (isTable(value)) return copyTable(value)
  return Array.isArray(value) ? value.map(copyValue) : value
}

export function copyTable(table: MutableValues): MutableValues {
  const copy: MutableValues = new Map()
  for (const [key, value] of table) copy.set(key, copyValue(value))
  return copy
}

/** Removes null entries of a table and of the tables in it. */
export function removeNulls(table: MutableValues): void {
  for (const [key, value] of table) {
    if (value === null) table.delete(key)
    else if (isTable(value)) removeNulls(value)
  }
}

/** `a.b`, or just `b` at the top. */
export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

export type MergeOptions = {
  /** Keep nulls of the target. Otherwise a null removes a key that the source has a value for. */
  readonly keepNulls: boolean
  /** Takes Helm's warnings. */
  readonly warn: (text: string) => void
  /** Where the tables are, for warnings. */
  readonly path: string
}

/**
 * Adds to `target` what only `source` has, table by table. `target` has precedence and is changed; it takes parts of
 * `source` as they are, so a source that lives on must be copied first.
 *
 * Source: Helm 4.3, recorded behaviour.
 */
export function mergeTables(target: MutableValues, source: MutableValues, options: MergeOptions): void {
  const { keepNulls, warn } = options
  for (const [key, value] of source) {
    const path = joinPath(options.path, key)
    const ours = target.get(key)
    if (!target.has(key)) target.set(key, value)
    else if (ours === null) {
      // A null asks for the default's removal; where the default is null too there is nothing to remove.
      if (!keepNulls && value !== null) target.delete(key)
    } else if (isTable(value)) {
      if (isTable(ours)) mergeTables(ours, value, { ...options, path })
      else warn(`warning: cannot overwrite table with non table for ${path} (${sprintf('%v', [value])})`)
    } else if (isTable(ours) && value !== null) {
      warn(
        `warning: destination for ${path} is a table. Ignoring non-table value (${sprintf('%v', [value])})`,
      )
    }
  }
}

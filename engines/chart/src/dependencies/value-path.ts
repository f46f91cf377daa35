import type { MutableValue, MutableValues } from '../values/set-parser.ts'
import { isTable } from '../values/tables.ts'

/** The value at a dotted path that is no table; `undefined` when there is none. */
export function valueAt(values: MutableValues, path: string): MutableValue | undefined {
  const names = path.split('.')
  const last = names.pop()
  const table = tableAt(values, names)
  if (last === undefined || last === '') return undefined
  const value = table?.get(last)
  return isTable(value) ? undefined : value
}

/** The table at a path. */
export function tableAt(values: MutableValues, names: readonly string[]): MutableValues | undefined {
  let table: MutableValues = values
  for (const name of names) {
    const next = table.get(name)
    if (!isTable(next)) return undefined
    table = next
  }
  return table
}

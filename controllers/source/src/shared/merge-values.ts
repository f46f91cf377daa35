import type { YamlValue } from '@sluice/yaml'

/** Values as they are merged. */
export type ValuesTable = { readonly [key: string]: YamlValue | undefined }

/** Lays one table over another: tables are merged, everything else is replaced. */
export function mergeValues(under: ValuesTable, over: ValuesTable): ValuesTable {
  const merged = new Map(Object.entries(under))
  for (const [key, value] of Object.entries(over)) {
    const old = merged.get(key)
    merged.set(key, isTable(old) && isTable(value) ? mergeValues(old, value) : value)
  }
  return Object.fromEntries(merged)
}

export function isTable(value: unknown): value is ValuesTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import type { JsonObject, JsonValue } from '@sluice/ports'
import { isList, isMap, sortedEntries } from './differences.ts'

/** Keys that come first in a map that has them, the set with the most hits counting. Source: github.com/gonvenience/ytbx. */
const knownOrders: readonly (readonly string[])[] = [
  ['name', 'url', 'version', 'sha1'],
  ['name', 'type', 'source'],
  ['apiVersion', 'kind', 'metadata', 'spec', 'status'],
  ['name'],
  ['key'],
  ['id'],
]
const reserved: ReadonlySet<string> = new Set(['true', 'false', 'null', '.nan', '.inf', '-.inf', '+.inf'])

/**
 * A value as reports of differences print it: YAML for people, which is not always YAML for programs.
 *
 * Source: github.com/gonvenience/neat v1.3, without colours.
 */
export function neatYaml(value: JsonValue): string {
  return [...linesOf(value, '')].join('\n')
}

function* linesOf(value: JsonValue, prefix: string): Generator<string> {
  if (isMap(value) && Object.keys(value).length > 0) {
    for (const [key, item] of humanEntries(value)) yield* entryLines(key, item, prefix)
  } else if (isList(value) && value.length > 0) {
    for (const item of value) {
      const [first = '', ...rest] = linesOf(item, `${prefix}  `)
      yield `${prefix}- ${first.startsWith(`${prefix}  `) ? first.slice(prefix.length + 2) : first}`
      yield* rest
    }
  } else {
    yield* scalarLines(value, prefix)
  }
}

function* entryLines(key: string, value: JsonValue, prefix: string): Generator<string> {
  if (isMap(value) && Object.keys(value).length > 0) {
    yield `${prefix}${key}:`
    yield* linesOf(value, `${prefix}  `)
  } else if (isList(value) && value.length > 0) {
    yield `${prefix}${key}:`
    yield* linesOf(value, prefix)
  } else {
    const [first = '', ...rest] = scalarLines(value, `${prefix}  `)
    yield `${prefix}${key}: ${first}`
    yield* rest
  }
}

function* scalarLines(value: JsonValue, prefix: string): Generator<string> {
  if (isMap(value)) yield '{}'
  else if (isList(value)) yield '[]'
  else if (typeof value !== 'string') yield String(value)
  else if (!value.includes('\n')) yield needsQuotes(value) ? JSON.stringify(value) : value
  else {
    yield '|'
    for (const line of value.split('\n')) yield `${prefix}${line}`
  }
}

function needsQuotes(text: string): boolean {
  return reserved.has(text) || text.startsWith('-') || /^[-+]?[0-9.e+]+$/.test(text) || /[ *&:,]/.test(text)
}

/** Known keys first, then those with the shallowest values; what has no known key stays in order. */
function humanEntries(map: JsonObject): readonly (readonly [string, JsonValue])[] {
  const entries = sortedEntries(map)
  const hits = knownOrders.map((order) => order.filter((key) => Object.hasOwn(map, key)))
  const most = Math.max(...hits.map(({ length }) => length))
  const first = most > 0 ? hits.find(({ length }) => length === most) : undefined
  if (!first) return entries
  const isFirst = new Set(first)
  return [
    ...first.flatMap((key) => entries.filter(([it]) => it === key)),
    ...entries.filter(([key]) => !isFirst.has(key)).toSorted(([, a], [, b]) => depthOf(a) - depthOf(b)),
  ]
}

function depthOf(value: JsonValue): number {
  const inner = isMap(value) ? Object.values(value) : isList(value) ? value : undefined
  if (!inner) return 0
  return inner.reduce((deepest: number, item) => Math.max(deepest, 1 + depthOf(item ?? null)), 0)
}

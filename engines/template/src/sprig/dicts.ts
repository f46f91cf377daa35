import { GoError, type GoFunction, GoMap, type GoValue, goTypeName } from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'
import { textOf } from './cast.ts'
import { textList } from './list-items.ts'
import { merge } from './merge.ts'

const any = 'interface {}'
const dict = 'map[string]interface {}'
const dicts = '...map[string]interface {}'

type Dict = Map<string, GoValue>

/** Sprig's dictionaries. Source: Masterminds/sprig 3.3.0, dict.go. */
export const dictFunctions: FunctionMap = new Map<string, GoFunction>([
  ['dict', define(['...interface {}'], made)],
  ['get', define([dict, 'string'], (map, key) => map?.get(key) ?? (map?.has(key) ? null : ''))],
  ['set', define([dict, 'string', any], (map, key, value) => writable(map).set(key, value))],
  ['unset', define([dict, 'string'], unset)],
  ['hasKey', define([dict, 'string'], (map, key) => map?.has(key) ?? false)],
  ['pluck', define(['string', dicts], plucked)],
  ['keys', define([dicts], (...maps) => textList(maps.flatMap((map) => [...(map?.keys() ?? [])])))],
  ['values', define([dict], (map) => [...(map?.values() ?? [])])],
  ['pick', define([dict, '...string'], picked)],
  [
    'omit',
    define(
      [dict, '...string'],
      (map, ...keys) => new Map([...(map ?? [])].filter(([key]) => !keys.includes(key))),
    ),
  ],
  ['merge', define([dict, dicts], (target, ...sources) => merge(target, sources, false))],
  ['mustMerge', define([dict, dicts], (target, ...sources) => merge(target, sources, false))],
  ['mergeOverwrite', define([dict, dicts], (target, ...sources) => merge(target, sources, true))],
  ['mustMergeOverwrite', define([dict, dicts], (target, ...sources) => merge(target, sources, true))],
  ['dig', define(['...interface {}'], dig)],
])

function made(...words: readonly GoValue[]): Dict {
  const map: Dict = new Map()
  for (let at = 0; at < words.length; at += 2) {
    map.set(textOf(words[at]), at + 1 < words.length ? (words[at + 1] ?? null) : '')
  }
  return map
}

function writable(map: Dict | null): Dict {
  if (!map) throw new GoError('assignment to entry in nil map')
  return map
}

function unset(map: Dict | null, key: string): GoValue {
  map?.delete(key)
  return map ?? new GoMap(dict, null)
}

function plucked(key: string, ...maps: readonly (Dict | null)[]): GoValue {
  return maps.flatMap((map) => (map?.has(key) ? [map.get(key) ?? null] : []))
}

function picked(map: Dict | null, ...keys: readonly string[]): Dict {
  return new Map(keys.flatMap((key) => (map?.has(key) ? [[key, map.get(key)] as const] : [])))
}

function dig(...words: readonly GoValue[]): GoValue {
  if (words.length < 3) throw new GoError('dig needs at least three arguments')
  const keys = words.slice(0, -2)
  let map = asserted(words.at(-1))
  for (const [at, key] of keys.entries()) {
    if (typeof key !== 'string') throw conversion(key, 'string')
    if (!map.has(key)) return words.at(-2)
    const value = map.get(key)
    if (at === keys.length - 1) return value
    map = asserted(value)
  }
  return words.at(-2)
}

/** Go's type assertion, which a named map type does not pass. */
function asserted(value: GoValue): Dict {
  if (value instanceof Map) return value
  throw conversion(value, dict)
}

function conversion(value: GoValue, type: string): GoError {
  const own = value === null || value === undefined ? 'nil' : goTypeName(value)
  return new GoError(`interface conversion: interface {} is ${own}, not ${type}`)
}

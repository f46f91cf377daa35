import { GoError, GoFunction, GoObject, GoSlice, type GoValue, goInt64 } from '@sluice/go'
import { parse, TomlDate, TomlError, type TomlValue } from 'smol-toml'

/**
 * Reads TOML: integers are int64, dates and times time.Time.
 *
 * Source: github.com/BurntSushi/toml 1.6.0, Unmarshal into `map[string]interface {}`
 * @throws {GoError}
 */
export function parseToml(text: string): GoValue {
  try {
    return toGo(parse(text, { integersAsBigInt: true }))
  } catch (cause) {
    if (cause instanceof TomlError) {
      const [message = ''] = cause.message.split('\n')
      throw new GoError(`toml: line ${cause.line}: ${message.replace('Invalid TOML document: ', '')}`, {
        cause,
      })
    }
    throw cause
  }
}

function toGo(value: TomlValue): GoValue {
  if (typeof value === 'bigint') return goInt64(value)
  if (typeof value !== 'object') return value
  if (value instanceof TomlDate) return timeOf(value)
  if (Array.isArray(value)) return listOf(value.map(toGo))
  return new Map(Object.entries(value).map(([key, item]) => [key, toGo(item)]))
}

/** An array of tables has a type of its own in Go. */
function listOf(items: readonly GoValue[]): GoValue {
  const isTables = items.length > 0 && items.every((item) => item instanceof Map)
  return isTables ? new GoSlice('[]map[string]interface {}', items) : items
}

/** A time of the day is one of the year 0. */
function timeOf(date: TomlDate): GoObject {
  const written = date.toISOString()
  const full = date.isTime() ? `0000-01-01T${written}Z` : date.isDate() ? `${written}T00:00:00Z` : written
  const text = full.replace(/\.0+(?=[Z+-])|(?<=T[\d:]+)$/, '').replace(/(?<!Z|[+-]\d\d:\d\d)$/, 'Z')
  const shown = text.replace('T', ' ').replace(/Z$/, ' +0000 UTC')
  return new GoObject(
    'time.Time',
    new Map(),
    new Map([
      ['MarshalText', new GoFunction([], () => text)],
      ['String', new GoFunction([], () => shown)],
    ]),
  )
}

import { formatFloat, GoNamed, quote } from '@sluice/go'
import type { ScalarType, ScalarValue } from './resolve.ts'

/** A mapping's key. `text` is its form in JSON, absent when it has none. */
export type MappingKey = {
  readonly text: string | undefined
  /** Equal for keys that are the same to Go: `1` and `"1"` differ. */
  readonly identity: string
  /** Go's type and syntax, for messages. */
  readonly goType: string
  readonly goSyntax: string
}

const maxInt64 = 2n ** 63n - 1n

/** The key that a scalar of `type` makes. Source: sigs.k8s.io/yaml 1.6, convertToJSONableObject. */
export function mappingKey(type: ScalarType, value: ScalarValue): MappingKey {
  if (typeof value === 'string') {
    return { text: value, identity: `s${value}`, goType: 'string', goSyntax: quote(value) }
  }
  if (value === null) return { text: undefined, identity: 'n', goType: '%!s(<nil>)', goSyntax: '<nil>' }
  if (typeof value === 'boolean') {
    const text = String(value)
    return { text, identity: `b${text}`, goType: 'bool', goSyntax: text }
  }
  if (type === 'float') {
    const text = floatKey(Number(value))
    return { text, identity: `f${String(value)}`, goType: 'float64', goSyntax: goNumber(Number(value)) }
  }
  const text = String(value)
  if (typeof value === 'bigint' && value > maxInt64) {
    return { text: undefined, identity: `u${text}`, goType: 'uint64', goSyntax: `0x${value.toString(16)}` }
  }
  return { text, identity: `i${text}`, goType: 'int', goSyntax: text }
}

function floatKey(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  return formatFloat32(value)
}

/** A value as Go's `%#v` prints it, where it was read into `interface {}`. */
export function goSyntax(value: unknown): string {
  if (value instanceof GoNamed) return quote(value.value)
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return goNumber(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return ''
  if (Array.isArray(value)) return `[]interface {}{${value.map(nested).join(', ')}}`
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  const items = entries
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    .map(([key, item]) => `${goSyntax(key)}:${nested(item)}`)
  return `map[interface {}]interface {}{${items.join(', ')}}`
}

function nested(value: unknown): string {
  return value === null ? 'interface {}(nil)' : goSyntax(value)
}

/** Fewest digits that read back as the same float32, with an exponent where Go's `%g` has one. */
function formatFloat32(value: number): string {
  const single = Math.fround(value)
  for (let precision = 1; precision < 10; precision += 1) {
    const near = Number(single.toPrecision(precision))
    if (Math.fround(near) === single) return formatFloat(near, 'g', -1)
  }
  return formatFloat(single, 'g', -1)
}

function goNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : formatFloat(value, 'g', -1)
}

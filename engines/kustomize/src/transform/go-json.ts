import { compareUtf8 } from '@sluice/ports'
import type { PlainValue } from '@sluice/yaml'

/**
 * JSON as Go's encoding/json writes it: keys in byte order, `<`, `>`, `&` and two line separators escaped; with
 * `indent` on lines of their own.
 */
export function goJson(value: PlainValue, indent = ''): string {
  return write(value, { indent, prefix: indent === '' ? '' : '\n' })
}

/** A string as Go's encoding/json writes it. */
export function goJsonString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, escapeUnit)
}

function write(value: PlainValue, { indent, prefix }: { indent: string; prefix: string }): string {
  if (typeof value === 'string') return goJsonString(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = { indent, prefix: prefix + indent }
  const items = Array.isArray(value)
    ? value.map((it) => write(it, inner))
    : Object.keys(value)
        .toSorted(compareUtf8)
        .map((key) => `${goJsonString(key)}:${indent === '' ? '' : ' '}${write(value[key] ?? null, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (items.length === 0) return `${open}${close}`
  return `${open}${inner.prefix}${items.join(`,${inner.prefix}`)}${prefix}${close}`
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

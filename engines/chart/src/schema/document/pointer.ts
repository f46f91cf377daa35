import { type GoValue, quote } from '@sluice/go'
import { SchemaError } from '../schema-error.ts'
import { escapePointer } from '../violation.ts'
import { locationText } from './uri.ts'

/** The pointer of something in what `pointer` means. */
export function below(pointer: string, ...names: readonly string[]): string {
  return names.reduce((text, name) => `${text}/${escapePointer(name)}`, pointer)
}

/** What a JSON pointer means in the document at `url`. @throws {SchemaError} when there is nothing */
export function lookUp(document: GoValue, url: string, pointer: string): GoValue {
  let current = document
  for (const part of pointer.split('/').slice(1)) {
    if (/~(?![01])/.test(part)) {
      throw new SchemaError(`invalid json-pointer ${quote(locationText(url, pointer))}`)
    }
    const next = member(current, part.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (next === undefined) {
      throw new SchemaError(`json-pointer in ${quote(locationText(url, pointer))} not found`)
    }
    current = next
  }
  return current
}

function member(value: GoValue, name: string): GoValue {
  if (value instanceof Map) return value.get(name)
  return Array.isArray(value) && /^[-+]?\d+$/.test(name) ? value[Number(name)] : undefined
}

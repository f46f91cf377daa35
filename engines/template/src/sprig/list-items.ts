import { GoError, GoInt, GoSlice, type GoValue, goKind } from '@sluice/go'
import { textOf } from './cast.ts'

/** What Go reports when a method is called on the type of nil. */
export const nilDereference = 'runtime error: invalid memory address or nil pointer dereference'

/** The elements of any slice or array; nothing for another value. */
export function itemsOf(value: GoValue): readonly GoValue[] | undefined {
  if (Array.isArray(value)) return value
  if (value instanceof GoSlice) return value.items
  if (value instanceof Uint8Array) return Array.from(value, (byte) => new GoInt('uint8', BigInt(byte)))
  return undefined
}

/**
 * The elements of a list, for Sprig's function `name`.
 *
 * @throws {GoError} with the function's own words for another value; as Go's reflection for nil
 */
export function listItems(complaint: string, value: GoValue): readonly GoValue[] {
  if (value === null || value === undefined) throw new GoError(nilDereference)
  const items = itemsOf(value)
  if (!items) throw new GoError(`${complaint} ${goKind(value)}`)
  return items
}

/** The elements as texts, nil ones left out; a single text for what is no list. Source: sprig strings.go, strslice. */
export function textsOf(value: GoValue): string[] {
  if (value === null || value === undefined) return []
  const items = itemsOf(value)
  if (!items) return [textOf(value)]
  return items.filter((item) => item !== null && item !== undefined).map(textOf)
}

/** A `[]string`. */
export function textList(texts: readonly string[]): GoSlice {
  return new GoSlice('[]string', texts)
}

/** A `[]string` that is nil where nothing was found, as results of Go's regexp package are. */
export function foundList(texts: readonly string[]): GoSlice {
  return new GoSlice('[]string', texts.length === 0 ? null : texts)
}

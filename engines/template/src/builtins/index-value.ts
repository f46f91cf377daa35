import {
  GoError,
  GoInt,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
  goByteLength,
  goElementType,
  goKeyType,
  goKind,
  goStringBytes,
  goTypeName,
} from '@sluice/go'
import { zeroValue } from '../exec/zero.ts'

/** `index x 1 "a"` is `x[1]["a"]`. Source: text/template funcs.go, index. */
export function indexValue(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === undefined || item === null) throw new GoError('index of untyped nil')
  let found: GoValue = item
  for (const index of indexes) found = indexOnce(found, index)
  return found
}

function indexOnce(item: GoValue, index: GoValue): GoValue {
  if (item === undefined || item === null) throw new GoError('index of nil pointer')
  if (item instanceof Map) return item.get(mapKey(index, 'string') as string) ?? null
  if (item instanceof GoMap) {
    const key = mapKey(index, goKeyType(item.underlying))
    return item.entries.get(key) ?? zeroValue(goElementType(item.underlying))
  }
  if (Array.isArray(item)) return element(item, index, 'slice')
  if (item instanceof GoSlice) return element(item.items, index, goKind(item))
  const isText = typeof item === 'string' || item instanceof GoNamed
  if (isText || item instanceof Uint8Array) {
    const bytes = isText ? goStringBytes(typeof item === 'string' ? item : item.value) : item
    const at = boundedIndex(index, bytes.length)
    const byte = bytes[at]
    if (byte === undefined) throw new GoError(`reflect: ${isText ? 'string' : 'slice'} index out of range`)
    return new GoInt('uint8', BigInt(byte))
  }
  throw new GoError(`can't index item of type ${goTypeName(structOf(item))}`)
}

function element(items: readonly GoValue[], index: GoValue, kind: string): GoValue {
  const at = boundedIndex(index, items.length)
  if (at >= items.length) throw new GoError(`reflect: ${kind} index out of range`)
  return items[at]
}

/** An index of at most `limit`; one past the end is caught by whoever indexes, as in Go. */
export function boundedIndex(index: GoValue, limit: number): number {
  if (index === undefined || index === null) throw new GoError('cannot index slice/array with nil')
  if (!(index instanceof GoInt)) {
    throw new GoError(`cannot index slice/array with type ${goTypeName(index)}`)
  }
  const at = BigInt.asIntN(64, index.value)
  if (at < 0n || at > BigInt(limit)) throw new GoError(`index out of range: ${at}`)
  return Number(at)
}

/** A value as a key of a map. Source: text/template funcs.go, prepareArg. */
function mapKey(index: GoValue, type: string): GoValue {
  if (index === undefined || index === null) {
    if (type === 'interface {}') return null
    throw new GoError(`value is nil; should be of type ${type}`)
  }
  const own = goTypeName(index)
  if (own === type || type === 'interface {}') return index
  throw new GoError(`value has type ${own}; should be ${type}`)
}

/** Pointers are followed before they are indexed. */
function structOf(item: GoValue): GoValue {
  const isPointer = item instanceof GoObject && item.type.startsWith('*')
  return isPointer ? new GoObject(item.type.slice(1), item.fields) : item
}

/** `len`. Source: text/template funcs.go, length. */
export function lengthOf(item: GoValue): number {
  if (item === null) throw new GoError('len of nil pointer')
  if (item === undefined) throw new GoError('reflect: call of reflect.Value.Type on zero Value')
  if (typeof item === 'string') return goByteLength(item)
  if (item instanceof GoNamed) return goByteLength(item.value)
  if (Array.isArray(item) || item instanceof Uint8Array) return item.length
  if (item instanceof Map) return item.size
  if (item instanceof GoMap) return item.entries.size
  if (item instanceof GoSlice) return item.items.length
  throw new GoError(`len of type ${goTypeName(structOf(item))}`)
}

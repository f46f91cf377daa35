import { GoError, GoNamed, GoSlice, type GoValue, goByteLength, goByteSlice, goTypeName } from '@sluice/go'
import { capacityOf } from './capacity.ts'
import { boundedIndex } from './index-value.ts'

/** `slice x 1 2` is `x[1:2]`. Source: text/template funcs.go, slice. */
export function sliceValue(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === undefined || item === null) throw new GoError('slice of untyped nil')
  if (indexes.length > 3) throw new GoError(`too many slice indexes: ${indexes.length}`)
  const isText = typeof item === 'string' || item instanceof GoNamed
  if (isText && indexes.length === 3) throw new GoError('cannot 3-index slice a string')
  const { length, capacity } = sizeOf(item)
  const [from = 0, to = length, limit] = indexes.map((index) => boundedIndex(index, capacity))
  if (from > to) throw new GoError(`invalid slice index: ${from} > ${to}`)
  if (limit !== undefined && to > limit) throw new GoError(`invalid slice index: ${to} > ${limit}`)
  if (typeof item === 'string') return goByteSlice(item, from, to)
  if (item instanceof GoNamed) return new GoNamed(item.type, goByteSlice(item.value, from, to), item.methods)
  return subslice(item, from, to)
}

/** Elements `from` to `to` of a slice; beyond its length, within its capacity, are zero values. */
export function subslice(item: GoValue, from: number, to: number): GoValue {
  if (Array.isArray(item)) {
    const kept = item.slice(from, to)
    return to > item.length
      ? [...kept, ...Array.from({ length: to - Math.max(from, item.length) }, () => null)]
      : kept
  }
  if (item instanceof Uint8Array) return item.slice(from, to)
  if (item instanceof GoSlice) {
    const { methods, underlying } = item
    return new GoSlice(item.type, item.items.slice(from, to), { methods, underlying })
  }
  throw new GoError(`can't slice item of type ${goTypeName(item)}`)
}

function sizeOf(item: GoValue): { readonly length: number; readonly capacity: number } {
  if (typeof item === 'string' || item instanceof GoNamed) {
    const length = goByteLength(typeof item === 'string' ? item : item.value)
    return { length, capacity: length }
  }
  if (Array.isArray(item)) return { length: item.length, capacity: capacityOf(item) }
  if (item instanceof GoSlice) return { length: item.items.length, capacity: item.items.length }
  if (item instanceof Uint8Array) return { length: item.length, capacity: item.length }
  throw new GoError(`can't slice item of type ${goTypeName(item)}`)
}

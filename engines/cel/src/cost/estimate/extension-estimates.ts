import { isInt } from '../../values/numbers.ts'
import { type CallEstimate, type CallRule, type EstimatedNode, perCharacter } from './call-estimate.ts'
import { fixed, maxSize, one, type Range } from './range.ts'

const listCost = fixed(10)

function allocation(factor: number, size: Range): CallEstimate {
  return { cost: size.scaled(factor).plus(one).plus(listCost), resultSize: size }
}

/** A literal number; `fallback` for all else. */
function literalSize(node: EstimatedNode | undefined, fallback: bigint): bigint {
  const { expression } = node ?? {}
  if (expression?.kind !== 'literal' || !isInt(expression.value)) return fallback
  return BigInt.asUintN(64, BigInt(expression.value))
}

/** Estimates of the lists and sets extensions. */
export const extensionEstimates: CallRule = ({ overload, target, args, sizeOf }) => {
  const [first, second] = args
  if (overload.startsWith('list_sets_') && first && second) {
    const factor = overload === 'list_sets_equivalent_list' ? 2 : 1
    return { cost: sizeOf(first).times(sizeOf(second)).scaled(factor).plus(one) }
  }
  if (overload === 'lists_range') return allocation(1, fixed(literalSize(first, maxSize)))
  const list = overload.endsWith('_sortByAssociatedKeys') ? first : target
  if (!list) return undefined
  switch (overload) {
    case 'list_slice': {
      const end = literalSize(second, sizeOf(list).max)
      return allocation(1, fixed(BigInt.asUintN(64, end - literalSize(first, 0n))))
    }
    case 'list_reverse':
      return allocation(1, sizeOf(list))
    case 'list_flatten':
      return allocation(1, sizeOf(list))
    case 'list_flatten_int':
      return allocation(Number(literalSize(first, maxSize)), sizeOf(list))
    case 'list_distinct':
      return allocation(2, sizeOf(list).times(sizeOf(list)))
    default:
      return /^list_.*_sort(?:ByAssociatedKeys)?$/.test(overload)
        ? sorting(overload, sizeOf(list))
        : undefined
  }
}

function sorting(overload: string, size: Range): CallEstimate {
  const isText = /^list_(?:string|bytes)_/.test(overload)
  return allocation(isText ? 2 + perCharacter : 2, size.times(size))
}

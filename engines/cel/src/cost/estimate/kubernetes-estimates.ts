import { operators } from '../../syntax/expression.ts'
import { sameType } from '../../types/cel-type.ts'
import { isInt } from '../../values/numbers.ts'
import {
  type CallEstimate,
  type CallRule,
  type EstimatedCall,
  type EstimatedNode,
  perCharacter,
  perPatternCharacter,
} from './call-estimate.ts'
import { fixed, nothing, one, Range, sum } from './range.ts'

const maxFormatLength = 64n
const maxFormatPatternLength = 128
const addressBytes = new Range(4n, 16n)

const constant: CallRule = () => ({ cost: one })
const byFirst: CallRule = ({ args: [first], sizeOf }) => first && { cost: sizeOf(first).scaled(perCharacter) }
const byFirstTwice: CallRule = ({ args: [first], sizeOf }) =>
  first && { cost: sizeOf(first).scaled(2 * perCharacter) }
const parseText: CallRule = ({ args, sizeOf }) => {
  const [text] = args
  if (!text || args.length !== 1) return undefined
  return { cost: sizeOf(text).scaled(perCharacter), resultSize: sizeOf(text) }
}
const transformText: CallRule = ({ target, sizeOf }) =>
  target && { cost: sizeOf(target).scaled(perCharacter), resultSize: sizeOf(target) }
const selectors: CallRule = ({ args: [text], sizeOf }) =>
  text && {
    cost: sizeOf(text).scaled(perCharacter).plus(sizeOf(text).scaled(0.5).scaled(50)).plus(fixed(10)),
  }

/** Items of a list are compared one by one; texts are gone through. */
const searchList: CallRule = ({ name, target, sizeOf }) => {
  if (!target) return undefined
  const item = itemOf(target)
  if (!item) {
    return { cost: name === 'includes' ? sizeOf(target).times(one) : sizeOf(target).scaled(perCharacter) }
  }
  const isText = item.type.kind === 'string' || item.type.kind === 'bytes'
  const each = isText ? one.plus(sizeOf(item).scaled(perCharacter)) : one
  return { cost: sizeOf(target).times(each) }
}

function itemOf({ type, path }: EstimatedNode): EstimatedNode | undefined {
  const [item] = type.parameters
  if (!item) return undefined
  return {
    type: item,
    path: path.length > 0 ? [...path, '@items'] : [],
    expression: undefined,
    size: undefined,
  }
}

const replace: CallRule = ({ target, args: [old, by], sizeOf }) => {
  if (!target || !old || !by) return undefined
  const size = sizeOf(target)
  const longest = replacedSize(size.max, sizeOf(old).min, { size: sizeOf(by).max, isLongest: true })
  const shortest = replacedSize(size.min, sizeOf(old).max, { size: sizeOf(by).min, isLongest: false })
  return { cost: size.scaled(2 * perCharacter), resultSize: new Range(shortest, longest) }
}

/** The length of a text after its replacements; an empty text is found around every character. */
function replacedSize(
  size: bigint,
  old: bigint,
  by: { readonly size: bigint; readonly isLongest: boolean },
): bigint {
  if (old === 0n) return sum(fixed(sum(size, 1n)).times(fixed(by.size)).min, size)
  if (by.isLongest ? by.size <= old : by.size >= old) return size
  const count = fixed(BigInt(Math.min(Math.ceil(Number(size) / Number(old)), 2 ** 64)))
  return count.times(fixed(by.size)).min
}

const split: CallRule = ({ target, args: [, limit], sizeOf }) => {
  if (!target) return undefined
  const size = sizeOf(target)
  const { expression } = limit ?? {}
  const isLimited = expression?.kind === 'literal' && isInt(expression.value)
  const max = isLimited ? BigInt.asUintN(64, BigInt(expression.value)) : size.max
  return { cost: size.scaled(2 * perCharacter), resultSize: new Range(0n, max) }
}

const join: CallRule = ({ target, args: [separator], sizeOf }) => {
  if (!target) return undefined
  const count = sizeOf(target)
  const item = itemOf(target)
  let size = item ? count.times(sizeOf(item)) : nothing
  if (separator) {
    const gaps = new Range(count.min > 0n ? count.min - 1n : 0n, count.max > 0n ? count.max - 1n : 0n)
    size = size.plus(sizeOf(separator).times(gaps))
  }
  return { cost: size.scaled(perCharacter), resultSize: size }
}

const find: CallRule = ({ target, args: [pattern], sizeOf }) => {
  if (!target || !pattern) return undefined
  const size = sizeOf(target)
  const cost = size.plus(one).scaled(perCharacter).times(sizeOf(pattern).scaled(perPatternCharacter))
  return { cost, resultSize: new Range(0n, size.max) }
}

const contains: CallRule = ({ name, overload, args: [other], sizeOf }) => {
  if (!other) return undefined
  let cost = addressBytes.plus(addressBytes).scaled(perCharacter)
  if (name === 'containsCIDR') cost = cost.plus(addressBytes.scaled(perCharacter)).plus(one)
  // A text is parsed first.
  return { cost: overload.endsWith('_string') ? cost.plus(sizeOf(other).scaled(perCharacter)) : cost }
}

const validate: CallRule = ({ args: [text], sizeOf }) =>
  text && {
    cost: sizeOf(text)
      .scaled(perCharacter)
      .scaled(maxFormatPatternLength * perPatternCharacter),
  }

const cheapTypes = new Set(['kubernetes.Quantity', 'kubernetes.Semver', 'net.IP', 'net.CIDR'])

const equality: CallRule = ({ args: [left, right] }) => {
  if (!left || !right || !sameType(left.type, right.type)) return undefined
  const { name } = left.type
  if (cheapTypes.has(name) || name.startsWith('kubernetes.authorization.')) return { cost: one }
  if (name === 'kubernetes.NamedFormat') return { cost: new Range(1n, maxFormatLength).scaled(perCharacter) }
  if (name !== 'kubernetes.URL') return undefined
  return { cost: new Range(1n, right.size?.max ?? 1n).scaled(perCharacter) }
}

const families: readonly (readonly [CallRule, string])[] = [
  [() => ({ cost: fixed(350_000) }), 'check'],
  [constant, 'serviceAccount path group resource subresource namespace name allowed reason error errored'],
  [selectors, 'fieldSelector labelSelector'],
  [searchList, 'isSorted sum max min indexOf lastIndexOf includes'],
  [parseText, 'url jsonpatch.escapeKey'],
  [transformText, 'lowerAscii upperAscii substring trim'],
  [replace, 'replace'],
  [split, 'split'],
  [join, 'join'],
  [find, 'find findAll'],
  [byFirst, 'cidr isIP isCIDR quantity isQuantity semver isSemver'],
  [(call): CallEstimate | undefined => (call.overload === 'cidr_ip' ? { cost: one } : byFirst(call)), 'ip'],
  [byFirstTwice, 'ip.isCanonical'],
  [constant, 'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast'],
  [constant, 'isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan'],
  [constant, 'isLessThan compareTo add sub major minor patch'],
  [constant, 'getScheme getHostname getHost getPort getEscapedPath getQuery'],
  [contains, 'containsIP containsCIDR'],
  [validate, 'validate'],
  [equality, operators.equals],
]
const byName: ReadonlyMap<string, CallRule> = new Map(
  families.flatMap(([rule, names]) => names.split(' ').map((name): [string, CallRule] => [name, rule])),
)

/**
 * How Kubernetes estimates the calls of its libraries. Which rules a CRD may have depends on these figures.
 *
 * Source: https://pkg.go.dev/k8s.io/apiserver/pkg/cel/library#CostEstimator
 */
export function kubernetesEstimates(call: EstimatedCall): CallEstimate | undefined {
  return byName.get(call.name)?.(call)
}

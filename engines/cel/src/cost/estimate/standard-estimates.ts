import { operators } from '../../syntax/expression.ts'
import {
  type CallEstimate,
  type CallRule,
  type EstimatedCall,
  perCharacter,
  perPatternCharacter,
} from './call-estimate.ts'
import { one, Range, smaller, sum } from './range.ts'

const orderings = new Set<string>([
  operators.less,
  operators.lessEquals,
  operators.greater,
  operators.greaterEquals,
])

/** A character is up to four bytes; quoting may escape every one. Sizes that overflow start again at 0. */
const conversions: ReadonlyMap<string, (size: Range) => Range> = new Map([
  ['string_to_bytes', (size: Range): Range => new Range(size.min, BigInt.asUintN(64, size.max * 4n))],
  ['bytes_to_string', (size: Range): Range => new Range(size.min / 4n, size.max)],
  [
    'strings_quote',
    (size: Range): Range => new Range(sum(size.min, 2n), BigInt.asUintN(64, size.max * 2n + 2n)),
  ],
])

const convert: CallRule = ({ overload, args: [text], sizeOf }) => {
  const conversion = conversions.get(overload)
  if (!text || !conversion) return undefined
  return { cost: sizeOf(text).scaled(perCharacter), resultSize: conversion(sizeOf(text)) }
}

const findAffix: CallRule = ({ args: [affix], sizeOf }) =>
  affix && { cost: sizeOf(affix).scaled(perCharacter) }

const match: CallRule = ({ target, args: [pattern], sizeOf }) => {
  if (!target || !pattern) return undefined
  const text = sizeOf(target).plus(one).scaled(perCharacter)
  return { cost: text.times(sizeOf(pattern).scaled(perPatternCharacter)) }
}

const contain: CallRule = ({ target, args: [part], sizeOf }) =>
  target && part && { cost: sizeOf(target).scaled(perCharacter).times(sizeOf(part).scaled(perCharacter)) }

const add: CallRule = ({ overload, args: [left, right], sizeOf }) => {
  if (!left || !right) return undefined
  const size = sizeOf(left).plus(sizeOf(right))
  return { cost: overload === 'add_list' ? one : size.scaled(perCharacter), resultSize: size }
}

/** Comparisons stop at the end of the shorter value. */
const compare: CallRule = ({ args: [left, right], sizeOf }) => {
  if (!left || !right) return undefined
  const max = smaller(sizeOf(left).max, sizeOf(right).max)
  return { cost: new Range(max > 0n ? 1n : 0n, max).scaled(perCharacter) }
}

const byOverload: ReadonlyMap<string, CallRule> = new Map<string, CallRule>([
  ['string_format', ({ target, sizeOf }) => target && { cost: sizeOf(target).scaled(perCharacter) }],
  ...[...conversions.keys()].map((overload): [string, CallRule] => [overload, convert]),
  ['starts_with_string', findAffix],
  ['ends_with_string', findAffix],
  ['in_list', ({ args: [, list], sizeOf }) => list && { cost: sizeOf(list) }],
  ['matches_string', match],
  ['contains_string', contain],
  ['add_string', add],
  ['add_bytes', add],
  ['add_list', add],
  ['equals', compare],
  ['not_equals', compare],
])

/** Estimates of the language's own functions, without their arguments; `sizeOf` is what CEL itself knows. */
export function standardEstimate(call: EstimatedCall): CallEstimate {
  const { name, overload } = call
  const isTextOrdering = orderings.has(name) && (overload.endsWith('_string') || overload.endsWith('_bytes'))
  const rule = isTextOrdering ? compare : byOverload.get(overload)
  return rule?.(call) ?? { cost: one }
}

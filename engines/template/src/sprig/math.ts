import {
  atoi,
  type Budget,
  GoError,
  type GoFunction,
  GoSlice,
  type GoValue,
  goInt,
  goInt64,
  NumError,
  parseInteger,
  sprint,
} from '@sluice/go'
import { define, defineWithBudget, type FunctionMap } from '../functions.ts'
import { attempt, toFloat64, toInt64 } from './cast.ts'
import {
  addDecimals,
  type Decimal,
  decimalOf,
  decimalToFloat,
  divideDecimals,
  multiplyDecimals,
  subtractDecimals,
} from './decimal.ts'

const any = 'interface {}'
const anys = '...interface {}'

/** Sprig's arithmetic. Source: Masterminds/sprig 3.3.0, numeric.go and functions.go. */
export const mathFunctions: FunctionMap = new Map<string, GoFunction>([
  ['atoi', define(['string'], (text) => goInt(nearestInteger(text)))],
  ['int', define([any], (value) => goInt(toInt64(value)))],
  ['int64', define([any], (value) => goInt64(toInt64(value)))],
  ['float64', define([any], toFloat64)],
  ['toDecimal', define([any], (value) => goInt64(attempt(() => parseInteger(sprint([value]), 8)) ?? 0n))],
  ['add1', define([any], (value) => goInt64(toInt64(value) + 1n))],
  ['add', define([anys], (...values) => goInt64(values.reduce((sum: bigint, it) => sum + toInt64(it), 0n)))],
  ['sub', define([any, any], (a, b) => goInt64(toInt64(a) - toInt64(b)))],
  ['div', define([any, any], (a, b) => goInt64(toInt64(a) / divisor(b)))],
  ['mod', define([any, any], (a, b) => goInt64(toInt64(a) % divisor(b)))],
  ['mul', define([any, anys], (first, ...rest) => goInt64(rest.reduce(multiplied, toInt64(first))))],
  ['max', define([any, anys], (first, ...rest) => goInt64(rest.reduce(larger, toInt64(first))))],
  ['biggest', define([any, anys], (first, ...rest) => goInt64(rest.reduce(larger, toInt64(first))))],
  ['min', define([any, anys], (first, ...rest) => goInt64(rest.reduce(smaller, toInt64(first))))],
  ['maxf', define([any, anys], (first, ...rest) => Math.max(toFloat64(first), ...rest.map(toFloat64)))],
  ['minf', define([any, anys], (first, ...rest) => Math.min(toFloat64(first), ...rest.map(toFloat64)))],
  ['add1f', define([any], (value) => decimals(addDecimals, value, [goInt(1)]))],
  ['addf', define([anys], (...values) => decimals(addDecimals, 0, values))],
  ['subf', define([any, anys], (first, ...rest) => decimals(subtractDecimals, first, rest))],
  ['mulf', define([any, anys], (first, ...rest) => decimals(multiplyDecimals, first, rest))],
  ['divf', define([any, anys], (first, ...rest) => decimals(divideDecimals, first, rest))],
  ['ceil', define([any], (value) => Math.ceil(toFloat64(value)))],
  ['floor', define([any], (value) => Math.floor(toFloat64(value)))],
  [
    'round',
    define([any, 'int', '...float64'], (value, places, half = 0.5) =>
      round(toFloat64(value), Number(places.value), half),
    ),
  ],
  [
    'until',
    defineWithBudget(['int'], (budget, { value }) =>
      integers(steps(budget, { from: 0n, to: value, step: value < 0n ? -1n : 1n })),
    ),
  ],
  [
    'untilStep',
    defineWithBudget(['int', 'int', 'int'], (budget, from, to, step) =>
      integers(steps(budget, { from: from.value, to: to.value, step: step.value })),
    ),
  ],
  [
    'seq',
    defineWithBudget(['...int'], (budget, ...bounds) =>
      sequence(
        budget,
        bounds.map((it) => it.value),
      ),
    ),
  ],
])

/** Sprig drops the error of Atoi but keeps the number, which is the nearest one when out of range. */
function nearestInteger(text: string): bigint {
  try {
    return atoi(text)
  } catch (cause) {
    if (cause instanceof NumError) return BigInt(cause.value)
    throw cause
  }
}

function divisor(value: GoValue): bigint {
  const number = toInt64(value)
  if (number === 0n) throw new GoError('runtime error: integer divide by zero')
  return number
}

function multiplied(product: bigint, value: GoValue): bigint {
  return BigInt.asIntN(64, product * toInt64(value))
}

function larger(most: bigint, value: GoValue): bigint {
  const number = toInt64(value)
  return number > most ? number : most
}

function smaller(least: bigint, value: GoValue): bigint {
  const number = toInt64(value)
  return number < least ? number : least
}

function decimals(
  operate: (a: Decimal, b: Decimal) => Decimal,
  first: GoValue,
  rest: readonly GoValue[],
): number {
  const start = decimalOf(toFloat64(first))
  return decimalToFloat(
    rest.reduce((result: Decimal, it) => operate(result, decimalOf(toFloat64(it))), start),
  )
}

function round(value: number, places: number, half: number): number {
  const power = places < 0 ? 1 / 10 ** -places : 10 ** places
  const shifted = power * value
  const fraction = shifted - Math.trunc(shifted)
  return (fraction >= half ? Math.ceil(shifted) : Math.floor(shifted)) / power
}

type Steps = { readonly from: bigint; readonly to: bigint; readonly step: bigint }

function steps(budget: Budget, { from, to, step }: Steps): bigint[] {
  const down = to < from
  if (down ? step >= 0n : step <= 0n) return []
  const distance = down ? from - to : to - from
  const size = down ? -step : step
  budget.spend(Number(distance / size) * 8)
  const values: bigint[] = []
  for (let at = from; down ? at > to : at < to; at += step) values.push(at)
  return values
}

function integers(values: readonly bigint[]): GoSlice {
  return new GoSlice('[]int', values.map(goInt))
}

/** Numbers as the program seq prints them, but on one line. */
function sequence(budget: Budget, bounds: readonly bigint[]): string {
  if (bounds.length === 0 || bounds.length > 3) return ''
  const [from = 0n, given = 0n, to = 0n] =
    bounds.length === 1 ? [1n, 0n, bounds[0]] : bounds.length === 2 ? [bounds[0], 0n, bounds[1]] : bounds
  const direction = to < from ? -1n : 1n
  const step = bounds.length === 3 ? given : direction
  if (direction < 0n && step > 0n) return ''
  return steps(budget, { from, to: to + direction, step }).join(' ')
}

import { sizeOf } from '../library/standard/operators.ts'
import { operators } from '../syntax/expression.ts'
import { type CelValue, OptionalValue } from '../values/value.ts'

/** What a call costs, from its arguments and result. */
export type TrackCost = (args: readonly CelValue[], result: CelValue) => number

/** A rule for calls: by name and signature, `undefined` where it has nothing to say. */
export type CostRule = (name: string, overload: string) => TrackCost | undefined

const textFactor = 0.1
const patternFactor = 0.25
const one: TrackCost = () => 1

/** Finds what calls cost: by the rules of an environment first, then by those of the language. */
export class CostTracker {
  readonly #rules: readonly CostRule[]

  constructor(rules: readonly CostRule[]) {
    this.#rules = rules
  }

  trackerOf(name: string, overload: string): TrackCost {
    for (const rule of this.#rules) {
      const tracker = rule(name, overload)
      if (tracker) return tracker
    }
    return languageCost(name, overload)
  }
}

/** The size of a value that its cost depends on; what has none counts as one. */
export function costSize(value: CelValue | undefined): number {
  if (value === undefined) return 1
  if (typeof value === 'number' || typeof value === 'boolean') return 1
  const inner = value instanceof OptionalValue && value.value !== undefined ? value.value : value
  return sizeOf(inner) ?? 1
}

export function scanCost(size: number, factor: number = textFactor): number {
  return Math.ceil(size * factor)
}

const byFirst: TrackCost = ([text]) => scanCost(costSize(text))
const bySmaller: TrackCost = ([a, b]) => scanCost(Math.min(costSize(a), costSize(b)))
const bySum: TrackCost = ([a, b]) => scanCost(costSize(a) + costSize(b))

/** What matching a pattern costs: each part of a pattern is taken to be four characters long. */
export function patternCost(textSize: number, patternSize: number): number {
  return scanCost(1 + textSize) * scanCost(patternSize, patternFactor)
}

const orders = ['less', 'less_equals', 'greater', 'greater_equals']
const bySignature: ReadonlyMap<string, TrackCost> = new Map<string, TrackCost>([
  ['starts_with_string', ([, part]) => scanCost(costSize(part))],
  ['ends_with_string', ([, part]) => scanCost(costSize(part))],
  ['string_to_bytes', byFirst],
  ['bytes_to_string', byFirst],
  ['strings_quote', byFirst],
  ['string_format', byFirst],
  ['in_list', ([, list]) => costSize(list)],
  ...orders.flatMap((order): [string, TrackCost][] => [
    [`${order}_string`, bySmaller],
    [`${order}_bytes`, bySmaller],
  ]),
  ['add_string', bySum],
  ['add_bytes', bySum],
  ['matches_string', ([text, pattern]) => patternCost(costSize(text), costSize(pattern))],
  ['contains_string', ([text, part]) => scanCost(costSize(text)) * scanCost(costSize(part))],
])

function languageCost(name: string, overload: string): TrackCost {
  if (name === operators.equals || name === operators.notEquals) return bySmaller
  return bySignature.get(overload) ?? one
}

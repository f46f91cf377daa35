import type { TrackCost } from '../cost/cost-tracker.ts'
import { operators } from '../syntax/expression.ts'
import type { CelValue } from '../values/value.ts'
import { type Evaluate, spend } from './frame.ts'

type Pair = { readonly left: Evaluate; readonly right: Evaluate }
type Slow = { readonly run: (a: CelValue, b: CelValue) => CelValue; readonly cost: TrackCost }

const numeric: ReadonlyMap<string, (a: number, b: number) => CelValue> = new Map([
  [operators.less, (a: number, b: number): CelValue => a < b],
  [operators.lessEquals, (a: number, b: number): CelValue => a <= b],
  [operators.greater, (a: number, b: number): CelValue => a > b],
  [operators.greaterEquals, (a: number, b: number): CelValue => a >= b],
  [operators.equals, (a: number, b: number): CelValue => a === b],
  [operators.notEquals, (a: number, b: number): CelValue => a !== b],
])

/**
 * Comparisons of small ints, and equality of strings without a detour; anything else goes the general way.
 * `undefined` for other operators.
 */
export function fastBinary(name: string, { left, right }: Pair, { run, cost }: Slow): Evaluate | undefined {
  const compare = numeric.get(name)
  if (!compare) return undefined
  const isEquality = name === operators.equals || name === operators.notEquals
  const whenEqual = name === operators.equals
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    if (typeof a === 'number' && typeof b === 'number') {
      spend(frame, 1)
      return compare(a, b)
    }
    // Up to ten characters cost one, as long as they are as many code points as code units.
    if (isEquality && typeof a === 'string' && typeof b === 'string' && isShort(a) && isShort(b)) {
      spend(frame, 1)
      return (a === b) === whenEqual
    }
    const result = run(a, b)
    spend(frame, cost([a, b], result))
    return result
  }
}

/** Between 1 and 10 code points for sure. */
function isShort(text: string): boolean {
  return text.length > 0 && text.length <= 10
}

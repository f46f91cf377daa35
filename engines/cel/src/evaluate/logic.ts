import { CelError, noSuchOverload } from '../values/value.ts'
import { CelProgramError, type Evaluate } from './frame.ts'
import type { PlanNode } from './node.ts'

/** `&&` and `||`: a term that decides makes the failures of others irrelevant, whichever comes first. */
export function planLogic(isAnd: boolean, terms: readonly PlanNode[]): Evaluate {
  const [left, right] = terms
  if (!left || !right) throw new CelProgramError('logical operator without terms')
  const first = left.evaluate
  const second = right.evaluate
  const decisive = !isAnd
  return (frame) => {
    const a = first(frame)
    if (a === decisive) return a
    const b = second(frame)
    if (b === decisive) return b
    if (a === b && typeof a === 'boolean') return a
    if (typeof a !== 'boolean') return a instanceof CelError ? a : noSuchOverload
    return b instanceof CelError ? b : noSuchOverload
  }
}

import { ToolkitError } from '@sluice/ports'
import type { CelValue } from '../values/value.ts'

/** The state of one evaluation. */
export type Frame = {
  /** The value of a variable of the environment; `undefined` when it has none. */
  readonly variable: (name: string) => CelValue | undefined
  /** Variables of macros; `undefined` before an accumulator is first read. */
  readonly slots: (CelValue | undefined)[]
  cost: number
  readonly costLimit: number
}

/** A compiled expression. */
export type Evaluate = (frame: Frame) => CelValue

/** Thrown when an evaluation has cost more than it may. */
export class CelCostError extends ToolkitError {
  override readonly name = 'CelCostError'
  readonly cost: number

  constructor(cost: number) {
    super('CEL_COST_EXCEEDED', 'operation cancelled: actual cost limit exceeded')
    this.cost = cost
  }
}

/** An expression that cannot be run, such as a call of a function with a wrong number of arguments. */
export class CelProgramError extends ToolkitError {
  override readonly name = 'CelProgramError'

  constructor(message: string) {
    super('CEL_PROGRAM_INVALID', message)
  }
}

export function spend(frame: Frame, cost: number): void {
  frame.cost += cost
  if (frame.cost > frame.costLimit) throw new CelCostError(frame.cost)
}

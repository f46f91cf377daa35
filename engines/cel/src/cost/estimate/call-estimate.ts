import type { Expression } from '../../syntax/expression.ts'
import type { CelType } from '../../types/cel-type.ts'
import type { Range } from './range.ts'

/** An argument of a call whose cost is estimated. */
export type EstimatedNode = {
  /** Where the value comes from: a variable, then fields, `@items`, `@keys` and `@values`; nothing if unknown. */
  readonly path: readonly string[]
  readonly type: CelType
  readonly expression: Expression | undefined
  readonly size: Range | undefined
}

export type CallEstimate = { readonly cost: Range; readonly resultSize?: Range }

export type EstimatedCall = {
  readonly name: string
  readonly overload: string
  readonly target: EstimatedNode | undefined
  readonly args: readonly EstimatedNode[]
  /** The size of a value; the greatest possible where nothing is known. */
  readonly sizeOf: (node: EstimatedNode) => Range
}

/** Estimates calls of some functions; `undefined` for others. */
export type CallRule = (call: EstimatedCall) => CallEstimate | undefined

/** What going through a text costs for every character. */
export const perCharacter = 0.1
/** What a pattern adds for every character of it. */
export const perPatternCharacter = 0.25

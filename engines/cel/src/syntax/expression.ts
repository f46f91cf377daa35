import type { CelValue } from '../values/value.ts'

/** What every node has: a number of its own and where it stands, in code points (-1: nowhere). */
export type NodeFields = { readonly id: number; readonly offset: number }

export type Literal = NodeFields & { readonly kind: 'literal'; readonly value: CelValue }
/** A name; a leading dot means the outermost scope. */
export type Ident = NodeFields & { readonly kind: 'ident'; readonly name: string }
export type Select = NodeFields & {
  readonly kind: 'select'
  readonly operand: Expression
  readonly field: string
  /** Whether this is `has(operand.field)`. */
  readonly isTest: boolean
}
/** Operators are calls of functions such as `_+_` and `_?_:_`. */
export type Call = NodeFields & {
  readonly kind: 'call'
  readonly name: string
  readonly target: Expression | undefined
  readonly args: readonly Expression[]
}
export type ListLiteral = NodeFields & {
  readonly kind: 'list'
  readonly elements: readonly Expression[]
  /** Which elements are optionals whose value is left out when there is none. */
  readonly optionals: ReadonlySet<number>
}
export type MapEntry = NodeFields & {
  readonly key: Expression
  readonly value: Expression
  readonly isOptional: boolean
}
export type MapLiteral = NodeFields & { readonly kind: 'map'; readonly entries: readonly MapEntry[] }
export type MessageField = NodeFields & {
  readonly name: string
  readonly value: Expression
  readonly isOptional: boolean
}
export type MessageLiteral = NodeFields & {
  readonly kind: 'message'
  readonly typeName: string
  readonly fields: readonly MessageField[]
}
/**
 * What the macros become: `result` after `accumulator` has gone from `initial` through `step` for every item of
 * `range`, as long as `condition` holds.
 */
export type Comprehension = NodeFields & {
  readonly kind: 'comprehension'
  readonly range: Expression
  readonly variable: string
  /** Set for the forms with two variables: index and item, or key and value. */
  readonly variable2: string | undefined
  readonly accumulator: string
  readonly initial: Expression
  readonly condition: Expression
  readonly step: Expression
  readonly result: Expression
}
/** What a reported error left. */
export type Broken = NodeFields & { readonly kind: 'broken' }

export type Expression =
  | Literal
  | Ident
  | Select
  | Call
  | ListLiteral
  | MapLiteral
  | MessageLiteral
  | Comprehension
  | Broken

/** Names of the functions that operators call. */
export const operators = {
  conditional: '_?_:_',
  and: '_&&_',
  or: '_||_',
  not: '!_',
  negate: '-_',
  equals: '_==_',
  notEquals: '_!=_',
  less: '_<_',
  lessEquals: '_<=_',
  greater: '_>_',
  greaterEquals: '_>=_',
  add: '_+_',
  subtract: '_-_',
  multiply: '_*_',
  divide: '_/_',
  modulo: '_%_',
  index: '_[_]',
  optionalIndex: '_[?_]',
  optionalSelect: '_?._',
  in: '@in',
  notStrictlyFalse: '@not_strictly_false',
} as const

/** The function of an infix operator. */
export const infixOperators: ReadonlyMap<string, string> = new Map([
  ['==', operators.equals],
  ['!=', operators.notEquals],
  ['<', operators.less],
  ['<=', operators.lessEquals],
  ['>', operators.greater],
  ['>=', operators.greaterEquals],
  ['+', operators.add],
  ['-', operators.subtract],
  ['*', operators.multiply],
  ['/', operators.divide],
  ['%', operators.modulo],
  ['in', operators.in],
])

/** Calls `visit` for the direct children of an expression. */
export function forEachChild(expression: Expression, visit: (child: Expression) => void): void {
  switch (expression.kind) {
    case 'literal':
    case 'ident':
    case 'broken':
      return
    case 'select':
      visit(expression.operand)
      return
    case 'call':
      if (expression.target) visit(expression.target)
      expression.args.forEach(visit)
      return
    case 'list':
      expression.elements.forEach(visit)
      return
    case 'map':
      for (const { key, value } of expression.entries) {
        visit(key)
        visit(value)
      }
      return
    case 'message':
      for (const { value } of expression.fields) visit(value)
      return
    case 'comprehension':
      visit(expression.range)
      visit(expression.initial)
      visit(expression.condition)
      visit(expression.step)
      visit(expression.result)
  }
}

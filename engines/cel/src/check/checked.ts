import type { Expression } from '../syntax/expression.ts'
import type { CelType } from '../types/cel-type.ts'

/** What a node means: a variable or type by its full name, or a function with the signatures that fit. */
export type Reference =
  | { readonly kind: 'name'; readonly name: string; readonly isGlobal: boolean }
  | {
      readonly kind: 'function'
      readonly name: string
      readonly overloads: readonly string[]
      /** Whether the target of the call is part of the function's name. */
      readonly isQualified: boolean
    }

/** An expression with the types and meanings of its nodes, by their numbers. */
export type CheckedExpression = {
  readonly expression: Expression
  readonly outType: CelType
  readonly types: ReadonlyMap<number, CelType>
  readonly references: ReadonlyMap<number, Reference>
}

/** Types with fields that an environment declares. */
export type TypeProvider = {
  readonly hasType: (typeName: string) => boolean
  readonly fieldType: (typeName: string, field: string) => CelType | undefined
}

/** `a.b.c` of names joined by dots; `undefined` for any other expression. */
export function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === 'ident') return expression.name
  if (expression.kind !== 'select' || expression.isTest) return undefined
  const operand = qualifiedName(expression.operand)
  return operand === undefined ? undefined : `${operand}.${expression.field}`
}

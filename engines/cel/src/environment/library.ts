import type { FormatStyle } from '../library/extensions/format.ts'
import type { Macro } from '../syntax/macro.ts'
import type { CelType } from '../types/cel-type.ts'
import type { FunctionDeclaration } from './declarations.ts'

/** Functions, macros and type names that an environment takes in as a whole. */
export type Library = {
  readonly functions?: readonly FunctionDeclaration[]
  readonly macros?: readonly Macro[]
  /** Types whose names are values. */
  readonly types?: readonly CelType[]
  /** Whether `a.?b` and its like are allowed. */
  readonly optionalSyntax?: boolean
  /** The style of `format`, whose texts are examined when they are compiled. */
  readonly formatStyle?: FormatStyle
}

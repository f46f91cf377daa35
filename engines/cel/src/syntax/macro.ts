import type { Expression } from './expression.ts'
import type { NodeFactory } from './node-factory.ts'

/** A complaint of a macro about one of its arguments; without a node it stands at the call. */
export type MacroFailure = { readonly failure: string; readonly at?: Expression }

/** Makes nodes at the place of the call that is expanded. */
export type MacroContext = { readonly nodes: NodeFactory; readonly offset: number }

/** A call that becomes another expression when it is parsed. */
export type Macro = {
  readonly name: string
  /** Without a count the macro takes any number of arguments. */
  readonly argumentCount?: number
  readonly isMember: boolean
  /** `undefined` leaves the call as it is. */
  readonly expand: (
    context: MacroContext,
    args: readonly Expression[],
    target: Expression | undefined,
  ) => Expression | MacroFailure | undefined
}

/** The variable in which comprehensions gather; no expression can write its name. */
export const accumulatorName = '@result'

export function isMacroFailure(value: Expression | MacroFailure): value is MacroFailure {
  return 'failure' in value
}

/** The macro that a call names, by its exact number of arguments before any number. */
export class MacroTable {
  readonly #macros: ReadonlyMap<string, Macro>

  constructor(macros: readonly Macro[]) {
    this.#macros = new Map(
      macros.map((macro) => [keyOf(macro.name, macro.argumentCount, macro.isMember), macro]),
    )
  }

  find(name: string, argumentCount: number, isMember: boolean): Macro | undefined {
    return (
      this.#macros.get(keyOf(name, argumentCount, isMember)) ??
      this.#macros.get(keyOf(name, undefined, isMember))
    )
  }
}

function keyOf(name: string, argumentCount: number | undefined, isMember: boolean): string {
  return `${name}:${argumentCount ?? '*'}:${isMember}`
}

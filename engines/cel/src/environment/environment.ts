import type { TypeProvider } from '../check/checked.ts'
import type { FormatStyle } from '../library/extensions/format.ts'
import { MacroTable } from '../syntax/macro.ts'
import { type CelType, typeOfType } from '../types/cel-type.ts'
import { TypeValue } from '../values/value.ts'
import { type FunctionDeclaration, mergeDeclarations } from './declarations.ts'
import type { Library } from './library.ts'

/** How runtime costs are counted beyond the rules of the language. */
export type CostModel = 'none' | 'extensions' | 'kubernetes'

export type EnvironmentOptions = {
  readonly libraries: readonly Library[]
  /** Types of the variables. */
  readonly variables?: ReadonlyMap<string, CelType>
  /** Types with fields; see {@link TypeProvider}. */
  readonly provider?: TypeProvider
  /** Whether the items of a list and the values of a map must have one type. */
  readonly homogeneousLiterals?: boolean
  /** Whether literals of patterns, durations and timestamps are examined when they are compiled. */
  readonly validateLiterals?: boolean
  /** Whether constant parts are computed once, so that they cost nothing. */
  readonly foldConstants?: boolean
  /** Whether `has()` costs something of its own. */
  readonly presenceTestCosts?: boolean
  readonly costModel?: CostModel
}

const noTypes: TypeProvider = { hasType: () => false, fieldType: () => undefined }

/** What expressions may use: functions, macros, types and variables. Made once, used for many expressions. */
export class Environment {
  readonly options: EnvironmentOptions
  readonly functions: ReadonlyMap<string, FunctionDeclaration>
  readonly macros: MacroTable
  readonly optionalSyntax: boolean
  readonly formatStyle: FormatStyle | undefined
  readonly provider: TypeProvider
  /** Types of variables and of type names. */
  readonly names: ReadonlyMap<string, CelType>
  /** Names that are types, as values. */
  readonly typeValues: ReadonlyMap<string, TypeValue>

  constructor(options: EnvironmentOptions, base?: Environment) {
    this.options = options
    const { libraries, variables = new Map<string, CelType>(), provider = noTypes } = options
    const types = libraries.flatMap((library) => library.types ?? [])
    this.functions = base?.functions ?? mergeDeclarations(libraries.flatMap((it) => it.functions ?? []))
    this.macros = base?.macros ?? new MacroTable(libraries.flatMap((library) => library.macros ?? []))
    this.optionalSyntax = libraries.some((library) => library.optionalSyntax)
    this.formatStyle = libraries.find((library) => library.formatStyle)?.formatStyle
    this.provider = provider
    this.typeValues = base?.typeValues ?? new Map(types.map((type) => [type.name, new TypeValue(type)]))
    const names = new Map<string, CelType>(types.map((type) => [type.name, typeOfType(type)]))
    for (const [name, type] of variables) names.set(name, type)
    this.names = names
  }

  /** The same environment with other variables and types with fields. */
  extend(changes: Pick<EnvironmentOptions, 'variables' | 'provider'>): Environment {
    const variables = new Map([...(this.options.variables ?? []), ...(changes.variables ?? [])])
    return new Environment({ ...this.options, ...changes, variables }, this)
  }
}

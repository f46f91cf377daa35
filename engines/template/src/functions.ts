import type { Budget } from '@sluice/go'
import { GoFunction, type GoInt, type GoSlice, type GoValue } from '@sluice/go'

/** Functions by the names that templates call them by. */
export type FunctionMap = ReadonlyMap<string, GoFunction>

/** What an argument of a Go type is here. A nil map or slice arrives as `null`. */
export type Argument<T extends string> = T extends 'string'
  ? string
  : T extends 'bool'
    ? boolean
    : T extends 'float64'
      ? number
      : T extends 'int' | 'int64' | 'uint32' | 'uint64'
        ? GoInt
        : T extends '[]uint8'
          ? Uint8Array | null
          : T extends '[]interface {}'
            ? readonly GoValue[] | null
            : T extends `[]${string}`
              ? GoSlice | null
              : T extends 'map[string]interface {}'
                ? Map<string, GoValue> | null
                : GoValue

/** The arguments of a list of parameter types, of which the last may be variadic: `...string`. */
export type Arguments<P extends readonly string[]> = P extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? First extends `...${infer T}`
    ? Argument<T>[]
    : [Argument<First>, ...Arguments<Rest>]
  : []

/**
 * A template function over the Go types of its parameters. Arguments are checked before the call as Go does:
 * `interface {}` takes anything and has `null` for no value, `reflect.Value` tells no value (`undefined`) from
 * nil, a type such as `map[string]interface {}` also takes named types that are assignable to it.
 *
 * @example define(['int', '...string'], (count, ...texts) => …)
 */
export function define<const P extends readonly string[]>(
  parameters: P,
  call: (...args: Arguments<P>) => GoValue,
): GoFunction {
  return make(parameters, (args) => call(...(args as Arguments<P>)))
}

/** As {@link define}, for functions whose result is much larger than their arguments may be: they pay first. */
export function defineWithBudget<const P extends readonly string[]>(
  parameters: P,
  call: (budget: Budget, ...args: Arguments<P>) => GoValue,
): GoFunction {
  return make(parameters, (args, budget) => call(budget, ...(args as Arguments<P>)))
}

function make(
  parameters: readonly string[],
  call: (args: readonly GoValue[], budget: Budget) => GoValue,
): GoFunction {
  const variadic = parameters.at(-1)?.startsWith('...') ?? false
  return new GoFunction(
    parameters.map((type) => type.replace('...', '')),
    call,
    { variadic },
  )
}

/** Joins groups of functions; a later group wins. */
export function mergeFunctions(...groups: readonly FunctionMap[]): FunctionMap {
  return new Map(groups.flatMap((group) => [...group]))
}

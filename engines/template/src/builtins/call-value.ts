import { type Budget, GoError, GoFunction, type GoValue, goTypeName } from '@sluice/go'
import { assign, type Parameter, signatureOf } from '../exec/parameter.ts'

/** `call`: calls a function value. Source: text/template funcs.go, call. */
export function callValue(
  name: string,
  fn: GoValue,
  { args, budget }: { readonly args: readonly GoValue[]; readonly budget: Budget },
): GoValue {
  if (fn === undefined || fn === null) throw new GoError('call of nil')
  if (!(fn instanceof GoFunction)) throw new GoError(`non-function ${name} of type ${goTypeName(fn)}`)
  const { fixed, rest } = signatureOf(fn)
  if (rest === undefined ? args.length !== fixed.length : args.length < fixed.length) {
    const least = rest === undefined ? '' : 'at least '
    throw new GoError(`wrong number of args for ${name}: got ${args.length} want ${least}${fixed.length}`)
  }
  const checked = args.map((arg, at) => prepare(arg, fixed[at] ?? rest, at))
  return fn.call(checked, budget)
}

function prepare(arg: GoValue, parameter: Parameter | undefined, at: number): GoValue {
  if (!parameter) return arg
  if (arg === undefined || arg === null) {
    if (parameter.nilable) return null
    throw new GoError(`arg ${at}: value is nil; should be of type ${parameter.type}`)
  }
  const assigned = assign(arg, parameter)
  if (!assigned) {
    throw new GoError(`arg ${at}: value has type ${goTypeName(arg)}; should be ${parameter.type}`)
  }
  return assigned.value
}

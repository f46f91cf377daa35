import { declare, type FunctionDeclaration, overload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import type { Expression } from '../../syntax/expression.ts'
import type { Macro } from '../../syntax/macro.ts'
import {
  boolType,
  type CelType,
  doubleType,
  dynType,
  intType,
  listType,
  uintType,
} from '../../types/cel-type.ts'
import { compareValues } from '../../values/equality.ts'
import { ListValue } from '../../values/list-value.ts'
import { isInt, isNumeric, toInt, wrapInt, wrapUint } from '../../values/numbers.ts'
import { CelError, type CelValue, Double, noSuchOverload, Uint } from '../../values/value.ts'

const numbers: readonly CelType[] = [doubleType, intType, uintType]

/** `math.*`: extremes, rounding, signs, bits and roots. */
export const mathLibrary: Library = {
  macros: [extremeMacro('least', 'math.@min'), extremeMacro('greatest', 'math.@max')],
  functions: [
    extreme('math.@min', 1),
    extreme('math.@max', -1),
    ofDouble('math.ceil', 'math_ceil_double', (value) => new Double(Math.ceil(value))),
    ofDouble('math.floor', 'math_floor_double', (value) => new Double(Math.floor(value))),
    ofDouble('math.round', 'math_round_double', (value) => new Double(roundHalfAway(value))),
    ofDouble('math.trunc', 'math_trunc_double', (value) => new Double(Math.trunc(value))),
    ofDouble('math.isInf', 'math_isInf_double', (value) => Math.abs(value) === Infinity, boolType),
    ofDouble('math.isNaN', 'math_isNaN_double', (value) => Number.isNaN(value), boolType),
    ofDouble('math.isFinite', 'math_isFinite_double', (value) => Number.isFinite(value), boolType),
    ofNumber('math.abs', absolute),
    ofNumber('math.sign', sign),
    declare(
      'math.sqrt',
      numbers.map((type) => overload(`math_sqrt_${type.name}`, [type], doubleType, squareRoot)),
    ),
    bits('bitAnd', (a, b) => a & b),
    bits('bitOr', (a, b) => a | b),
    bits('bitXor', (a, b) => a ^ b),
    declare('math.bitNot', [
      overload('math_bitNot_int_int', [intType], intType, (value = null) =>
        isInt(value) ? wrapInt(~BigInt(value)) : noSuchOverload,
      ),
      overload('math_bitNot_uint_uint', [uintType], uintType, (value = null) =>
        value instanceof Uint ? wrapUint(~BigInt(value.value)) : noSuchOverload,
      ),
    ]),
    shift('bitShiftLeft', (value, count) => (count > 63n ? 0n : value << count)),
    // A shift to the right fills with zeros, also for negative numbers.
    shift('bitShiftRight', (value, count) => (count > 63n ? 0n : BigInt.asUintN(64, value) >> count)),
  ],
}

function ofDouble(
  name: string,
  id: string,
  compute: (value: number) => CelValue,
  result: CelType = doubleType,
): FunctionDeclaration {
  return declare(name, [
    overload(id, [doubleType], result, (value = null) =>
      value instanceof Double ? compute(value.value) : noSuchOverload,
    ),
  ])
}

function ofNumber(name: string, compute: (value: CelValue) => CelValue): FunctionDeclaration {
  const id = name.replace('.', '_')
  return declare(
    name,
    numbers.map((type) => overload(`${id}_${type.name}`, [type], type, (value = null) => compute(value))),
  )
}

function absolute(value: CelValue): CelValue {
  if (value instanceof Double) return new Double(Math.abs(value.value))
  if (isInt(value)) return value < 0 ? toInt(-BigInt(value)) : value
  return value
}

function sign(value: CelValue): CelValue {
  if (value instanceof Double) {
    return new Double(Number.isNaN(value.value) ? value.value : Math.sign(value.value) + 0)
  }
  if (isInt(value)) return value === 0 ? 0 : value < 0 ? -1 : 1
  return value instanceof Uint ? new Uint(value.value === 0 ? 0 : 1) : noSuchOverload
}

function squareRoot(value: CelValue = null): CelValue {
  if (!isNumeric(value)) return noSuchOverload
  return new Double(Math.sqrt(Number(isInt(value) ? value : value.value)))
}

function roundHalfAway(value: number): number {
  const whole = Math.trunc(value)
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole
}

function bits(name: string, compute: (a: bigint, b: bigint) => bigint): FunctionDeclaration {
  return declare(`math.${name}`, [
    overload(`math_${name}_int_int`, [intType, intType], intType, (a = null, b = null) =>
      isInt(a) && isInt(b) ? wrapInt(compute(BigInt(a), BigInt(b))) : noSuchOverload,
    ),
    overload(`math_${name}_uint_uint`, [uintType, uintType], uintType, (a = null, b = null) =>
      a instanceof Uint && b instanceof Uint
        ? wrapUint(compute(BigInt(a.value), BigInt(b.value)))
        : noSuchOverload,
    ),
  ])
}

function shift(name: string, compute: (value: bigint, count: bigint) => bigint): FunctionDeclaration {
  const checked = (count: CelValue, run: (count: bigint) => CelValue): CelValue => {
    if (!isInt(count)) return noSuchOverload
    return count < 0 ? new CelError(`math.${name}() negative offset: ${count}`) : run(BigInt(count))
  }
  return declare(`math.${name}`, [
    overload(`math_${name}_int_int`, [intType, intType], intType, (value = null, count = null) =>
      isInt(value) ? checked(count, (by) => wrapInt(compute(BigInt(value), by))) : noSuchOverload,
    ),
    overload(`math_${name}_uint_int`, [uintType, intType], uintType, (value = null, count = null) =>
      value instanceof Uint
        ? checked(count, (by) => wrapUint(compute(BigInt(value.value), by)))
        : noSuchOverload,
    ),
  ])
}

/** `replacedWhen` is the order of the first to the second at which the second is taken. */
function extreme(name: string, replacedWhen: number): FunctionDeclaration {
  const id = name.replace('.', '_')
  const pick = (a: CelValue, b: CelValue): CelValue => pickOf(name, a, b, replacedWhen)
  const ofList = (list: CelValue = null): CelValue => {
    if (!(list instanceof ListValue)) return noSuchOverload
    const [first, ...rest] = list.items
    if (first === undefined) return new CelError(`${name}(list) argument must not be empty`)
    const picked = rest.reduce(pick, first)
    return isNumeric(picked) || picked instanceof CelError
      ? picked
      : new CelError(`no such overload: ${name}`)
  }
  return declare(name, [
    ...numbers.map((type) => overload(`${id}_${type.name}`, [type], type, (value = null) => value)),
    ...numbers.flatMap((left) =>
      numbers.map((right) => {
        const result = left === right ? left : dynType
        return overload(`${id}_${left.name}_${right.name}`, [left, right], result, (a = null, b = null) =>
          pick(a, b),
        )
      }),
    ),
    ...numbers.map((type) => overload(`${id}_list_${type.name}`, [listType(type)], type, ofList)),
  ])
}

function pickOf(name: string, a: CelValue, b: CelValue, replacedWhen: number): CelValue {
  if (a instanceof CelError) return a
  const order = compareValues(a, b) ?? noSuchOverload
  if (typeof order === 'number') return order === replacedWhen ? b : a
  return order.message.includes(name) ? order : new CelError(`${order.message}: ${name}`)
}

/** `math.least(…)` and `math.greatest(…)` of one number or list, two numbers, or more of them as a list. */
function extremeMacro(word: string, name: string): Macro {
  const shown = `math.${word}()`
  return {
    name: word,
    isMember: true,
    expand: ({ nodes, offset }, args, target) => {
      if (target?.kind !== 'ident' || target.name !== 'math') return undefined
      const [only] = args
      if (!only) return { failure: `${shown} requires at least one argument`, at: target }
      if (args.length === 1) {
        if (isNumericList(only) || mayBeNumber(only)) return nodes.call(offset, name, args)
        return { failure: `${shown} invalid single argument value`, at: only }
      }
      const wrong = args.find((arg) => !mayBeNumber(arg))
      if (wrong) return { failure: `${shown} simple literal arguments must be numeric`, at: wrong }
      return nodes.call(offset, name, args.length === 2 ? args : [nodes.list(offset, args)])
    },
  }
}

function mayBeNumber(expression: Expression): boolean {
  if (expression.kind === 'literal') return isNumeric(expression.value)
  return expression.kind !== 'list' && expression.kind !== 'map' && expression.kind !== 'message'
}

function isNumericList(expression: Expression): boolean {
  return (
    expression.kind === 'list' && expression.elements.length > 0 && expression.elements.every(mayBeNumber)
  )
}

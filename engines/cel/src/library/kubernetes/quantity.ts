import {
  declare,
  type FunctionDeclaration,
  memberOverload,
  overload,
} from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { boolType, type CelType, doubleType, intType, stringType } from '../../types/cel-type.ts'
import { isInt, toInt } from '../../values/numbers.ts'
import { CelError, type CelValue, Double, noSuchOverload } from '../../values/value.ts'
import { parseQuantity, Quantity, quantityOfInteger, quantityType } from './quantity-value.ts'

function member(
  name: string,
  id: string,
  result: CelType,
  compute: (quantity: Quantity) => CelValue,
): FunctionDeclaration {
  const call = (value: CelValue = null): CelValue =>
    value instanceof Quantity ? compute(value) : noSuchOverload
  return declare(name, [memberOverload(id, [quantityType], result, call)])
}

function comparison(
  name: string,
  id: string,
  result: CelType,
  read: (order: number) => CelValue,
): FunctionDeclaration {
  const call = (a: CelValue = null, b: CelValue = null): CelValue =>
    a instanceof Quantity && b instanceof Quantity ? read(a.compare(b)) : noSuchOverload
  return declare(name, [memberOverload(id, [quantityType, quantityType], result, call)])
}

function arithmetic(name: string, compute: (a: Quantity, b: Quantity) => Quantity): FunctionDeclaration {
  const call = (a: CelValue = null, b: CelValue = null): CelValue => {
    if (!(a instanceof Quantity)) return noSuchOverload
    if (b instanceof Quantity) return compute(a, b)
    return isInt(b) ? compute(a, quantityOfInteger(BigInt(b))) : noSuchOverload
  }
  return declare(name, [
    memberOverload(`quantity_${name}`, [quantityType, quantityType], quantityType, call),
    memberOverload(`quantity_${name}_int`, [quantityType, intType], quantityType, call),
  ])
}

/** Resource quantities such as `quantity('1.5Gi')`. */
export const quantityLibrary: Library = {
  types: [quantityType],
  functions: [
    declare('quantity', [
      overload('string_to_quantity', [stringType], quantityType, (text = null) => {
        if (typeof text !== 'string') return noSuchOverload
        const quantity = parseQuantity(text)
        return typeof quantity === 'string' ? new CelError(quantity) : quantity
      }),
    ]),
    declare('isQuantity', [
      overload('is_quantity_string', [stringType], boolType, (text = null) =>
        typeof text === 'string' ? typeof parseQuantity(text) !== 'string' : noSuchOverload,
      ),
    ]),
    declare('sign', [
      overload('quantity_sign', [quantityType], intType, (value = null) =>
        value instanceof Quantity ? Number(value.value > 0n) - Number(value.value < 0n) : noSuchOverload,
      ),
    ]),
    comparison('isGreaterThan', 'quantity_is_greater_than', boolType, (order) => order > 0),
    comparison('isLessThan', 'quantity_is_less_than', boolType, (order) => order < 0),
    comparison('compareTo', 'quantity_compare_to', intType, (order) => order),
    member('asApproximateFloat', 'quantity_get_float', doubleType, (it) => new Double(it.toNumber())),
    member('asInteger', 'quantity_get_int', intType, (it) => {
      const value = it.toInteger()
      return value === undefined ? new CelError('cannot convert value to integer') : toInt(value)
    }),
    member('isInteger', 'quantity_is_integer', boolType, (it) => it.toInteger() !== undefined),
    arithmetic('add', (a, b) => a.add(b)),
    arithmetic('sub', (a, b) => a.subtract(b)),
  ],
}

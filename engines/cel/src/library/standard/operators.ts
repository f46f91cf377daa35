import {
  declare,
  type FunctionDeclaration,
  type Implementation,
  memberOverload,
  type Overload,
  overload,
} from '../../environment/declarations.ts'
import { operators } from '../../syntax/expression.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
  typeParameter,
  uintType,
} from '../../types/cel-type.ts'
import { compareValues, equalValues } from '../../values/equality.ts'
import { ListValue } from '../../values/list-value.ts'
import {
  addNumbers,
  divideNumbers,
  integerOverflow,
  isInt,
  isNumeric,
  moduloNumbers,
  multiplyNumbers,
  negate,
  subtractNumbers,
} from '../../values/numbers.ts'
import { addDuration, Duration, nanosBetween, Timestamp } from '../../values/time.ts'
import {
  CelError,
  type CelValue,
  Double,
  noSuchOverload,
  OpaqueValue,
  typeOf,
  Uint,
} from '../../values/value.ts'

const a = typeParameter('A')
const b = typeParameter('B')
const listOfA = listType(a)
const mapOfAB = mapType(a, b)
const numbers = [intType, uintType, doubleType]
const timestampOverflow = new CelError('timestamp overflow')

function binary(
  name: string,
  signatures: readonly (readonly [id: string, left: CelType, right: CelType, result: CelType])[],
  call: Implementation,
  accepts?: (value: CelValue) => boolean,
): FunctionDeclaration {
  const overloads = signatures.map(([id, left, right, result]) => overload(id, [left, right], result))
  return declare(name, overloads, { shared: { call, arity: 2, ...(accepts && { accepts }) } })
}

function unary(
  name: string,
  overloads: readonly Overload[],
  call: Implementation,
  accepts?: (value: CelValue) => boolean,
): FunctionDeclaration {
  return declare(name, overloads, { shared: { call, arity: 1, ...(accepts && { accepts }) } })
}

const unusable: Implementation = () => noSuchOverload

const logic: readonly FunctionDeclaration[] = [
  declare(operators.conditional, [overload('conditional', [boolType, a, a], a)], {
    shared: { call: unusable, arity: undefined },
  }),
  binary(operators.and, [['logical_and', boolType, boolType, boolType]], unusable),
  binary(operators.or, [['logical_or', boolType, boolType, boolType]], unusable),
  unary(operators.not, [overload('logical_not', [boolType], boolType)], (value = null) =>
    typeof value === 'boolean' ? !value : noSuchOverload,
  ),
  declare(operators.notStrictlyFalse, [
    {
      ...overload('not_strictly_false', [boolType], boolType, (value = null) =>
        typeof value === 'boolean' ? value : true,
      ),
      isLenient: true,
    },
  ]),
  binary(operators.equals, [['equals', a, a, boolType]], (x = null, y = null) => equal(x, y)),
  binary(operators.notEquals, [['not_equals', a, a, boolType]], (x = null, y = null) => equal(x, y) !== true),
]

/** Values of libraries' types refuse to be compared with other types, null excepted. */
function equal(x: CelValue, y: CelValue): boolean | CelError {
  const isRefused = x instanceof OpaqueValue && y !== null && typeOf(y).name !== x.type.name
  return isRefused ? noSuchOverload : equalValues(x, y)
}

export function add(x: CelValue, y: CelValue): CelValue {
  if (isNumeric(x)) return addNumbers(x, y)
  if (typeof x === 'string') return typeof y === 'string' ? x + y : noSuchOverload
  if (x instanceof Uint8Array) return y instanceof Uint8Array ? concatenate(x, y) : noSuchOverload
  if (x instanceof ListValue) return y instanceof ListValue ? concatenateLists(x, y) : noSuchOverload
  if (x instanceof Timestamp) return y instanceof Duration ? shift(x, y.nanos) : noSuchOverload
  if (x instanceof Duration) {
    if (y instanceof Timestamp) return shift(y, x.nanos)
    return y instanceof Duration ? span(x.nanos + y.nanos) : noSuchOverload
  }
  return noSuchOverload
}

function subtract(x: CelValue, y: CelValue): CelValue {
  if (x instanceof Timestamp) {
    if (y instanceof Duration) return shift(x, -y.nanos)
    return y instanceof Timestamp ? span(nanosBetween(x, y)) : noSuchOverload
  }
  if (x instanceof Duration) return y instanceof Duration ? span(x.nanos - y.nanos) : noSuchOverload
  return subtractNumbers(x, y)
}

function negateValue(value: CelValue): CelValue {
  return value instanceof Duration ? span(-value.nanos) : negate(value)
}

function shift(timestamp: Timestamp, nanos: bigint): CelValue {
  return addDuration(timestamp, nanos) ?? timestampOverflow
}

function span(nanos: bigint): CelValue {
  return BigInt.asIntN(64, nanos) === nanos ? new Duration(nanos) : integerOverflow
}

function concatenateLists(x: ListValue, y: ListValue): CelValue {
  return x.semantics ? x.semantics.concatenate(x, y) : new ListValue([...x.items, ...y.items])
}

function concatenate(x: Uint8Array, y: Uint8Array): Uint8Array {
  const out = new Uint8Array(x.length + y.length)
  out.set(x)
  out.set(y, x.length)
  return out
}

function isAddable(value: CelValue): boolean {
  if (isNumeric(value) || typeof value === 'string') return true
  return (
    value instanceof Uint8Array ||
    value instanceof ListValue ||
    value instanceof Timestamp ||
    value instanceof Duration
  )
}

function isSubtractable(value: CelValue): boolean {
  return isNumeric(value) || value instanceof Timestamp || value instanceof Duration
}

const arithmetic: readonly FunctionDeclaration[] = [
  binary(
    operators.add,
    [
      ['add_bytes', bytesType, bytesType, bytesType],
      ['add_double', doubleType, doubleType, doubleType],
      ['add_duration_duration', durationType, durationType, durationType],
      ['add_duration_timestamp', durationType, timestampType, timestampType],
      ['add_timestamp_duration', timestampType, durationType, timestampType],
      ['add_int64', intType, intType, intType],
      ['add_list', listOfA, listOfA, listOfA],
      ['add_string', stringType, stringType, stringType],
      ['add_uint64', uintType, uintType, uintType],
    ],
    (x = null, y = null) => add(x, y),
    isAddable,
  ),
  binary(
    operators.subtract,
    [
      ['subtract_double', doubleType, doubleType, doubleType],
      ['subtract_duration_duration', durationType, durationType, durationType],
      ['subtract_int64', intType, intType, intType],
      ['subtract_timestamp_duration', timestampType, durationType, timestampType],
      ['subtract_timestamp_timestamp', timestampType, timestampType, durationType],
      ['subtract_uint64', uintType, uintType, uintType],
    ],
    (x = null, y = null) => subtract(x, y),
    isSubtractable,
  ),
  binary(
    operators.multiply,
    numbers.map((type) => [`multiply_${numberName(type)}`, type, type, type]),
    (x = null, y = null) => multiplyNumbers(x, y),
    isNumeric,
  ),
  binary(
    operators.divide,
    numbers.map((type) => [`divide_${numberName(type)}`, type, type, type]),
    (x = null, y = null) => divideNumbers(x, y),
    isNumeric,
  ),
  binary(
    operators.modulo,
    [
      ['modulo_int64', intType, intType, intType],
      ['modulo_uint64', uintType, uintType, uintType],
    ],
    (x = null, y = null) => moduloNumbers(x, y),
    (value) => isInt(value) || value instanceof Uint,
  ),
  unary(
    operators.negate,
    [overload('negate_double', [doubleType], doubleType), overload('negate_int64', [intType], intType)],
    (value = null) => negateValue(value),
    (value) => isInt(value) || value instanceof Double || value instanceof Duration,
  ),
]

function numberName(type: CelType): string {
  return type.kind === 'double' ? 'double' : `${type.name}64`
}

export type ComparisonOptions = {
  /** Whether numbers of different types can be compared without `dyn`. */
  readonly crossTypeNumerics: boolean
  /** Whether an order with NaN is false, as in newer versions, or an error. */
  readonly nanIsUnordered: boolean
}

const nanIsFalse = 'NaN values cannot be ordered'

function comparisons(options: ComparisonOptions): readonly FunctionDeclaration[] {
  const operator = (name: string, word: string, holds: (order: number) => boolean): FunctionDeclaration =>
    binary(
      name,
      comparisonSignatures(word, options),
      (x = null, y = null) => {
        const order = compareValues(x, y) ?? noSuchOverload
        if (typeof order === 'number') return holds(order)
        return options.nanIsUnordered && order.message === nanIsFalse ? false : order
      },
      isComparable,
    )
  return [
    operator(operators.less, 'less', (order) => order < 0),
    operator(operators.lessEquals, 'less_equals', (order) => order <= 0),
    operator(operators.greater, 'greater', (order) => order > 0),
    operator(operators.greaterEquals, 'greater_equals', (order) => order >= 0),
  ]
}

function isComparable(value: CelValue): boolean {
  return (
    isNumeric(value) ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value instanceof Uint8Array ||
    value instanceof Timestamp ||
    value instanceof Duration
  )
}

function comparisonSignatures(
  word: string,
  { crossTypeNumerics }: ComparisonOptions,
): (readonly [string, CelType, CelType, CelType])[] {
  const same = (type: CelType, name: string): readonly [string, CelType, CelType, CelType] =>
    [`${word}_${name}`, type, type, boolType] as const
  const mixed = numbers.flatMap((left) =>
    numbers
      .filter((right) => crossTypeNumerics || left === right)
      .map((right) => {
        const suffix = left === right ? '' : `_${numberName(right)}`
        return [`${word}_${numberName(left)}${suffix}`, left, right, boolType] as const
      }),
  )
  return [
    same(boolType, 'bool'),
    ...mixed,
    same(stringType, 'string'),
    same(bytesType, 'bytes'),
    same(timestampType, 'timestamp'),
    same(durationType, 'duration'),
  ]
}

export function contains(item: CelValue, collection: CelValue): CelValue {
  if (collection instanceof ListValue) {
    const { items } = collection
    for (const other of items) if (equalValues(item, other)) return true
    return false
  }
  if (
    typeof collection === 'object' &&
    collection !== null &&
    'kind' in collection &&
    collection.kind === 'map'
  ) {
    const found = collection.find(item)
    return found instanceof CelError ? found : found !== undefined
  }
  return noSuchOverload
}

const collections: readonly FunctionDeclaration[] = [
  binary(
    operators.index,
    [
      ['index_list', listOfA, intType, a],
      ['index_map', mapOfAB, a, b],
    ],
    unusable,
  ),
  binary(
    operators.in,
    [
      ['in_list', a, listOfA, boolType],
      ['in_map', a, mapOfAB, boolType],
    ],
    (x = null, y = null) => contains(x, y),
  ),
  declare(
    'size',
    [
      ['bytes', bytesType] as const,
      ['list', listOfA] as const,
      ['map', mapOfAB] as const,
      ['string', stringType] as const,
    ].flatMap(([name, type]) => [
      overload(`size_${name}`, [type], intType),
      memberOverload(`${name}_size`, [type], intType),
    ]),
    {
      shared: {
        call: (value = null) => sizeOf(value) ?? noSuchOverload,
        arity: 1,
        accepts: (value) => sizeOf(value) !== undefined,
      },
    },
  ),
]

/** The number of items, bytes or code points; `undefined` for what has no size. */
export function sizeOf(value: CelValue): number | undefined {
  if (typeof value === 'string') return countCodePoints(value)
  if (value instanceof Uint8Array) return value.length
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined
  return value.kind === 'list' || value.kind === 'map' ? value.size : undefined
}

export function countCodePoints(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0xd800 || unit > 0xdbff) continue
    const next = text.charCodeAt(index + 1)
    if (next >= 0xdc00 && next <= 0xdfff) count--
  }
  return count
}

/** The functions behind the operators, and `size`. */
export function operatorFunctions(options: ComparisonOptions): readonly FunctionDeclaration[] {
  return [...logic, ...arithmetic, ...comparisons(options), ...collections]
}

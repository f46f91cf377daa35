import type { Budget } from './budget.ts'

/**
 * Go values in JavaScript, as templates and `fmt` see them.
 *
 * | Go | here |
 * |---|---|
 * | nil in an `interface {}` | `null` |
 * | the zero `reflect.Value` (a missing map key, printed `<no value>`) | `undefined` |
 * | bool | `boolean` |
 * | string | `string`; a byte that is not valid UTF-8 is the lone surrogate U+DC00 + byte, see `goStringBytes` |
 * | float64 | `number` |
 * | int, int64, uint8, time.Duration, … | {@link GoInt} |
 * | json.Number and other named strings | {@link GoNamed} |
 * | complex128 | {@link GoComplex} |
 * | []byte | `Uint8Array` |
 * | []any | `Array` |
 * | []string, []int, [2]int, a nil []any, … | {@link GoSlice} |
 * | map[string]any | `Map` with string keys; mutable, as Go's is |
 * | map[string]string, common.Values, a nil map, … | {@link GoMap} |
 * | structs and pointers to them | {@link GoObject} |
 * | func | {@link GoFunction} |
 *
 * Whoever makes a value for a render owns it there: functions such as Sprig's `set` change maps in place.
 */
export type GoValue =
  | null
  | undefined
  | boolean
  | string
  | number
  | GoInt
  | GoNamed
  | GoComplex
  | Uint8Array
  | readonly GoValue[]
  | GoSlice
  | Map<string, GoValue>
  | GoMap
  | GoObject
  | GoFunction

export type GoIntKind =
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'uintptr'

/** Methods of a type by name, already bound to their receiver. `String` and `Error` are used by `fmt`. */
export type GoMethods = ReadonlyMap<string, GoFunction>

const noMethods: GoMethods = new Map()

/** What a named slice or map type has beyond its elements. */
type NamedType = { readonly methods?: GoMethods; readonly underlying?: string }

/** An integer of a Go kind. `type` is its name where it differs from the kind, as in `time.Duration`. */
export class GoInt {
  readonly kind: GoIntKind
  readonly value: bigint
  readonly type: string
  readonly methods: GoMethods

  constructor(kind: GoIntKind, value: bigint, type: string = kind, methods: GoMethods = noMethods) {
    this.kind = kind
    this.value = value
    this.type = type
    this.methods = methods
  }
}

/** A value of a named type whose kind is string, such as `json.Number`. */
export class GoNamed {
  readonly type: string
  readonly value: string
  readonly methods: GoMethods

  constructor(type: string, value: string, methods: GoMethods = noMethods) {
    this.type = type
    this.value = value
    this.methods = methods
  }
}

/** A complex128. */
export class GoComplex {
  readonly real: number
  readonly imaginary: number

  constructor(real: number, imaginary: number) {
    this.real = real
    this.imaginary = imaginary
  }
}

/**
 * A slice or array whose type is not `[]interface {}`, or a nil slice of any type.
 * `type` is Go's name for it, such as `[]string`.
 */
export class GoSlice {
  readonly type: string
  readonly items: readonly GoValue[]
  readonly isNil: boolean
  readonly methods: GoMethods
  /** The unnamed type behind a named one; equal to `type` otherwise. */
  readonly underlying: string

  constructor(
    type: string,
    items: readonly GoValue[] | null,
    { methods = noMethods, underlying = type }: NamedType = {},
  ) {
    this.type = type
    this.items = items ?? []
    this.isNil = items === null
    this.methods = methods
    this.underlying = underlying
  }
}

/**
 * A map whose type is not `map[string]interface {}`, or a nil map of any type.
 * Keys that are not strings are found by identity: use one object for one key.
 */
export class GoMap {
  readonly type: string
  readonly entries: Map<GoValue, GoValue>
  readonly isNil: boolean
  readonly methods: GoMethods
  /** The unnamed type behind a named one, such as `map[string]interface {}` for `common.Values`. */
  readonly underlying: string
  /** Whether the keys are strings, so that `.name` finds them. */
  readonly hasTextKeys: boolean

  constructor(
    type: string,
    entries: Map<GoValue, GoValue> | null,
    { methods = noMethods, underlying = type }: NamedType = {},
  ) {
    this.type = type
    this.entries = entries ?? new Map()
    this.isNil = entries === null
    this.methods = methods
    this.underlying = underlying
    this.hasTextKeys = underlying.startsWith('map[string]')
  }
}

/** A struct (or a pointer to one) with exported fields and methods; what is not in the maps cannot be reached. */
export class GoObject {
  /** Go's name of the type, such as `*chart.Metadata`; the star makes it a pointer. */
  readonly type: string
  readonly fields: ReadonlyMap<string, GoValue>
  readonly methods: GoMethods

  constructor(type: string, fields: ReadonlyMap<string, GoValue>, methods: GoMethods = noMethods) {
    this.type = type
    this.fields = fields
    this.methods = methods
  }
}

/**
 * A function value.
 *
 * Arguments arrive checked against `parameters` and in their number; a zero value arrives as `null`, except where the
 * parameter is `reflect.Value`. What the function makes must be paid from `budget` beforehand where its size
 * does not follow from the size of the arguments.
 */
export class GoFunction {
  /** Go's types of the parameters, such as `string`, `int`, `interface {}`, `[]string`. */
  readonly parameters: readonly string[]
  /** Whether the last parameter's type stands for any number of arguments. */
  readonly variadic: boolean
  /** @throws {GoError} what Go's function returns as error or panics with */
  readonly call: (args: readonly GoValue[], budget: Budget) => GoValue

  constructor(
    parameters: readonly string[],
    call: (args: readonly GoValue[], budget: Budget) => GoValue,
    { variadic = false }: { readonly variadic?: boolean } = {},
  ) {
    this.parameters = parameters
    this.call = call
    this.variadic = variadic
  }
}

const cachedFrom = -128n
const cachedTo = 1023n
const smallInts = cache('int')
const smallInt64s = cache('int64')

/** A Go `int`, wrapped to 64 bits. Small ones are shared. */
export function goInt(value: number | bigint): GoInt {
  return make(value, 'int', smallInts)
}

/** A Go `int64`, wrapped to 64 bits. Small ones are shared. */
export function goInt64(value: number | bigint): GoInt {
  return make(value, 'int64', smallInt64s)
}

function make(value: number | bigint, kind: GoIntKind, small: readonly GoInt[]): GoInt {
  const wide = typeof value === 'bigint' ? value : BigInt(value)
  if (wide >= cachedFrom && wide <= cachedTo) {
    const shared = small[Number(wide - cachedFrom)]
    if (shared) return shared
  }
  return new GoInt(kind, BigInt.asIntN(64, wide))
}

function cache(kind: GoIntKind): readonly GoInt[] {
  return Array.from(
    { length: Number(cachedTo - cachedFrom) + 1 },
    (_, index) => new GoInt(kind, cachedFrom + BigInt(index)),
  )
}

/**
 * Go values in JavaScript, as templates and `fmt` see them.
 *
 * | Go | here |
 * |---|---|
 * | untyped nil | `null` |
 * | the zero `reflect.Value` (a missing map key, printed `<no value>`) | `undefined` |
 * | bool | `boolean` |
 * | string | `string`; a byte that is not valid UTF-8 is the lone surrogate U+DC00 + byte, see `goStringBytes` |
 * | float64 | `number` |
 * | int, int64, uint8, … | {@link GoInt} |
 * | json.Number and other named strings | {@link GoNamed} |
 * | []any | `Array` |
 * | []string, []int, [2]int, … | {@link GoSlice} |
 * | map[string]any | `Map` |
 * | map[string]string, common.Values, … | {@link GoMap} |
 * | structs and pointers with methods | {@link GoObject} |
 * | func | {@link GoFunction} |
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
  | readonly GoValue[]
  | GoSlice
  | ReadonlyMap<GoValue, GoValue>
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

/** An integer of a Go kind. `type` is its name where it differs from the kind, as in `time.Duration`. */
export class GoInt {
  readonly kind: GoIntKind
  readonly value: bigint
  readonly type: string

  constructor(kind: GoIntKind, value: bigint, type: string = kind) {
    this.kind = kind
    this.value = value
    this.type = type
  }
}

/** A value of a named type whose kind is string, such as `json.Number`. */
export class GoNamed {
  readonly type: string
  readonly value: string

  constructor(type: string, value: string) {
    this.type = type
    this.value = value
  }
}

export class GoComplex {
  readonly real: number
  readonly imaginary: number

  constructor(real: number, imaginary: number) {
    this.real = real
    this.imaginary = imaginary
  }
}

/** A slice or array whose type is not `[]interface {}`. `type` is Go's name for it, such as `[]string`. */
export class GoSlice {
  readonly type: string
  readonly items: readonly GoValue[]

  constructor(type: string, items: readonly GoValue[]) {
    this.type = type
    this.items = items
  }
}

/** A map whose type is not `map[string]interface {}`. Methods, where the type has any, are called by name. */
export class GoMap {
  readonly type: string
  readonly entries: ReadonlyMap<GoValue, GoValue>
  readonly methods: ReadonlyMap<string, GoFunction>

  constructor(
    type: string,
    entries: ReadonlyMap<GoValue, GoValue>,
    methods: ReadonlyMap<string, GoFunction> = new Map(),
  ) {
    this.type = type
    this.entries = entries
    this.methods = methods
  }
}

/** A struct (or a pointer to one) with exported fields and methods; what is not in the maps cannot be reached. */
export class GoObject {
  /** Go's name of the type, such as `*chart.Metadata`. */
  readonly type: string
  readonly fields: ReadonlyMap<string, GoValue>
  readonly methods: ReadonlyMap<string, GoFunction>

  constructor(
    type: string,
    fields: ReadonlyMap<string, GoValue>,
    methods: ReadonlyMap<string, GoFunction> = new Map(),
  ) {
    this.type = type
    this.fields = fields
    this.methods = methods
  }
}

/** A function value. Arguments arrive checked against `parameters`; the last one repeats when `variadic`. */
export class GoFunction {
  /** Go's types of the parameters, such as `string`, `int`, `interface {}`, `[]string`. */
  readonly parameters: readonly string[]
  readonly variadic: boolean
  readonly call: (args: readonly GoValue[]) => GoValue

  constructor(
    parameters: readonly string[],
    call: (args: readonly GoValue[]) => GoValue,
    { variadic = false }: { readonly variadic?: boolean } = {},
  ) {
    this.parameters = parameters
    this.call = call
    this.variadic = variadic
  }
}

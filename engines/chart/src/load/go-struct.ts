import { formatFloat, GoError, type GoValue, quote } from '@sluice/go'
import { ChartError } from './chart-error.ts'

/** How a document becomes structs. */
export type DecodeRules = {
  /** Whether numbers and booleans become text where Go wants a string, as `sigs.k8s.io/yaml` has it. */
  readonly convertsScalars: boolean
  /** Whether a field that the struct does not have is an error. */
  readonly isStrict: boolean
  /** Whether keys come in the document's order, as from JSON; what was YAML has them sorted. */
  readonly keepsOrder?: boolean
}

/** Where a value stands: Go's name of the innermost struct, and the path of names from the top. */
export type FieldPlace = DecodeRules & {
  readonly struct: string
  readonly path: string
  /** Places are not kept track of: whoever sees an error reads again. */
  readonly isQuick?: boolean
  /**
   * Takes values of the wrong kind, of which Go tells the first when the rest is read: what is malformed in itself, such as
   * a time, ends the reading at once.
   */
  readonly mismatches?: MismatchError[]
}

/** A value is of a kind that the field does not take. */
class MismatchError extends ChartError {
  constructor(message: string) {
    super('CHART_INVALID', message)
  }
}

/** Reads a value; one of the wrong kind is remembered, and zero takes its place. */
function readValue<T>(field: FieldType<T>, value: unknown, at: FieldPlace): T {
  if (!at.mismatches) return field.read(value, at)
  try {
    return field.read(value, at)
  } catch (error) {
    if (!(error instanceof MismatchError)) throw error
    at.mismatches.push(error)
    return field.zero
  }
}

/** What a field of a Go struct takes from JSON. `type` is Go's name of it in error texts. */
export type FieldType<T> = {
  readonly type: string
  /** The value of an absent or null field. */
  readonly zero: T
  readonly read: (value: unknown, at: FieldPlace) => T
  /** Name of the embedded struct that the field belongs to. */
  readonly embeddedIn?: string
}

/** A struct's fields by their JSON names. */
export type StructType<T> = { readonly [K in keyof T]: FieldType<T[K]> }

export const text: FieldType<string> = {
  type: 'string',
  zero: '',
  read: (value, at) => {
    if (typeof value === 'string') return value
    if (!at.convertsScalars) throw mismatch(value, at, 'string')
    if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
    if (typeof value === 'number') {
      return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : formatFloat(value, 'g', -1)
    }
    throw mismatch(value, at, 'string')
  },
}

export const flag: FieldType<boolean> = {
  type: 'bool',
  zero: false,
  read: (value, at) => {
    if (typeof value === 'boolean') return value
    throw mismatch(value, at, 'bool')
  },
}

/** `int`. */
export const integer: FieldType<number> = {
  type: 'int',
  zero: 0,
  read: (value, at) => {
    if (Number.isSafeInteger(value)) return value as number
    throw mismatch(value, at, 'int')
  },
}

/** `any`, with mappings as Maps. */
export const anything: FieldType<GoValue> = { type: 'interface {}', zero: null, read: goValue }

function goValue(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(goValue)
  if (isObject(value)) return new Map(Object.entries(value).map(([key, item]) => [key, goValue(item)]))
  return typeof value === 'bigint' ? Number(value) : (value as GoValue)
}

/** `[]T`, or a named type of it; `null` items are the zero value, or `undefined` for pointers. */
export function listOf<T>(item: FieldType<T>, type = `[]${item.type}`): FieldType<readonly T[]> {
  return {
    type,
    zero: [],
    read: (value, at) => {
      if (!Array.isArray(value)) throw mismatch(value, at, type)
      return value.map((it: unknown) => (it === null ? item.zero : readValue(item, it, at)))
    },
  }
}

/** `*T`: null is `undefined`. */
export function pointerTo<T>(target: FieldType<T>): FieldType<T | undefined> {
  return { type: target.type, zero: undefined, read: target.read }
}

/** `map[string]T`; `null` items are the zero value. */
export function mapOf<T>(item: FieldType<T>): FieldType<ReadonlyMap<string, T>> {
  const type = `map[string]${item.type}`
  return {
    type,
    zero: new Map(),
    read: (value, at) => {
      if (!isObject(value)) throw mismatch(value, at, type)
      return new Map(
        Object.entries(value).map(([key, it]) => [key, it === null ? item.zero : readValue(item, it, at)]),
      )
    },
  }
}

/** `map[string]string`. */
export const textMap: FieldType<ReadonlyMap<string, string>> = mapOf(text)

/**
 * Fields of an embedded struct. sigs.k8s.io/yaml does not look into those, so it converts none of their scalars.
 *
 * @param name of the embedded struct, which error texts have in the path
 */
export function embedded<T>(name: string, fields: StructType<T>): StructType<T> {
  const inside = <V>(field: FieldType<V>): FieldType<V> => ({
    ...field,
    embeddedIn: name,
    read: (value, at) => field.read(value, at.isQuick ? quickPlace : { ...at, convertsScalars: false }),
  })
  const result: Partial<StructType<T>> = {}
  for (const key of Object.keys(fields) as (keyof T)[]) Object.assign(result, { [key]: inside(fields[key]) })
  return result as StructType<T>
}

/** A struct whose errors name its own type, such as `Metadata.name`. */
export function structOf<T>(name: string, fields: StructType<T>, type: string): FieldType<T> {
  return {
    type,
    zero: readFields({}, fields, { ...yamlRules, struct: name, path: '' }),
    read: (value, at) => {
      if (!isObject(value)) throw mismatch(value, at, type)
      return at.isQuick ? readQuickly(value, fields, at) : readFields(value, fields, { ...at, struct: name })
    },
  }
}

// Of the two kinds of scalars only those of embedded structs are told apart, which convert none.
const quickPlace: FieldPlace = {
  convertsScalars: false,
  isStrict: false,
  struct: '',
  path: '',
  isQuick: true,
}

/**
 * Reads an object as {@link decodeStruct} does, without the places that errors name.
 *
 * @returns `undefined` when anything is not as it should be: an unknown field, a name in another case, a wrong type
 * @throws {RangeError} when it nests too deeply
 */
export function decodeQuickly<T>(value: unknown, fields: StructType<T>, rules: DecodeRules): T | undefined {
  if (!isObject(value)) return undefined
  try {
    return readQuickly(value, fields, { ...quickPlace, ...rules })
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) return undefined
    throw error
  }
}

function readQuickly<T>(value: Readonly<Record<string, unknown>>, fields: StructType<T>, at: FieldPlace): T {
  const result: Partial<T> = { ...zeroOf(fields) }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) throw mismatch(value, at, 'struct')
    const item = value[key]
    if (item !== null) result[key as keyof T] = fields[key as keyof T].read(item, at)
  }
  return result as T
}

const zeros = new WeakMap<object, object>()

function zeroOf<T>(fields: StructType<T>): Partial<T> {
  const known = zeros.get(fields)
  if (known) return known
  const zero: Partial<T> = {}
  for (const key of Object.keys(fields) as (keyof T)[]) zero[key] = fields[key].zero
  zeros.set(fields, zero)
  return zero
}

const yamlRules: DecodeRules = { convertsScalars: true, isStrict: false }

/**
 * Reads a struct from the object at the top. Names match without regard to case, the last in key order wins.
 *
 * @throws {ChartError} with Go's text of the JSON decoder, to which callers may add that it came from YAML.
 */
export function decodeStruct<T>(
  value: unknown,
  fields: StructType<T>,
  {
    name,
    type,
    rules = yamlRules,
  }: {
    readonly name: string
    readonly type: string
    readonly rules?: DecodeRules
  },
): T {
  const mismatches: MismatchError[] = []
  const at = { ...rules, struct: name, path: '', mismatches }
  if (value === null) return readFields({}, fields, at)
  if (!isObject(value)) {
    throw new ChartError(
      'CHART_INVALID',
      `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${type}`,
    )
  }
  const result = readFields(value, fields, at)
  const [first] = mismatches
  if (first) throw first
  return result
}

/** What sigs.k8s.io/yaml puts before the texts of the JSON decoder. */
export const yamlDecodingPrefix = 'error unmarshaling JSON: while decoding JSON: '

function readFields<T>(value: Readonly<Record<string, unknown>>, fields: StructType<T>, at: FieldPlace): T {
  const result: Partial<T> = { ...zeroOf(fields) }
  for (const key of at.keepsOrder ? Object.keys(value) : Object.keys(value).toSorted()) {
    const name = Object.hasOwn(fields, key) ? (key as keyof T & string) : foldedName(fields, key)
    if (name === undefined) {
      if (at.isStrict) complain(at, new MismatchError(`json: unknown field ${quote(key)}`))
      continue
    }
    if (value[key] === null) continue
    const field = fields[name]
    const own = field.embeddedIn === undefined ? name : `${field.embeddedIn}.${name}`
    result[name] = readValue(field, value[key], { ...at, path: at.path === '' ? own : `${at.path}.${own}` })
  }
  return result as T
}

function complain({ mismatches }: FieldPlace, error: MismatchError): void {
  if (!mismatches) throw error
  mismatches.push(error)
}

function foldedName<T>(fields: StructType<T>, key: string): (keyof T & string) | undefined {
  const folded = key.toLowerCase()
  return (Object.keys(fields) as (keyof T & string)[]).find((name) => name.toLowerCase() === folded)
}

/** A value of the wrong kind. */
export function mismatch(value: unknown, { struct, path }: FieldPlace, type: string): ChartError {
  return new MismatchError(
    `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${struct}.${path} of type ${type}`,
  )
}

/** JSON's name for the kind of a value, as Go's decoder says it. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'number'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

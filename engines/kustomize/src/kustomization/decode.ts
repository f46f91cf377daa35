import type { PlainValue } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'

/** What a value must be. */
export type Shape =
  | 'string'
  /** A string that stands in an embedded struct of kustomize's: nothing else is taken for one. */
  | 'exactString'
  | 'boolean'
  | 'int'
  | 'int64'
  | 'any'
  /** A string of a type of its own. */
  | { readonly text: string }
  /** `goName`: the name of a list type of its own. */
  | { readonly list: Shape; readonly ofPointers?: boolean; readonly goName?: string }
  | { readonly map: Shape }
  | Struct

/** An object; Go's errors name its type and its fields. */
export type Struct = {
  readonly struct: string
  /** The package of the type. Default: `types`. */
  readonly goPackage?: string
  readonly fields: Readonly<Record<string, Shape>>
  /** The embedded structs, `.` between them, in which the fields stand that do not stand in the struct itself. */
  readonly within?: Readonly<Record<string, string>>
}

/** How strict decoding is. */
export type DecodeOptions = {
  /** Whether unknown fields are an error (they are dropped otherwise). */
  readonly strict: boolean
  /** Whether numbers and booleans become strings where strings are wanted, as when Go knows the target's type. */
  readonly converts: boolean
}

/** An object decoded from YAML; absent and null fields are missing. */
export type Decoded = { readonly [field: string]: unknown }

/**
 * Decodes an object as Go's encoding/json does: names of fields in any case, nulls as absent.
 *
 * @throws {KustomizeError} in Go's words, when a field is unknown or of a wrong type.
 */
export function decodeObject(value: PlainValue, struct: Struct, options: DecodeOptions): Decoded {
  const decoded = decode(value, struct, { path: '', owner: '', ...options })
  return isDecoded(decoded) ? decoded : {}
}

/** `owner`: the struct whose field is decoded; `path`: the names from the root to it, of embedded structs too. */
type Context = DecodeOptions & { readonly path: string; readonly owner: string }

function decode(value: PlainValue, shape: Shape, context: Context): unknown {
  if (value === null) return emptyOf(shape)
  if (typeof shape === 'string') return decodeScalar(value, shape, context)
  if ('text' in shape) return typeof value === 'string' ? value : decodeText(value, shape, context)
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch(value, shape, context)
    return value.map((it) => decode(it, shape.list, context))
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, shape, context)
  if ('map' in shape) {
    const map = new Map<string, unknown>()
    for (const [key, it] of Object.entries(value)) map.set(key, decode(it, shape.map, context))
    return map
  }
  return decodeFields(value, shape, context)
}

function decodeFields(
  value: { readonly [key: string]: PlainValue },
  struct: Struct,
  context: Context,
): Decoded {
  const { fields, within = {} } = struct
  const decoded: { [field: string]: unknown } = {}
  // Of two spellings of one field the last in byte order counts, as Go reads its sorted JSON.
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, it] of entries) {
    const name = fieldName(fields, key)
    if (name === undefined) {
      if (!context.strict) continue
      throw new KustomizeError('KUSTOMIZATION_INVALID', `json: unknown field ${JSON.stringify(key)}`)
    }
    const shape = fields[name]
    if (shape === undefined || it === null) continue
    const path = [context.path, within[name] ?? '', name].filter((part) => part !== '').join('.')
    decoded[name] = decode(it, shape, { ...context, path, owner: struct.struct })
  }
  return decoded
}

function fieldName(fields: Readonly<Record<string, Shape>>, key: string): string | undefined {
  if (Object.hasOwn(fields, key)) return key
  const lower = key.toLowerCase()
  return Object.keys(fields).find((it) => it.toLowerCase() === lower)
}

/** Null within a list or map is the type's zero value. */
function emptyOf(shape: Shape): unknown {
  switch (shape) {
    case 'string':
    case 'exactString':
      return ''
    case 'boolean':
      return false
    case 'int':
    case 'int64':
      return 0
    case 'any':
      return undefined
    default:
      return 'fields' in shape ? {} : 'text' in shape ? '' : undefined
  }
}

function decodeScalar(value: PlainValue, shape: Shape & string, context: Context): unknown {
  switch (shape) {
    case 'any':
      return value
    case 'string':
      return typeof value === 'string' ? value : decodeText(value, shape, context)
    case 'exactString':
      if (typeof value === 'string') return value
      break
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'int':
    case 'int64':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  }
  throw mismatch(value, shape, context)
}

function decodeText(value: PlainValue, shape: Shape, context: Context): string {
  const isScalar = typeof value === 'number' || typeof value === 'boolean'
  if (context.converts && isScalar) return String(value)
  throw mismatch(value, shape, context)
}

function mismatch(value: PlainValue, wanted: Shape, { path, owner }: Context): KustomizeError {
  const place = path === '' ? 'value' : `struct field ${owner}.${path}`
  const message = `json: cannot unmarshal ${jsonKind(value, wanted)} into Go ${place} of type ${goType(wanted)}`
  return new KustomizeError('KUSTOMIZATION_INVALID', message)
}

function jsonKind(value: PlainValue, wanted: Shape): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (typeof value !== 'number') return 'object'
  return wanted === 'int' || wanted === 'int64' ? `number ${JSON.stringify(value)}` : 'number'
}

function goType(shape: Shape): string {
  switch (shape) {
    case 'string':
    case 'exactString':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'any':
      return 'interface {}'
    case 'int':
    case 'int64':
      return shape
    default:
      break
  }
  if ('text' in shape) return `types.${shape.text}`
  if ('list' in shape) return shape.goName ?? `[]${shape.ofPointers ? '*' : ''}${goType(shape.list)}`
  if ('map' in shape) return `map[string]${goType(shape.map)}`
  return `${shape.goPackage ?? 'types'}.${shape.struct}`
}

function isDecoded(value: unknown): value is Decoded {
  return typeof value === 'object' && value !== null
}

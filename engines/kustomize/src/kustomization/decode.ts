import type { PlainValue } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'

/** What a value must be. */
export type Shape =
  | 'string'
  /** A string that stands in an embedded struct of kustomize's: nothing else is taken for one. */
  | 'exactString'
  | 'boolean'
  | 'integer'
  | 'any'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> }

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
 * @throws {KustomizeError} naming the field that is unknown or of a wrong type.
 */
export function decodeObject(
  value: PlainValue,
  fields: Readonly<Record<string, Shape>>,
  options: DecodeOptions,
): Decoded {
  const decoded = decode(value, { fields }, { path: '', ...options })
  return isDecoded(decoded) ? decoded : {}
}

type Context = DecodeOptions & { readonly path: string }

function decode(value: PlainValue, shape: Shape, context: Context): unknown {
  if (value === null) return emptyOf(shape)
  if (typeof shape === 'string') return decodeScalar(value, shape, context)
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch(value, 'list', context)
    return value.map((it, i) => decode(it, shape.list, { ...context, path: `${context.path}[${i}]` }))
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, 'mapping', context)
  if ('map' in shape) {
    const map = new Map<string, unknown>()
    for (const [key, it] of Object.entries(value)) map.set(key, decode(it, shape.map, at(context, key)))
    return map
  }
  return decodeFields(value, shape.fields, context)
}

function decodeFields(
  value: { readonly [key: string]: PlainValue },
  fields: Readonly<Record<string, Shape>>,
  context: Context,
): Decoded {
  const decoded: { [field: string]: unknown } = {}
  // Of two spellings of one field the last in byte order counts, as Go reads its sorted JSON.
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, it] of entries) {
    const name = fieldName(fields, key)
    if (name === undefined) {
      if (!context.strict) continue
      throw new KustomizeError('KUSTOMIZATION_INVALID', `unknown field "${at(context, key).path}"`)
    }
    const shape = fields[name]
    if (shape === undefined || it === null) continue
    decoded[name] = decode(it, shape, at(context, name))
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
  if (shape === 'string' || shape === 'exactString') return ''
  if (shape === 'boolean') return false
  if (shape === 'integer') return 0
  return typeof shape === 'object' && 'fields' in shape ? {} : undefined
}

function decodeScalar(value: PlainValue, shape: Shape & string, context: Context): unknown {
  if (shape === 'any') return value
  if (shape === 'string' || shape === 'exactString') {
    if (typeof value === 'string') return value
    const converts = shape === 'string' && context.converts
    if (converts && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
    throw mismatch(value, 'string', context)
  }
  if (shape === 'boolean') {
    if (typeof value === 'boolean') return value
    throw mismatch(value, 'boolean', context)
  }
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw mismatch(value, 'integer', context)
}

function mismatch(value: PlainValue, wanted: string, { path }: Context): KustomizeError {
  const got = Array.isArray(value) ? 'list' : typeof value === 'object' ? 'mapping' : typeof value
  const where = path === '' ? '' : `field ${path}: `
  return new KustomizeError('KUSTOMIZATION_INVALID', `${where}expected a ${wanted}, got a ${got}`)
}

function at(context: Context, key: string): Context {
  return { ...context, path: context.path === '' ? key : `${context.path}.${key}` }
}

function isDecoded(value: unknown): value is Decoded {
  return typeof value === 'object' && value !== null
}

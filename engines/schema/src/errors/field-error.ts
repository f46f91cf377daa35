import { quote } from '@sluice/go'

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTooShort'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

/** What is wrong with a field, in the form and words of Kubernetes. */
export type FieldError = {
  readonly type: FieldErrorType
  /** Path such as `spec.ports[0].name`; `<nil>` for the object itself. */
  readonly field: string
  readonly detail: string
  /** The whole sentence: path, kind of error, value and detail. */
  readonly text: string
}

/** Stands for a value that a message does not show. */
export const omitted: unique symbol = Symbol('omitted')

const names: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTooShort: 'Too short',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
}
const withoutValue: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooShort',
  'InternalError',
])

/**
 * Words an error. An empty path is the object itself.
 *
 * Source: https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation/field#Error
 */
export function fieldError(
  type: FieldErrorType,
  path: string,
  { value = omitted, detail = '' }: { readonly value?: unknown; readonly detail?: string } = {},
): FieldError {
  const field = path === '' ? '<nil>' : path
  const shown = withoutValue.has(type) || value === omitted ? '' : `: ${showValue(value)}`
  const text = `${field}: ${names[type]}${shown}${detail === '' ? '' : `: ${detail}`}`
  return { type, field, detail, text }
}

export function invalid(path: string, value: unknown, detail: string): FieldError {
  return fieldError('FieldValueInvalid', path, { value, detail })
}

export function typeInvalid(path: string, value: unknown, detail: string): FieldError {
  return fieldError('FieldValueTypeInvalid', path, { value, detail })
}

export function required(path: string, detail: string): FieldError {
  return fieldError('FieldValueRequired', path, { detail })
}

export function forbidden(path: string, detail: string): FieldError {
  return fieldError('FieldValueForbidden', path, { detail })
}

export function duplicate(path: string, value: unknown): FieldError {
  return fieldError('FieldValueDuplicate', path, { value })
}

export function internalError(path: string, detail: string): FieldError {
  return fieldError('InternalError', path, { detail })
}

export function notSupported(path: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`
  return fieldError('FieldValueNotSupported', path, { value, detail })
}

/** @param max in bytes */
export function tooLong(path: string, max: number): FieldError {
  const detail = max < 0 ? 'value is too long' : `may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`
  return fieldError('FieldValueTooLong', path, { detail })
}

export function tooMany(path: string, actual: number, max: number): FieldError {
  const detail = max < 0 ? 'has too many items' : `must have at most ${max} ${max === 1 ? 'item' : 'items'}`
  return fieldError('FieldValueTooMany', path, { value: actual < 0 ? omitted : actual, detail })
}

/** A value as Kubernetes prints it: strings quoted, the rest as JSON with sorted keys, those of a `Map` in its order. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value)
  }
  return escapeHtml(toJson(value))
}

function toJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (value instanceof Map) return objectJson([...(value as ReadonlyMap<string, unknown>)])
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return objectJson(entries)
}

function objectJson(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${toJson(item)}`).join(',')}}`
}

/** Go's JSON keeps these out of HTML. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The path of a field within another. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

export function indexPath(path: string, index: number): string {
  return `${path}[${index}]`
}

export function keyPath(path: string, key: string): string {
  return `${path}[${key}]`
}

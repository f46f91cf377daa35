import {
  GoComplex,
  GoFunction,
  GoInt,
  type GoIntKind,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
} from './value.ts'

export type GoKind =
  | GoIntKind
  | 'invalid'
  | 'bool'
  | 'string'
  | 'float64'
  | 'complex128'
  | 'slice'
  | 'array'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'func'

/** Go's kind of a value, as `reflect.Kind.String` names it. */
export function goKind(value: GoValue): GoKind {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  return kindOfObject(value)
}

function kindOfObject(value: Exclude<GoValue, string | number | boolean>): GoKind {
  if (value === null || value === undefined) return 'invalid'
  if (value instanceof Map || value instanceof GoMap) return 'map'
  if (value instanceof GoInt) return value.kind
  if (value instanceof GoSlice) return /^\[\d/.test(value.underlying) ? 'array' : 'slice'
  if (value instanceof GoObject) return value.type.startsWith('*') ? 'ptr' : 'struct'
  if (value instanceof GoNamed) return 'string'
  if (value instanceof GoComplex) return 'complex128'
  if (value instanceof GoFunction) return 'func'
  return 'slice'
}

/** Go's name of a value's type, as `%T` prints it; `<nil>` for no value. */
export function goTypeName(value: GoValue): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeNameOfObject(value)
}

function typeNameOfObject(value: Exclude<GoValue, string | number | boolean>): string {
  if (value === null || value === undefined) return '<nil>'
  if (value instanceof Map) return 'map[string]interface {}'
  if (Array.isArray(value)) return '[]interface {}'
  if (value instanceof Uint8Array) return '[]uint8'
  if (value instanceof GoComplex) return 'complex128'
  if (value instanceof GoFunction) {
    const last = value.parameters.length - 1
    const parameters = value.parameters.map((type, at) =>
      value.variadic && at === last ? `...${type}` : type,
    )
    return `func(${parameters.join(', ')}) interface {}`
  }
  return (value as GoInt | GoNamed | GoSlice | GoMap | GoObject).type
}

/**
 * The type of the elements of a slice, array or map type such as `[]string`, `[2]int` or `map[string]bool`.
 * Take a named type's `underlying`; the elements of what is no such type count as `interface {}`.
 */
export function goElementType(type: string): string {
  if (type.startsWith('map[')) return type.slice(closingBracket(type, 3) + 1)
  if (type.startsWith('[')) return type.slice(closingBracket(type, 0) + 1)
  return 'interface {}'
}

/** The type of the keys of a map type; `string` for a named one. */
export function goKeyType(type: string): string {
  return type.startsWith('map[') ? type.slice(4, closingBracket(type, 3)) : 'string'
}

function closingBracket(type: string, open: number): number {
  let depth = 0
  for (let at = open; at < type.length; at += 1) {
    if (type[at] === '[') depth += 1
    else if (type[at] === ']') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return type.length
}

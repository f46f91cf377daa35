import {
  GoComplex,
  type GoFunction,
  GoInt,
  type GoIntKind,
  GoMap,
  GoObject,
  GoSlice,
  type GoValue,
  goTypeName,
} from '@sluice/go'

export type ParameterKind =
  | 'value'
  | 'interface'
  | 'string'
  | 'bool'
  | 'int'
  | 'uint'
  | 'float'
  | 'complex'
  | 'other'

/** A parameter's Go type, as far as calls must know it. */
export type Parameter = {
  readonly type: string
  readonly kind: ParameterKind
  /** Whether no value stands for nil of the type. */
  readonly nilable: boolean
  readonly intKind: GoIntKind
}

/** The parameters of a function: `fixed` and, when it is variadic, the one that repeats. */
export type Signature = { readonly fixed: readonly Parameter[]; readonly rest: Parameter | undefined }

const intKinds: ReadonlySet<string> = new Set<GoIntKind>(['int', 'int8', 'int16', 'int32', 'int64'])
const uintKinds: ReadonlySet<string> = new Set<GoIntKind>([
  'uint',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'uintptr',
])
const signatures = new WeakMap<GoFunction, Signature>()

/** The signature of a function, read from its parameter types once. */
export function signatureOf(fn: GoFunction): Signature {
  const known = signatures.get(fn)
  if (known) return known
  const all = fn.parameters.map(parameterOf)
  const signature = fn.variadic
    ? { fixed: all.slice(0, -1), rest: all.at(-1) }
    : { fixed: all, rest: undefined }
  signatures.set(fn, signature)
  return signature
}

export function parameterOf(type: string): Parameter {
  const kind = kindOf(type)
  const pointsOrHolds = /^(\[\]|map\[|\*|func\b|chan\b)/.test(type)
  return {
    type,
    kind,
    nilable: kind === 'interface' || kind === 'value' || pointsOrHolds,
    intKind: kind === 'int' || kind === 'uint' ? (type as GoIntKind) : 'int64',
  }
}

function kindOf(type: string): ParameterKind {
  if (type === 'interface {}') return 'interface'
  if (type === 'reflect.Value') return 'value'
  if (type === 'string' || type === 'bool') return type
  if (type === 'float64') return 'float'
  if (type === 'complex128') return 'complex'
  if (intKinds.has(type) || type === 'time.Duration') return 'int'
  return uintKinds.has(type) ? 'uint' : 'other'
}

/**
 * The value as an argument of the type: itself, the contents of a named map, `null` for a nil map or slice, what a
 * pointer points to; nothing when it cannot be assigned.
 */
export function assign(value: GoValue, { type, kind }: Parameter): { readonly value: GoValue } | undefined {
  switch (kind) {
    case 'value':
    case 'interface':
      return { value }
    case 'string':
      return typeof value === 'string' ? { value } : undefined
    case 'bool':
      return typeof value === 'boolean' ? { value } : undefined
    case 'float':
      return typeof value === 'number' ? { value } : undefined
    case 'complex':
      return value instanceof GoComplex ? { value } : undefined
    case 'int':
    case 'uint':
      return value instanceof GoInt && value.type === type ? { value } : undefined
    case 'other':
      return assignOther(value, type)
  }
}

function assignOther(value: GoValue, type: string): { readonly value: GoValue } | undefined {
  if (value instanceof GoMap || value instanceof GoSlice) {
    if (value.type !== type && value.underlying !== type) return undefined
    if (value.isNil) return { value: null }
    const isPlainMap = value instanceof GoMap && type === 'map[string]interface {}'
    if (isPlainMap) return { value: value.entries as Map<string, GoValue> }
    return { value: type === '[]interface {}' && value instanceof GoSlice ? value.items : value }
  }
  const own = goTypeName(value)
  if (own === type) return { value }
  const isPointer = value instanceof GoObject && own === `*${type}`
  return isPointer ? { value: new GoObject(type, value.fields, value.methods) } : undefined
}

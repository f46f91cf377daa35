import { type CelType, isDyn } from '../types/cel-type.ts'
import { CelError, type CelValue, OptionalValue, typeNameOf, typeOf } from '../values/value.ts'

/** Computes a call. Arguments are never errors, unless the function is not strict. */
export type Implementation = (...args: readonly CelValue[]) => CelValue

/** One signature of a function. */
export type Overload = {
  readonly id: string
  /** Whether it is called on a value: the first of `parameters` is then the target. */
  readonly isMember: boolean
  readonly parameters: readonly CelType[]
  readonly result: CelType
  /** Absent where the function has one implementation for all overloads. */
  readonly call?: Implementation
  /** Whether errors are passed in as arguments. */
  readonly isLenient?: boolean
}

/** One implementation for all signatures of a function. */
export type SharedImplementation = {
  readonly call: Implementation
  /** The number of arguments; `undefined` for any. */
  readonly arity: 1 | 2 | undefined
  /** Which values it takes as its first argument; others fail with the function's name. */
  readonly accepts?: (value: CelValue) => boolean
}

export type FunctionDeclaration = {
  readonly name: string
  readonly overloads: readonly Overload[]
  readonly shared?: SharedImplementation
  /** Whether arguments reach the implementation without a check of their types. */
  readonly isUnguarded?: boolean
}

type Parts = Pick<FunctionDeclaration, 'shared' | 'isUnguarded'>

export function declare(
  name: string,
  overloads: readonly Overload[],
  { shared, isUnguarded }: Parts = {},
): FunctionDeclaration {
  return { name, overloads, ...(shared && { shared }), ...(isUnguarded && { isUnguarded }) }
}

/** A signature called as `name(a, b)`. */
export function overload(
  id: string,
  parameters: readonly CelType[],
  result: CelType,
  call?: Implementation,
): Overload {
  return { id, isMember: false, parameters, result, ...(call && { call }) }
}

/** A signature called as `a.name(b)`. */
export function memberOverload(
  id: string,
  parameters: readonly CelType[],
  result: CelType,
  call?: Implementation,
): Overload {
  return { id, isMember: true, parameters, result, ...(call && { call }) }
}

/** Adds declarations to others; overloads of a function known already come after the known ones. */
export function mergeDeclarations(
  declarations: readonly FunctionDeclaration[],
): ReadonlyMap<string, FunctionDeclaration> {
  const out = new Map<string, FunctionDeclaration>()
  for (const declaration of declarations) {
    const known = out.get(declaration.name)
    if (!known) {
      out.set(declaration.name, declaration)
      continue
    }
    const ids = new Set(declaration.overloads.map(({ id }) => id))
    const kept = known.overloads.filter(({ id }) => !ids.has(id))
    out.set(declaration.name, { ...known, ...declaration, overloads: [...kept, ...declaration.overloads] })
  }
  return out
}

/** Whether arguments fit a signature at run time. Of a list or map only the first entry is looked at. */
export function acceptsArguments({ parameters }: Overload, args: readonly CelValue[]): boolean {
  if (args.length !== parameters.length) return false
  return parameters.every((parameter, index) => acceptsValue(parameter, args[index] ?? null))
}

function acceptsValue(type: CelType, value: CelValue): boolean {
  if (isDyn(type) || type.kind === 'param') return true
  if (typeOf(value).name !== type.name) return false
  if (type.kind !== 'list' && type.kind !== 'map') return true
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  const [first, second] = type.parameters
  if (value.kind === 'list') {
    const [item] = value.items
    return value.size === 0 || !first || item === undefined || acceptsValue(first, item)
  }
  if (value.kind !== 'map' || value.size === 0) return true
  const [key] = value.keys()
  if (key === undefined || !first || !second) return true
  return acceptsValue(first, key) && acceptsValue(second, value.find(key) ?? null)
}

/** `no such overload: name(int, string)`; an error among the arguments comes first. */
export function noOverloadFor(name: string, args: readonly CelValue[]): CelError {
  const failed = args.find((arg) => arg instanceof CelError)
  return failed ?? new CelError(`no such overload: ${name}(${args.map(typeNameOf).join(', ')})`)
}

/** The value within an optional, for the size of it. */
export function unwrapValue(value: CelValue): CelValue {
  return value instanceof OptionalValue && value.value !== undefined ? value.value : value
}

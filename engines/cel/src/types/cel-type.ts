/** What a type is, apart from its parameters. `object` is a declared structure, `opaque` an abstract type. */
export type TypeKind =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'list'
  | 'map'
  | 'type'
  | 'opaque'
  | 'object'
  | 'param'

/** A CEL type. Types compare by structure: see {@link sameType}. */
export class CelType {
  readonly kind: TypeKind
  /** The name at run time, such as `int`, `google.protobuf.Timestamp`, `kubernetes.Quantity`. */
  readonly name: string
  readonly parameters: readonly CelType[]

  constructor(kind: TypeKind, name: string, parameters: readonly CelType[] = []) {
    this.kind = kind
    this.name = name
    this.parameters = parameters
  }

  toString(): string {
    return this.parameters.length === 0 ? this.name : `${this.name}(${this.parameters.join(', ')})`
  }
}

export const dynType: CelType = new CelType('dyn', 'dyn')
export const errorType: CelType = new CelType('error', '*error*')
export const nullType: CelType = new CelType('null', 'null_type')
export const boolType: CelType = new CelType('bool', 'bool')
export const intType: CelType = new CelType('int', 'int')
export const uintType: CelType = new CelType('uint', 'uint')
export const doubleType: CelType = new CelType('double', 'double')
export const stringType: CelType = new CelType('string', 'string')
export const bytesType: CelType = new CelType('bytes', 'bytes')
export const timestampType: CelType = new CelType('timestamp', 'google.protobuf.Timestamp')
export const durationType: CelType = new CelType('duration', 'google.protobuf.Duration')
export const typeType: CelType = new CelType('type', 'type')

export function listType(element: CelType): CelType {
  return new CelType('list', 'list', [element])
}

export function mapType(key: CelType, value: CelType): CelType {
  return new CelType('map', 'map', [key, value])
}

export function typeOfType(type: CelType): CelType {
  return new CelType('type', 'type', [type])
}

export function optionalType(type: CelType): CelType {
  return new CelType('opaque', optionalTypeName, [type])
}

export function opaqueType(name: string, ...parameters: readonly CelType[]): CelType {
  return new CelType('opaque', name, parameters)
}

export function objectType(name: string): CelType {
  return new CelType('object', name)
}

export function typeParameter(name: string): CelType {
  return new CelType('param', name)
}

const optionalTypeName = 'optional_type'

export function isOptionalType(type: CelType): boolean {
  return type.kind === 'opaque' && type.name === optionalTypeName
}

/** The type within an optional, or the type itself. */
export function unwrapOptional(type: CelType): CelType {
  return isOptionalType(type) ? (type.parameters[0] ?? dynType) : type
}

export function isDyn(type: CelType): boolean {
  return type.kind === 'dyn'
}

export function isDynOrError(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error'
}

/** Whether two types have the same structure. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.name !== b.name || a.parameters.length !== b.parameters.length) return false
  return a.parameters.every((parameter, index) => {
    const other = b.parameters[index]
    return other !== undefined && sameType(parameter, other)
  })
}

/** The type as error messages print it, where it differs from its name at run time. */
export function describeType(type: CelType): string {
  const shown = shownNames.get(type.kind) ?? type.name
  return type.parameters.length === 0 ? shown : `${shown}(${type.parameters.map(describeType).join(', ')})`
}

const shownNames: ReadonlyMap<TypeKind, string> = new Map<TypeKind, string>([
  ['duration', 'duration'],
  ['timestamp', 'timestamp'],
  ['error', '!error!'],
  ['null', 'null'],
])

/** Argument types as error messages print them: `(int, string)`, or `string.(int)` for a call on a value. */
export function describeCall(argumentTypes: readonly CelType[], isMember: boolean): string {
  const [target, ...rest] = argumentTypes
  return isMember && target
    ? `${describeType(target)}.(${rest.map(describeType).join(', ')})`
    : `(${argumentTypes.map(describeType).join(', ')})`
}

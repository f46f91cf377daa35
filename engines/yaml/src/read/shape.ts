import { GoNamed, type GoValue } from '@sluice/go'

/** Any value that YAML and JSON have in common. Integers beyond 2^53 are bigints, so that no digit is lost. */
export type YamlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined }

/** How values are built while a document is read: as plain objects or as Go values. */
export type Shape<T, M extends T> = {
  readonly mapping: () => M
  readonly isMapping: (value: T) => value is M
  readonly set: (mapping: M, key: string, value: T) => void
  readonly entries: (mapping: M) => Iterable<readonly [string, T]>
  /** `literal` is the number as JSON has it; absent when it was read from YAML. */
  readonly number: (value: number | bigint, literal?: string) => T
  /** The value of an alias: shared where values are never changed, otherwise a copy. */
  readonly aliased: (value: T) => T
}

type PlainObject = { [key: string]: YamlValue }

/** Plain objects, fit for freezing: aliases share their target. The key `__proto__` is an ordinary one. */
export const plainShape: Shape<YamlValue, PlainObject> = {
  mapping: () => ({}),
  isMapping: (value): value is PlainObject =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
  set: setOwn,
  entries: (mapping) => Object.entries(mapping),
  number: (value) => value,
  aliased: (value) => value,
}

/** Sets an own property, whatever its name is. */
export function setOwn<T>(target: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    target[key] = value
  }
}

type GoMapping = Map<string, GoValue>

/** Go values, each alias a copy of its own because templates change maps. */
export function goShape(numbers: 'float64' | 'json.Number'): Shape<GoValue, GoMapping> {
  return {
    mapping: () => new Map(),
    isMapping: (value): value is GoMapping => value instanceof Map,
    set: (mapping, key, value) => {
      mapping.set(key, value)
    },
    entries: (mapping) => mapping,
    number: (value, literal) =>
      numbers === 'float64' ? Number(value) : new GoNamed('json.Number', literal ?? numberLiteral(value)),
    aliased: copy,
  }
}

/** A number as Go's JSON encoder writes it. */
export function numberLiteral(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

// Depth is bounded by the reader.
function copy(value: GoValue): GoValue {
  if (value instanceof Map) {
    const result: GoMapping = new Map()
    for (const [key, item] of value) result.set(key, copy(item))
    return result
  }
  return Array.isArray(value) ? value.map(copy) : value
}

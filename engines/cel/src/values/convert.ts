import { ListValue } from './list-value.ts'
import { FieldMap } from './map-value.ts'
import { toInt } from './numbers.ts'
import { type CelValue, Double } from './value.ts'

/** How the numbers of JSON are read: all as doubles, as protobuf does, or whole ones as ints, as Go's YAML does. */
export type JsonNumbers = 'double' | 'int-or-double'

/**
 * The value of JSON data. Lists and objects are converted as far as they are looked at. Where it matters that a
 * whole number was written as `2.0`, a {@link Double} may stand for it.
 */
export function fromJson(json: unknown, numbers: JsonNumbers = 'int-or-double'): CelValue {
  return numbers === 'double' ? doublesFromJson(json) : integersFromJson(json)
}

function integersFromJson(json: unknown): CelValue {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? json : new Double(json)
  return typeof json === 'bigint' ? toInt(json) : convert(json, integersFromJson)
}

function doublesFromJson(json: unknown): CelValue {
  return typeof json === 'number' || typeof json === 'bigint'
    ? new Double(Number(json))
    : convert(json, doublesFromJson)
}

function convert(json: unknown, child: (json: unknown) => CelValue): CelValue {
  if (typeof json === 'string' || typeof json === 'boolean' || json instanceof Double) return json
  if (typeof json !== 'object' || json === null) return null
  if (Array.isArray(json)) return new ListValue(json, child)
  return new FieldMap(json as Readonly<Record<string, unknown>>, child)
}

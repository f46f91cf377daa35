import { formatFloat, GoInt, GoNamed, type GoValue } from '@sluice/go'
import { compareDecimals, type Decimal, decimalNumber, parseDecimal } from './number/decimal.ts'

export type InstanceType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** JSON's type of a value; `undefined` for one that JSON does not have. */
export function typeOfValue(value: GoValue): InstanceType | undefined {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : undefined
  if (value instanceof GoInt || isJsonNumber(value)) return 'number'
  if (Array.isArray(value)) return 'array'
  return value instanceof Map ? 'object' : undefined
}

function isJsonNumber(value: GoValue): value is GoNamed {
  return value instanceof GoNamed && value.type === 'json.Number'
}

/** The exact number that a value of type `number` is. */
export function decimalOf(value: GoValue): Decimal {
  return parseDecimal(numberLiteral(value))
}

/** A number as Go prints it; one of a schema as it is written there. */
export function numberLiteral(value: GoValue): string {
  if (value instanceof GoInt) return String(value.value)
  if (value instanceof GoNamed) return value.value
  return formatFloat(Number(value), 'g', -1)
}

/** JSON's equality: 1 and 1.0 are one number, the order of members does not count. */
export function isSame(a: GoValue, b: GoValue): boolean {
  const type = typeOfValue(a)
  if (type !== typeOfValue(b)) return false
  switch (type) {
    case 'number':
      return compareDecimals(decimalOf(a), decimalOf(b)) === 0
    case 'array':
      return isSameList(a as readonly GoValue[], b as readonly GoValue[])
    case 'object':
      return isSameMap(a as ReadonlyMap<string, GoValue>, b as ReadonlyMap<string, GoValue>)
    case 'null':
      return true
    case 'boolean':
    case 'string':
    case undefined:
      return a === b
  }
}

function isSameList(a: readonly GoValue[], b: readonly GoValue[]): boolean {
  return a.length === b.length && a.every((item, index) => isSame(item, b[index]))
}

function isSameMap(a: ReadonlyMap<string, GoValue>, b: ReadonlyMap<string, GoValue>): boolean {
  return a.size === b.size && [...a].every(([key, item]) => b.has(key) && isSame(item, b.get(key)))
}

/** A text that is equal for equal values, and for no others. */
export function canonicalText(value: GoValue): string {
  switch (typeOfValue(value)) {
    case 'number': {
      const decimal = decimalOf(value)
      return `${decimal.digits}e${decimal.exponent}`
    }
    case 'array':
      return `[${(value as readonly GoValue[]).map(canonicalText).join()}]`
    case 'object': {
      const members = [...(value as ReadonlyMap<string, GoValue>)].map(
        ([key, item]) => `${JSON.stringify(key)}:${canonicalText(item)}`,
      )
      return `{${members.toSorted().join()}}`
    }
    case 'null':
    case 'boolean':
    case 'string':
    case undefined:
      return JSON.stringify(value ?? null)
  }
}

/** As messages give a number. */
export function approximately(value: GoValue): number {
  return typeof value === 'number' ? value : decimalNumber(decimalOf(value))
}

import { GoInt, type GoValue } from '@sluice/go'

export type InstanceType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** JSON's type of a chart's value. */
export function typeOfValue(value: GoValue): InstanceType {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number' || value instanceof GoInt) return 'number'
  return Array.isArray(value) ? 'array' : 'object'
}

export function numberOf(value: GoValue): number {
  return value instanceof GoInt ? Number(value.value) : Number(value)
}

/** JSON's equality: 1 and 1.0 are one number, the order of members does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof GoInt || b instanceof GoInt) return numeric(a) === numeric(b)
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]))
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && isSame(item, b.get(key)))
  }
  return a === b
}

function numeric(value: unknown): unknown {
  return value instanceof GoInt ? Number(value.value) : value
}

/** A number with its thousands parted, as the messages have it. */
export function formatNumber(value: number): string {
  const [whole = '', fraction] = String(value).split('.')
  const parted = /^-?\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole
  return fraction === undefined ? parted : `${parted}.${fraction}`
}

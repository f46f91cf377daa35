import { formatFloat } from '@sluice/go'
import { type FieldError, invalid } from '../errors/field-error.ts'
import type { ValueRules } from '../structural/value-rules.ts'

const int64Limits = [-(2n ** 63n), 2n ** 63n - 1n] as const
const int32Limits = [-(2n ** 31n), 2n ** 31n - 1n] as const
const maxFloat32 = 3.4028235677973366e38

/** A number of data. Whole ones are integers, whatever their notation was. */
type Numeric = number | bigint

/** The checks of a number: its range by type and format, factor, and bounds. */
export class NumberBounds {
  readonly #rules: ValueRules
  readonly #type: string
  readonly #format: string

  /** @param type the one type that the schema allows; otherwise empty */
  constructor(rules: ValueRules, type: string) {
    this.#rules = rules
    this.#type = type === 'integer' || type === 'number' ? type : ''
    this.#format = knownFormats.get(this.#type)?.includes(rules.format) ? rules.format : ''
  }

  check(value: Numeric, path: string, add: (error: FieldError) => void): void {
    const { multipleOf, minimum, maximum } = this.#rules
    if (!this.#fits(value)) add(this.#outOfRange('Checked', path))
    if (multipleOf !== undefined) this.#checkFactor(value, multipleOf, { path, add })
    if (minimum !== undefined) this.#checkBound(value, minimum, { path, add, isMaximum: false })
    if (maximum !== undefined) this.#checkBound(value, maximum, { path, add, isMaximum: true })
  }

  #fits(value: Numeric): boolean {
    if (this.#type === 'number') return this.#format !== 'float' || Math.abs(Number(value)) < maxFloat32
    if (this.#type === '') return true
    if (!isWhole(value)) return false
    const [min, max] = this.#format === 'int32' ? int32Limits : int64Limits
    return value >= min && value <= max
  }

  #outOfRange(subject: string, path: string): FieldError {
    const format = this.#format === '' ? '(default format)' : `with format ${this.#format}`
    return invalid('', '', `${subject} value must be of type ${this.#type} ${format} in ${path}`)
  }

  #checkFactor(value: Numeric, factor: number, { path, add }: Target): void {
    if (!this.#fits(factor)) add(this.#outOfRange('MultipleOf', path))
    const used = this.#fits(factor) && isWhole(value) ? Math.trunc(factor) : factor
    if (used <= 0) {
      add(invalid(path, '', `factor MultipleOf declared for ${path} must be positive: ${showNumber(used)}`))
      return
    }
    const isMultiple =
      isWhole(value) && Number.isInteger(used) ? BigInt(value) % BigInt(used) === 0n : undefined
    if (isMultiple ?? isNearlyWhole(used < 1 ? (1 / used) * Number(value) : Number(value) / used)) return
    add(invalid(path, value, `${path} in body should be a multiple of ${showNumber(factor)}`))
  }

  #checkBound(value: Numeric, bound: number, target: Target & { readonly isMaximum: boolean }): void {
    const { path, add, isMaximum } = target
    const fits = this.#fits(bound)
    if (!fits) add(this.#outOfRange(isMaximum ? 'Maximum boundary' : 'Minimum boundary', path))
    const used = fits && isWhole(value) ? Math.trunc(bound) : bound
    const isExclusive = isMaximum ? this.#rules.exclusiveMaximum : this.#rules.exclusiveMinimum
    const isOutside = isMaximum ? value > used : value < used
    if (!isOutside && !(isExclusive && Number(value) === used)) return
    const relation = isMaximum ? 'less than' : 'greater than'
    const orEqual = isExclusive ? '' : ' or equal to'
    add(invalid(path, value, `${path} in body should be ${relation}${orEqual} ${showNumber(used)}`))
  }
}

type Target = { readonly path: string; readonly add: (error: FieldError) => void }

const knownFormats: ReadonlyMap<string, readonly string[]> = new Map([
  ['integer', ['int32', 'int64']],
  ['number', ['float', 'double']],
])

export function isWhole(value: unknown): value is Numeric {
  return typeof value === 'bigint' || Number.isInteger(value)
}

/** Whether a quotient is whole but for what division loses. */
function isNearlyWhole(value: number): boolean {
  const rounded = Math.trunc(value)
  const difference = Math.abs(value - rounded)
  return (
    value === rounded ||
    difference < 1e-9 * Math.abs(value) ||
    Math.abs(difference - 1) < 1e-9 * Math.abs(value)
  )
}

/** A number as Go prints it: with an exponent from 21 digits on. */
function showNumber(value: number): string {
  return Math.abs(value) < 1e21 && Math.abs(value) >= 1e-4 ? String(value) : formatFloat(value, 'g', -1)
}

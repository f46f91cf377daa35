import { showValue } from '../errors/field-error.ts'
import { JsonPathError } from './json-path-error.ts'
import type { Bound, Filter, Step } from './step.ts'

/** Numbers written with a point are floats, which compare with floats only. */
class Float {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

export type Evaluation = { readonly allowMissingKeys: boolean }

/**
 * Follows a path from a value.
 *
 * @throws {JsonPathError} when the data does not fit
 */
export function follow(
  run: Evaluation,
  values: readonly unknown[],
  steps: readonly Step[],
): readonly unknown[] {
  return followRaw(run, values, steps).map((value) => (value instanceof Float ? value.value : value))
}

function followRaw(run: Evaluation, values: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  let current = values
  for (const step of steps) current = take(run, current, step)
  return current
}

function take(run: Evaluation, values: readonly unknown[], step: Step): readonly unknown[] {
  switch (step.kind) {
    case 'literal': {
      const { value, isFloat } = step
      if (typeof value === 'string') return [value]
      return values.map(() => (isFloat ? new Float(Number(value)) : value))
    }
    case 'field':
      return takeField(run, values, step.name)
    case 'slice':
      return values.flatMap((value) => slice(value, step))
    case 'wildcard':
      return values.flatMap(contentOf)
    case 'descent':
      return values.flatMap(descend)
    case 'union':
      return step.paths.flatMap((path) => followRaw(run, values, path))
    case 'filter':
      return values.flatMap((value) => filter(run, value, step))
    case 'word': {
      const known = step.word === 'end' ? 'not in range, nothing to end' : undefined
      throw new JsonPathError(known ?? `unrecognized identifier ${step.word}`)
    }
  }
}

function takeField({ allowMissingKeys }: Evaluation, values: readonly unknown[], name: string): unknown[] {
  const found = values.filter(
    (value) => isObject(value) && Object.hasOwn(value, name) && value[name] !== undefined,
  )
  if (found.length === 0 && values.length > 0 && !allowMissingKeys) {
    throw new JsonPathError(`${name} is not found`)
  }
  return found.map((value) => (isObject(value) ? value[name] : undefined))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is directly in a value; texts hold their bytes. */
function contentOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [...new TextEncoder().encode(value)]
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}

/** A value and all in it that has something in it, from the outside in. */
function descend(value: unknown): readonly unknown[] {
  const found: unknown[] = []
  const pending: unknown[] = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (typeof next === 'string') {
      if (next !== '') found.push(next)
      continue
    }
    const content = contentOf(next)
    if (content.length === 0) continue
    found.push(next)
    pending.push(...content.toReversed())
  }
  return found
}

function slice(
  value: unknown,
  { start, end, step = 1 }: { readonly start: Bound; readonly end: Bound; readonly step: Bound },
): readonly unknown[] {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) throw new JsonPathError(`${goType(value)} is not array or slice`)
  const { length } = value
  const first = fromEnd(start ?? 0, length)
  const last = fromEnd(end ?? length, length)
  if (first === last) return []
  const outside = (index: number): never => {
    throw new JsonPathError(`array index out of bounds: index ${index}, length ${length}`)
  }
  if (first >= length || first < 0) outside(first)
  if (last > length || last < 0) outside(last - 1)
  if (first > last) throw new JsonPathError(`starting index ${first} is greater than ending index ${last}`)
  if (step <= 0) throw new JsonPathError('step must be > 0')
  const items: readonly unknown[] = value
  return items.slice(first, last).filter((_, index) => index % step === 0)
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index
}

function filter(run: Evaluation, value: unknown, step: Filter): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new JsonPathError(`${describe(value)} is not array or slice and cannot be filtered`)
  }
  const items: readonly unknown[] = value
  return items.filter((item) => passes(run, item, step))
}

function passes(run: Evaluation, item: unknown, { left, right, operator }: Filter): boolean {
  if (operator === 'exists') return exists(run, item, left)
  const [a, ...moreLeft] = followRaw(run, [item], left)
  if (a === undefined) return false
  const [b, ...moreRight] = followRaw(run, [item], right)
  if (b === undefined) return false
  if (moreLeft.length + moreRight.length > 0) {
    throw new JsonPathError('can only compare one element at a time')
  }
  return compare(a, b, operator)
}

function exists(run: Evaluation, item: unknown, path: readonly Step[]): boolean {
  try {
    return followRaw(run, [item], path).length > 0
  } catch (error) {
    if (error instanceof JsonPathError) return false
    throw error
  }
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  const [kind, a] = scalar(left)
  const [otherKind, b] = scalar(right)
  if (kind !== otherKind) throw new JsonPathError('incompatible types for comparison')
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
    case '<=':
    case '>':
    case '>=': {
      if (kind === 'bool') throw new JsonPathError('invalid type for comparison')
      if (operator.endsWith('=') && a === b) return true
      return operator.startsWith('<') ? a < b : a > b
    }
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`)
  }
}

function scalar(value: unknown): readonly [string, string | number | boolean | bigint] {
  if (value instanceof Float) return ['float', value.value]
  if (typeof value === 'string') return ['string', value]
  if (typeof value === 'boolean') return ['bool', value]
  if (typeof value === 'bigint') return ['int', value]
  if (typeof value === 'number') return [Number.isInteger(value) ? 'int' : 'float', value]
  throw new JsonPathError('invalid type for comparison')
}

function goType(value: unknown): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (isObject(value)) return 'map[string]interface {}'
  return Number.isInteger(value) || typeof value === 'bigint' ? 'int64' : 'float64'
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return '<invalid reflect.Value>'
  return typeof value === 'string' ? value : showValue(value)
}

import type { GoValue } from '@sluice/go'
import { formatNumber, isSame } from './instance.ts'
import { isSchema, type Schema } from './json-schema.ts'
import { type At, type SchemaCheck, wrong } from './place.ts'
import { flattened, quoted, type Violation } from './violation.ts'

type Keywords = ReadonlyMap<string, unknown>
type Subject<T> = { readonly value: T; readonly at: At }

/** Keywords about objects. */
export function objectViolations(
  validator: SchemaCheck,
  schema: Keywords,
  subject: Subject<ReadonlyMap<GoValue, GoValue>>,
): readonly Violation[] {
  const { value, at } = subject
  return [
    ...bounded(schema, { name: 'Properties', size: value.size, at }),
    ...missing(schema.get('required'), value, (names) => wrong(at, missingText(names))),
    ...memberViolations(validator, schema, subject),
    ...nameViolations(validator, schema.get('propertyNames'), subject),
    ...dependencyViolations(validator, schema, subject),
  ]
}

function missingText(names: readonly string[]): string {
  return `missing ${names.length === 1 ? 'property' : 'properties'} ${names.map(quoted).join(', ')}`
}

function missing(
  required: unknown,
  value: ReadonlyMap<GoValue, GoValue>,
  report: (names: readonly string[]) => Violation,
): readonly Violation[] {
  const names = Array.isArray(required) ? required.map(String).filter((name) => !value.has(name)) : []
  return names.length === 0 ? [] : [report(names)]
}

function memberViolations(
  validator: SchemaCheck,
  schema: Keywords,
  { value, at }: Subject<ReadonlyMap<GoValue, GoValue>>,
): readonly Violation[] {
  const properties = schema.get('properties')
  const patterns = schema.get('patternProperties')
  const additional = schema.get('additionalProperties')
  const violations: Violation[] = []
  const unknown: string[] = []
  for (const [key, member] of value) {
    const name = key as string
    const place = below(at, name)
    const own = properties instanceof Map ? properties.get(name) : undefined
    const matched = patterns instanceof Map ? matching(validator, patterns, name) : []
    const schemas = [...(isSchema(own) ? [own] : []), ...matched]
    for (const it of schemas) violations.push(...flattened(validator.check(it, member, place)))
    if (schemas.length > 0 || !isSchema(additional)) continue
    if (additional === false) unknown.push(name)
    else violations.push(...flattened(validator.check(additional, member, place)))
  }
  if (unknown.length === 0) return violations
  return [
    ...violations,
    wrong(at, `additional properties ${unknown.toSorted().map(quoted).join(', ')} not allowed`),
  ]
}

function matching(validator: SchemaCheck, patterns: ReadonlyMap<string, unknown>, name: string): Schema[] {
  return [...patterns].flatMap(([pattern, schema]) =>
    isSchema(schema) && validator.document.pattern(pattern).test(name) ? [schema] : [],
  )
}

function nameViolations(
  validator: SchemaCheck,
  schema: unknown,
  { value, at }: Subject<ReadonlyMap<GoValue, GoValue>>,
): readonly Violation[] {
  if (!isSchema(schema)) return []
  return [...value.keys()].flatMap((key) => {
    // A name has no place of its own in the document.
    const violation = validator.check(schema, key, { ...at, path: [] })
    return violation
      ? [{ ...wrong(at, `invalid propertyName ${quoted(key as string)}`), causes: [violation] }]
      : []
  })
}

/** `dependencies` of older drafts and the two keywords that it became. */
function dependencyViolations(
  validator: SchemaCheck,
  schema: Keywords,
  { value, at }: Subject<ReadonlyMap<GoValue, GoValue>>,
): readonly Violation[] {
  const rules = ['dependencies', 'dependentSchemas', 'dependentRequired'].flatMap((keyword) => {
    const entries = schema.get(keyword)
    return entries instanceof Map ? ([...entries] as [string, unknown][]) : []
  })
  return rules.flatMap(([name, rule]) => {
    if (!value.has(name)) return []
    if (isSchema(rule)) return flattened(validator.check(rule, value as GoValue, at))
    return missing(rule, value, (names) =>
      wrong(at, `properties ${names.map(quoted).join(', ')} required, if ${quoted(name)} exists`),
    )
  })
}

/** Keywords about lists. */
export function arrayViolations(
  validator: SchemaCheck,
  schema: Keywords,
  subject: Subject<readonly GoValue[]>,
): readonly Violation[] {
  const { value, at } = subject
  return [
    ...bounded(schema, { name: 'Items', size: value.length, at }),
    ...(schema.get('uniqueItems') === true ? repeated(subject) : []),
    ...itemViolations(validator, schema, subject),
    ...containsViolations(validator, schema, subject),
  ]
}

function repeated({ value, at }: Subject<readonly GoValue[]>): readonly Violation[] {
  for (let second = 1; second < value.length; second += 1) {
    for (let first = 0; first < second; first += 1) {
      if (isSame(value[first], value[second])) return [wrong(at, `items at ${first} and ${second} are equal`)]
    }
  }
  return []
}

function itemViolations(
  validator: SchemaCheck,
  schema: Keywords,
  { value, at }: Subject<readonly GoValue[]>,
): readonly Violation[] {
  const items = schema.get('items')
  const leading = schema.get('prefixItems') ?? (Array.isArray(items) ? items : undefined)
  const schemas = Array.isArray(leading) ? leading.filter(isSchema) : []
  const rest = Array.isArray(items) ? schema.get('additionalItems') : items
  const violations = value.flatMap((item, index) => {
    const own = schemas[index] ?? rest
    const isCounted = Array.isArray(items) && index >= schemas.length && own === false
    if (!isSchema(own) || isCounted) return []
    return flattened(validator.check(own, item, below(at, String(index))))
  })
  const extra = value.length - schemas.length
  if (!Array.isArray(items) || rest !== false || extra <= 0) return violations
  return [...violations, wrong(at, `last ${extra} additionalItem(s) not allowed`)]
}

function containsViolations(
  validator: SchemaCheck,
  schema: Keywords,
  { value, at }: Subject<readonly GoValue[]>,
): readonly Violation[] {
  const contains = schema.get('contains')
  if (!isSchema(contains)) return []
  const results = value.map((item, index) => validator.check(contains, item, below(at, String(index))))
  const matched = results.flatMap((it, index) => (it === undefined ? [index] : []))
  const causes = results.filter((it) => it !== undefined)
  const min = schema.get('minContains')
  const max = schema.get('maxContains')
  if (typeof max === 'number' && matched.length > max) {
    return [wrong(at, `max ${max} items required to match contains schema, but matched ${counted(matched)}`)]
  }
  if (typeof min !== 'number') {
    return matched.length > 0 ? [] : [{ ...wrong(at, 'no items match contains schema'), causes }]
  }
  if (matched.length >= min) return []
  const found = matched.length === 0 ? 'none matched' : `matched ${counted(matched)}`
  return [{ ...wrong(at, `min ${min} items required to match contains schema, but ${found}`), causes }]
}

function counted(indexes: readonly number[]): string {
  return `${indexes.length} items at ${indexes.join(', ')}`
}

/** Keywords about texts. Lengths count code points. */
export function stringViolations(
  validator: SchemaCheck,
  schema: Keywords,
  { value, at }: Subject<string>,
): readonly Violation[] {
  const pattern = schema.get('pattern')
  return [
    ...bounded(schema, { name: 'Length', size: Array.from(value).length, at }),
    ...(typeof pattern === 'string' && !validator.document.pattern(pattern).test(value)
      ? [wrong(at, `${quoted(value)} does not match pattern ${quoted(pattern)}`)]
      : []),
  ]
}

const numberKeywords: readonly (readonly [string, (value: number, bound: number) => boolean])[] = [
  ['minimum', (value, bound) => value >= bound],
  ['maximum', (value, bound) => value <= bound],
  ['exclusiveMinimum', (value, bound) => value > bound],
  ['exclusiveMaximum', (value, bound) => value < bound],
  ['multipleOf', isMultiple],
]

/** Keywords about numbers. In draft 4 the exclusive ones are switches of the others. */
export function numberViolations(
  _validator: SchemaCheck,
  schema: Keywords,
  { value, at }: Subject<number>,
): readonly Violation[] {
  return numberKeywords.flatMap(([keyword, holds]) => {
    const isExclusive = schema.get(`exclusive${keyword[0]?.toUpperCase()}${keyword.slice(1)}`) === true
    const bound = schema.get(keyword)
    if (typeof bound !== 'number') return []
    const name = isExclusive ? `exclusive${keyword[0]?.toUpperCase()}${keyword.slice(1)}` : keyword
    if (holds(value, bound) && !(isExclusive && value === bound)) return []
    return [wrong(at, `${name}: got ${formatNumber(value)}, want ${formatNumber(bound)}`)]
  })
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of
  // Decimal fractions such as 0.1 have no exact double; what a person would call a multiple is one.
  return Math.abs(quotient - Math.round(quotient)) < 1e-9
}

type Size = { readonly name: string; readonly size: number; readonly at: At }

/** `minItems`, `maxLength` and the like. */
function bounded(schema: Keywords, { name, size, at }: Size): readonly Violation[] {
  const min = schema.get(`min${name}`)
  const max = schema.get(`max${name}`)
  const text = (keyword: string, bound: number): string =>
    `${keyword}${name}: got ${formatNumber(size)}, want ${formatNumber(bound)}`
  return [
    ...(typeof min === 'number' && size < min ? [wrong(at, text('min', min))] : []),
    ...(typeof max === 'number' && size > max ? [wrong(at, text('max', max))] : []),
  ]
}

function below(at: At, name: string): At {
  return { ...at, path: [...at.path, name] }
}

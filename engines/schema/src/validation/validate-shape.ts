import { cachedRegexp, type GoRegexp, RegexpError } from '@sluice/go'
import {
  childPath,
  type FieldError,
  indexPath,
  invalid,
  notSupported,
  required,
  showValue,
  tooLong,
  tooMany,
  typeInvalid,
} from '../errors/field-error.ts'
import type { Correlation } from '../rules/correlation.ts'
import { sameData } from '../rules/typed-value.ts'
import { isObject, type StructuralSchema } from '../structural/structural-schema.ts'
import type { ValueRules } from '../structural/value-rules.ts'
import { isWhole, NumberBounds } from './bounds.ts'
import { Findings } from './findings.ts'
import { stringFormat } from './formats.ts'

/** The value before, where errors of what has not changed are let pass. */
type Before = Correlation | undefined

const shapes = new WeakMap<StructuralSchema, Shape>()

/** The checks of a schema, prepared when they are first needed. */
export function shapeOf(schema: StructuralSchema): Shape {
  const known = shapes.get(schema)
  if (known) return known
  const shape = new Shape(schema)
  shapes.set(schema, shape)
  return shape
}

/**
 * What OpenAPI demands of a value: types, formats, bounds, enums, required fields and the junctors of schemas.
 *
 * Words and order of the errors are those of Kubernetes.
 */
export class Shape {
  readonly #schema: StructuralSchema
  readonly #rules: ValueRules
  readonly #types: readonly string[]
  readonly #format: string
  readonly #hasFormat: ((text: string) => boolean) | undefined
  readonly #bounds: NumberBounds
  readonly #hasJunctors: boolean
  #pattern: GoRegexp | RegexpError | undefined
  readonly #isClosed: boolean
  readonly #fields = new Map<string, Shape>()

  constructor(schema: StructuralSchema) {
    const { rules, type, intOrString } = schema
    this.#schema = schema
    this.#isClosed = schema.source.additionalProperties === false
    this.#rules = rules
    this.#types = intOrString ? ['integer', 'string'] : type === '' ? [] : [type]
    this.#hasFormat = type === '' || type === 'string' ? stringFormat(rules.format) : undefined
    this.#bounds = new NumberBounds(rules, intOrString ? '' : type)
    this.#format = this.#hasFormat || isNumberFormat(type, rules.format) ? rules.format : ''
    this.#hasJunctors =
      rules.allOf.length + rules.anyOf.length + rules.oneOf.length > 0 || rules.not !== undefined
  }

  /** Checks a value and all that is in it; errors of a value that has not changed are let pass. */
  check(findings: Findings, value: unknown, path: string, before: Before): void {
    const count = findings.errors.length
    this.checkAlternative(findings, value, path, before)
    if (findings.errors.length > count && before?.isSame) findings.forgetAfter(count)
  }

  /** Checks a value as one of several schemas: only what is in it may be let pass. */
  checkAlternative(findings: Findings, value: unknown, path: string, before: Before): void {
    if (value === null || value === undefined) this.#checkNull(findings, path)
    else this.#checkValue(findings, value, path, before)
  }

  #checkNull(findings: Findings, path: string): void {
    if (this.#types.length > 0 && !this.#schema.nullable) {
      findings.add(typeError(path, this.#types.join(','), 'null'))
    } else findings.matches += 1
    this.#checkEnum(findings, null, path)
  }

  #checkValue(findings: Findings, value: unknown, path: string, before: Before): void {
    this.#checkType(findings, value, path)
    if (this.#hasJunctors) this.#checkJunctors(findings, value, path, before)
    if (typeof value === 'string') this.#checkString(findings, value, path)
    else if (typeof value === 'number' || typeof value === 'bigint') {
      this.#bounds.check(value, path, (error) => findings.add(error))
    } else if (Array.isArray(value)) this.#checkList(findings, value, path, before)
    this.#checkEnum(findings, value, path)
    if (isObject(value)) this.#checkObject(findings, value, path, before)
    findings.matches += 1
  }

  #checkType(findings: Findings, value: unknown, path: string): void {
    if (this.#types.length === 0 && this.#format === '') return
    findings.matches += 1
    const [type, format] = typeOfData(value)
    const fits = this.#types.includes(type) || (type === 'integer' && this.#types.includes('number'))
    const isText = typeof value === 'string' || Array.isArray(value)
    if (!fits && this.#format !== '') {
      if (!isText && this.#format !== format) {
        findings.add(typeError(path, this.#format, format))
        return
      }
      // Texts are left to the check of the format.
      if (isText && !this.#types.some((it) => it === 'number' || it === 'integer')) {
        findings.matches += 1
        return
      }
    }
    if (!fits) findings.add(typeError(path, this.#types.join(','), type))
    else findings.matches += 1
  }

  #checkString(findings: Findings, text: string, path: string): void {
    const problem = this.#stringProblem(text, path)
    if (problem) findings.add(problem)
    if (!this.#hasFormat) return
    findings.matches += 1
    if (!this.#hasFormat(text)) findings.add(typeError(path, this.#format, text))
  }

  #stringProblem(text: string, path: string): FieldError | undefined {
    const { minLength, maxLength, pattern } = this.#rules
    if (maxLength !== undefined && text.length > maxLength && codePoints(text) > maxLength) {
      return tooLong(path, maxLength)
    }
    if (minLength !== undefined && (text.length < minLength || codePoints(text) < minLength)) {
      return invalid(path, text, `${path} in body should be at least ${minLength} chars long`)
    }
    if (pattern === '') return undefined
    this.#pattern ??= cachedRegexp(pattern)
    if (this.#pattern instanceof RegexpError) {
      const detail = `${pattern}, but pattern is invalid: ${this.#pattern.message}`
      return invalid(path, text, `${path} in body should match '${detail}'`)
    }
    if (this.#pattern.test(text)) return undefined
    return invalid(path, text, `${path} in body should match '${pattern}'`)
  }

  #checkList(findings: Findings, list: readonly unknown[], path: string, before: Before): void {
    const { minItems, maxItems, uniqueItems } = this.#rules
    const { items } = this.#schema
    if (items) {
      const shape = shapeOf(items)
      for (const [index, item] of list.entries()) {
        shape.check(findings, item, indexPath(path, index), before?.item(index))
      }
    }
    if (minItems !== undefined && list.length < minItems) {
      findings.add(invalid(path, list.length, `${path} in body should have at least ${minItems} items`))
    }
    if (maxItems !== undefined && list.length > maxItems) findings.add(tooMany(path, list.length, maxItems))
    if (uniqueItems && new Set(list.map(showValue)).size < list.length) {
      findings.add(invalid(path, '', `${path} in body shouldn't contain duplicates`))
    }
  }

  #checkEnum(findings: Findings, value: unknown, path: string): void {
    const allowed = this.#rules.enum
    if (!allowed || allowed.length === 0) return
    if (value !== null && allowed.some((it) => sameData(it, value))) return
    findings.add(
      notSupported(
        path,
        value,
        allowed.map((it) => (typeof it === 'string' ? it : showValue(it))),
      ),
    )
  }

  #checkObject(
    findings: Findings,
    value: Readonly<Record<string, unknown>>,
    path: string,
    before: Before,
  ): void {
    const { minProperties, maxProperties } = this.#rules
    if (minProperties !== undefined || maxProperties !== undefined) {
      this.#checkSize(findings, Object.keys(value).length, path)
    }
    for (const name of Object.keys(value)) {
      const shape = this.#fieldShape(name)
      if (shape) {
        shape.check(findings, value[name], childPath(path, name), fieldBefore(before, name, path))
      } else if (this.#isClosed) {
        findings.add(invalid(path, '', `${path}.${name} in body is a forbidden property`))
      }
    }
    for (const name of this.#rules.required) {
      if (!Object.hasOwn(value, name)) findings.add(required(childPath(path, name), ''))
    }
  }

  /** The checks of a field or of a map's value. */
  #fieldShape(name: string): Shape | undefined {
    const known = this.#fields.get(name)
    if (known) return known
    const property = this.#schema.properties.get(name)
    if (property) {
      const shape = shapeOf(property)
      this.#fields.set(name, shape)
      return shape
    }
    const { values } = this.#schema
    return values && shapeOf(values)
  }

  #checkSize(findings: Findings, size: number, path: string): void {
    const { minProperties, maxProperties } = this.#rules
    if (minProperties !== undefined && size < minProperties) {
      findings.add(invalid(path, size, `${path} in body should have at least ${minProperties} properties`))
    }
    if (maxProperties !== undefined && size > maxProperties) findings.add(tooMany(path, size, maxProperties))
  }

  #checkJunctors(findings: Findings, value: unknown, path: string, before: Before): void {
    const { allOf, anyOf, oneOf, not } = this.#rules
    const attempt = (schema: StructuralSchema): Findings => {
      const found = new Findings()
      shapeOf(schema).checkAlternative(found, value, path, before)
      return found
    }
    if (anyOf.length > 0) checkAnyOf(findings, anyOf, path, attempt)
    if (oneOf.length > 0) mergeOneOf(findings, oneOf.map(attempt), path)
    if (allOf.length > 0) mergeAllOf(findings, allOf.map(attempt), path)
    if (not && isClean(attempt(not))) {
      findings.add(junctorError(path, 'must not validate the schema (not)'))
    }
  }
}

function checkAnyOf(
  findings: Findings,
  schemas: readonly StructuralSchema[],
  path: string,
  attempt: (schema: StructuralSchema) => Findings,
): void {
  const failures: Findings[] = []
  for (const schema of schemas) {
    const result = attempt(schema)
    if (isClean(result)) {
      findings.merge(result)
      return
    }
    failures.push(result)
  }
  findings.add(junctorError(path, 'must validate at least one schema (anyOf)'))
  findings.merge(best(failures))
}

function mergeOneOf(findings: Findings, results: readonly Findings[], path: string): void {
  const successes = results.filter(isClean)
  const [success] = successes
  if (success && successes.length === 1) {
    findings.merge(success)
    return
  }
  const found = successes.length === 0 ? 'Found none valid' : `Found ${successes.length} valid alternatives`
  findings.add(junctorError(path, `must validate one and only one schema (oneOf). ${found}`))
  if (successes.length === 0) findings.merge(best(results))
}

function mergeAllOf(findings: Findings, results: readonly Findings[], path: string): void {
  for (const result of results) findings.merge(result)
  if (results.every(isClean)) return
  const none = results.some(isClean) ? '' : '. None validated'
  findings.add(junctorError(path, `must validate all the schemas (allOf)${none}`))
}

function isClean({ errors }: Findings): boolean {
  return errors.length === 0
}

/** The failure that passed the most checks; the first of equals. */
function best(results: readonly Findings[]): Findings {
  return results.reduce((found, it) => (it.matches > found.matches ? it : found))
}

function junctorError(path: string, detail: string): FieldError {
  return invalid('', '', `${JSON.stringify(path)} ${detail}`)
}

function typeError(path: string, type: string, shown: string): FieldError {
  return typeInvalid(path, shown, `${path} in body must be of type ${type}: ${JSON.stringify(shown)}`)
}

function isNumberFormat(type: string, format: string): boolean {
  if (type === 'integer') return format === 'int32' || format === 'int64'
  return type === 'number' && (format === 'float' || format === 'double')
}

/** Type of data in JSON's words, and its format where it is a number. */
function typeOfData(value: unknown): readonly [string, string] {
  if (typeof value === 'string') return ['string', '']
  if (typeof value === 'boolean') return ['boolean', '']
  if (typeof value === 'object') return [Array.isArray(value) ? 'array' : 'object', '']
  return isWhole(value) ? ['integer', 'int64'] : ['number', 'float64']
}

/** Headers of the object itself are the same before and after, whatever the client sent. */
function fieldBefore(before: Before, name: string, path: string): Before {
  if (!before || (path === '' && (name === 'apiVersion' || name === 'kind'))) return undefined
  return before.field(name)
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

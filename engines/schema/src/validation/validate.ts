import { type FieldError, invalid } from '../errors/field-error.ts'
import { Correlation } from '../rules/correlation.ts'
import { type RuleOptions, type RuleValidator, ruleValidator } from '../rules/rule-validator.ts'
import type { StructuralSchema } from '../structural/structural-schema.ts'
import { validateEmbedded } from './embedded.ts'
import { Findings } from './findings.ts'
import { validateLists } from './list-keys.ts'
import { shapeOf } from './validate-shape.ts'

export type ValidateOptions = {
  /** Place of the value, for errors. */
  readonly path?: string
  /** The value that is replaced. With it, errors of parts that have not changed are let pass. */
  readonly old?: unknown
}

/**
 * Checks a value against the types, formats, bounds, enums, required fields and junctors of its schema.
 *
 * @returns errors in Kubernetes' words and order
 */
export function validate(
  value: unknown,
  schema: StructuralSchema,
  { path = '', old }: ValidateOptions = {},
): FieldError[] {
  const findings = new Findings()
  const before = old === undefined ? undefined : new Correlation(value, old, schema)
  shapeOf(schema).check(findings, value, path, before)
  return findings.errors
}

export type Validation = { readonly errors: readonly FieldError[]; readonly warnings: readonly string[] }

const ruleValidators = new WeakMap<StructuralSchema, { readonly validator: RuleValidator | undefined }>()
const blocking: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

/**
 * Checks a custom resource as the API server does: its shape, resources within it, keys of lists, and at last its
 * rules in CEL, which are left out where the shape is wrong.
 *
 * @param old the object before; nothing when it is created
 * @param seenByRules the object as its rules see it, where that differs: with `Double`s for numbers that are fractions
 *   though they are whole
 */
export function validateResource(
  value: unknown,
  schema: StructuralSchema,
  {
    old,
    seenByRules = value,
    ...options
  }: RuleOptions & { readonly old?: unknown; readonly seenByRules?: unknown } = {},
): Validation {
  const errors = validate(value, schema, { old })
  errors.push(...validateEmbedded(value, schema))
  // Lists that were wrong before may stay so.
  if (old === undefined || validateLists(old, schema).length === 0) {
    errors.push(...validateLists(value, schema))
  }
  const rules = rulesOf(schema)
  if (!rules) return { errors, warnings: [] }
  if (errors.some(({ type }) => blocking.has(type))) {
    const detail =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'
    return { errors: [...errors, invalid('', null, detail)], warnings: [] }
  }
  const result = rules.validate('', seenByRules, old, { ratchet: old !== undefined, ...options })
  return { errors: [...errors, ...result.errors], warnings: result.warnings }
}

function rulesOf(schema: StructuralSchema): RuleValidator | undefined {
  const known = ruleValidators.get(schema)
  if (known) return known.validator
  const validator = ruleValidator(schema, true)
  ruleValidators.set(schema, { validator })
  return validator
}

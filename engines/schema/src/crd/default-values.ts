import type { JsonObject, JsonValue } from '@sluice/ports'
import { childPath, type FieldError, invalid, keyPath } from '../errors/field-error.ts'
import { defaultCostBudget, ruleValidator } from '../rules/rule-validator.ts'
import { prune } from '../structural/prune.ts'
import { StructuralSchema } from '../structural/structural-schema.ts'
import { validateEmbedded } from '../validation/embedded.ts'
import { validate } from '../validation/validate.ts'

type Run = { readonly errors: FieldError[]; budget: number }

/** Checks that defaults are valid by their own schema and have no unknown fields. */
export function checkDefaults(schema: JsonObject, path: string): FieldError[] {
  const run: Run = { errors: [], budget: defaultCostBudget }
  checkSchema(run, new StructuralSchema(schema), path, true)
  return run.errors
}

/** Maps are left out: defaults are not allowed within them. */
function checkSchema(run: Run, schema: StructuralSchema, path: string, isRoot: boolean): void {
  if (run.budget < 0 || !schema.hasDefaults) return
  if (schema.default !== undefined && schema.default !== null) {
    checkDefault(run, schema, schema.default, { path: childPath(path, 'default'), isRoot })
  }
  const { items } = schema
  if (items) checkSchema(run, items, childPath(path, 'items'), false)
  for (const [name, property] of schema.properties) {
    checkSchema(run, property, keyPath(childPath(path, 'properties'), name), false)
  }
}

function checkDefault(
  run: Run,
  schema: StructuralSchema,
  value: JsonValue,
  { path, isRoot }: { readonly path: string; readonly isRoot: boolean },
): void {
  const isResource = schema.embeddedResource || isRoot
  if (prune(value, schema, { isResource }).unknown.length > 0) {
    run.errors.push(invalid(path, value, 'must not have unknown fields'))
  }
  const embedded = validateEmbedded(value, schema, { path, isResource })
  if (embedded.length > 0) {
    run.errors.push(...embedded)
    return
  }
  const shape = validate(value, schema)
  if (shape.length > 0) {
    run.errors.push(...shape.map((error) => within(path, error)))
    return
  }
  const rules = ruleValidator(schema, isResource)
  if (!rules) return
  // As if it stayed the same, and as if it were new.
  for (const old of [value, undefined]) {
    const result = rules.validate(path, value, old, { costBudget: run.budget })
    run.errors.push(...result.errors)
    if (result.errors.length > 0 || result.remainingBudget < 0) {
      run.budget = result.remainingBudget
      return
    }
    if (old === undefined) run.budget = result.remainingBudget
  }
}

/** The same error at a path within another. */
function within(path: string, error: FieldError): FieldError {
  const field = error.field === '<nil>' ? path : childPath(path, error.field)
  return { ...error, field, text: field + error.text.slice(error.field.length) }
}

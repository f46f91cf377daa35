import type { JsonObject } from '@sluice/ports'
import {
  defaultCostBudget,
  type FieldError,
  ruleValidator,
  structuralSchema,
  validateCrdSchema,
} from '@sluice/schema'
import { expectSame } from './expressions.ts'
import { type TypedJson, toJson } from './typed-json.ts'

/** A case of the validation of objects by the rules of a CRD. */
export type CrdCase = {
  readonly name: string
  readonly env: 'crd'
  readonly schema: JsonObject
  readonly vars: { readonly self: TypedJson }
  readonly oldSelf?: TypedJson
  readonly resourceRoot?: true
  readonly perCallLimit?: number
  readonly costBudget?: number
  readonly ratchet?: true
  readonly out: {
    readonly errors?: readonly { readonly text: string }[]
    readonly warnings?: readonly string[]
    readonly budgetExhausted?: true
    readonly noRules?: true
  }
  readonly cost?: number
}

/** A case of the validation of a CRD with one version. */
export type CrdCreateCase = {
  readonly name: string
  readonly env: 'crd-create'
  readonly schema: JsonObject
  readonly out: { readonly errors: readonly { readonly text: string }[] }
}

export function runCrdCreate({ schema, out }: CrdCreateCase): void {
  const errors = validateCrdSchema(schema, 'spec.validation.openAPIV3Schema')
  expectSame('out', { errors: sorted(errors) }, out)
}

export function runCrd(recorded: CrdCase): void {
  const result = validate(recorded)
  expectSame('out', result.out, recorded.out)
  expectSame('cost', result.cost, recorded.cost)
}

function validate(recorded: CrdCase): Pick<CrdCase, 'out' | 'cost'> {
  const { costBudget = defaultCostBudget, perCallLimit, ratchet, oldSelf } = recorded
  const validator = ruleValidator(structuralSchema(recorded.schema), recorded.resourceRoot === true)
  if (!validator) return { out: { noRules: true } }
  const path = recorded.resourceRoot ? '' : 'self'
  const self = toJson(recorded.vars.self)
  const result = validator.validate(path, self, oldSelf && toJson(oldSelf), {
    costBudget,
    ...(perCallLimit !== undefined && { perCallLimit }),
    ratchet: ratchet === true,
  })
  const errors = sorted(result.errors)
  const warnings = result.warnings.length === 0 ? {} : { warnings: result.warnings.toSorted() }
  if (result.remainingBudget < 0) return { out: { budgetExhausted: true, errors, ...warnings } }
  return { out: { errors, ...warnings }, cost: costBudget - result.remainingBudget }
}

function sorted(errors: readonly FieldError[]): readonly FieldError[] {
  return errors
    .map(({ type, field, detail, text }) => ({ detail, field, text, type }))
    .toSorted((a, b) => (a.text < b.text ? -1 : 1))
}

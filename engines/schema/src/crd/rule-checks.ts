import type { JsonObject } from '@sluice/ports'
import {
  childPath,
  type FieldError,
  forbidden,
  indexPath,
  internalError,
  invalid,
  notSupported,
  required,
} from '../errors/field-error.ts'
import { type CompiledRule, compileRules } from '../rules/compile-rules.ts'
import { type DeclType, declareType } from '../rules/decl-type.ts'
import { resolveFieldPath } from '../rules/field-path.ts'
import { StructuralSchema, type ValidationRule } from '../structural/structural-schema.ts'
import {
  type Cardinality,
  costInObject,
  describeExcess,
  expressionCost,
  ruleCostLimit,
  type TotalCost,
} from './rule-costs.ts'

const keyword = 'x-kubernetes-validations'
const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

/** Checks how the rules of a schema are written, apart from their expressions. */
export function checkRuleFields(errors: FieldError[], schema: JsonObject, path: string): void {
  const structural = new StructuralSchema(schema)
  for (const [index, rule] of structural.validations.entries()) {
    const at = indexPath(childPath(path, keyword), index)
    checkTexts(errors, rule, at)
    if (rule.reason && !reasons.includes(rule.reason)) {
      errors.push(notSupported(childPath(at, 'reason'), rule.reason, reasons))
    }
    checkFieldPath(errors, rule, structural, at)
  }
}

function checkTexts(errors: FieldError[], rule: ValidationRule, at: string): void {
  const { message = '', messageExpression = '' } = rule
  const text = rule.rule ?? ''
  const messagePath = childPath(at, 'message')
  if (text.trim() === '') errors.push(required(childPath(at, 'rule'), 'rule is not specified'))
  else if (message !== '' && message.trim() === '') {
    errors.push(invalid(messagePath, message, 'must be non-empty if specified'))
  } else if (hasLineBreaks(message.trim())) {
    errors.push(invalid(messagePath, message, 'must not contain line breaks'))
  } else if (hasLineBreaks(text.trim()) && message === '') {
    errors.push(required(messagePath, 'message must be specified if rule contains line breaks'))
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified'
    errors.push(required(childPath(at, 'messageExpression'), detail))
  }
}

function checkFieldPath(
  errors: FieldError[],
  { fieldPath = '' }: ValidationRule,
  schema: StructuralSchema,
  at: string,
): void {
  if (fieldPath === '') return
  const add = (detail: string): void => {
    errors.push(invalid(childPath(at, 'fieldPath'), fieldPath, detail))
  }
  if (fieldPath.trim() === '') add('must be non-empty if specified')
  if (hasLineBreaks(fieldPath)) add('must not contain line breaks')
  if ('failure' in resolveFieldPath(fieldPath, schema)) add('must be a valid path')
}

function hasLineBreaks(text: string): boolean {
  return /[\n\r]/.test(text)
}

/** What the costs of a schema's rules depend on. */
export type RuleContext = {
  readonly isResource: boolean
  readonly cardinality: Cardinality
  readonly total: TotalCost
  /** The part of the schema around, if any, whose old data cannot be found for new data. */
  readonly uncorrelated: string | undefined
}

/** Compiles the rules of a schema and estimates their costs. */
export function checkExpressions(
  errors: FieldError[],
  schema: JsonObject,
  path: string,
  context: RuleContext,
): void {
  const structural = new StructuralSchema(schema)
  const declared = declareType(structural, context.isResource, 'selfType0')
  const at = childPath(path, keyword)
  if (!declared) {
    const detail =
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations'
    errors.push(internalError(at, detail))
    return
  }
  const compiled = compileRules(structural.validations, structural, declared)
  for (const [index, rule] of compiled.entries()) {
    checkRule(errors, rule, indexPath(at, index), { ...context, declared })
  }
}

function checkRule(
  errors: FieldError[],
  compiled: CompiledRule,
  at: string,
  { declared, cardinality, total, uncorrelated }: RuleContext & { readonly declared: DeclType },
): void {
  const { rule, problem, messageProblem } = compiled
  const rulePath = childPath(at, 'rule')
  const messagePath = childPath(at, 'messageExpression')
  const cost = costInObject(expressionCost(compiled, compiled.expression, declared), cardinality, declared)
  if (cost > ruleCostLimit) {
    errors.push(forbidden(rulePath, describeExcess('estimated rule cost', cost, ruleCostLimit)))
  }
  total.add(rulePath, cost)
  if (problem) errors.push(invalid(rulePath, asStruct(rule), problem.detail))
  if (messageProblem) errors.push(invalid(messagePath, asStruct(rule), messageProblem.detail))
  else if (compiled.message) {
    const messageCost = expressionCost(compiled, compiled.message, declared)
    if (messageCost > ruleCostLimit) {
      const detail = describeExcess('estimated messageExpression cost', messageCost, ruleCostLimit)
      errors.push(forbidden(messagePath, detail))
    }
    total.add(messagePath, messageCost)
  }
  if (compiled.usesOldSelf && uncorrelated !== undefined) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`
    errors.push(invalid(rulePath, rule.rule, detail))
  } else if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined) {
    const detail = 'may not be set if oldSelf is not used in rule'
    errors.push(invalid(childPath(at, 'optionalOldSelf'), rule.optionalOldSelf, detail))
  }
}

/** A rule as the API server prints it. */
function asStruct(rule: ValidationRule): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['Rule', rule.rule],
    ['Message', rule.message ?? ''],
    ['MessageExpression', rule.messageExpression ?? ''],
    ['Reason', rule.reason ?? null],
    ['FieldPath', rule.fieldPath ?? ''],
    ['OptionalOldSelf', rule.optionalOldSelf ?? null],
  ])
}

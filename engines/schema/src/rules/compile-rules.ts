import {
  boolType,
  CelCompileError,
  CelProgramError,
  type CheckedExpression,
  check,
  type Environment,
  kubernetesEnvironment,
  optionalType,
  Program,
  stringType,
} from '@sluice/cel'
import type { StructuralSchema, ValidationRule } from '../structural/structural-schema.ts'
import { type DeclType, declaredFields } from './decl-type.ts'
import { resolveFieldPath } from './field-path.ts'

/** An expression that cannot be used; `isInternal` where that is not the author's fault. */
export type RuleProblem = { readonly detail: string }

export type CompiledExpression = { readonly program: Program; readonly checked: CheckedExpression }

/** A rule ready to run. A rule of blanks has neither a program nor a problem. */
export type CompiledRule = {
  readonly rule: ValidationRule
  readonly expression?: CompiledExpression
  readonly problem?: RuleProblem
  readonly usesOldSelf: boolean
  readonly message?: CompiledExpression
  readonly messageProblem?: RuleProblem
  /** Where errors are reported, below the place of the rule. */
  readonly path: string
  /** What the expression and its message see. */
  readonly environment: Environment
}

const base = kubernetesEnvironment()

/** Compiles the rules of a schema that is declared as `declared`. */
export function compileRules(
  rules: readonly ValidationRule[],
  schema: StructuralSchema,
  declared: DeclType,
): readonly CompiledRule[] {
  const provider = declaredFields(declared)
  const withOld = (oldType: DeclType['celType']): Environment =>
    base.extend({
      provider,
      variables: new Map([
        ['self', declared.celType],
        ['oldSelf', oldType],
      ]),
    })
  let plain: Environment | undefined
  let optional: Environment | undefined
  return rules.map((rule) => {
    if (rule.optionalOldSelf) {
      optional ??= withOld(optionalType(declared.celType))
      return compileRule(rule, schema, optional)
    }
    plain ??= withOld(declared.celType)
    return compileRule(rule, schema, plain)
  })
}

function compileRule(rule: ValidationRule, schema: StructuralSchema, environment: Environment): CompiledRule {
  const none = { rule, usesOldSelf: false, path: '', environment }
  if (rule.rule.trim() === '') return none
  const compiled = compileExpression(environment, rule.rule, {
    type: boolType,
    failed: 'compilation failed: ',
    mismatch: 'cel expression must evaluate to a bool',
    unusable: 'program instantiation failed: ',
  })
  if ('detail' in compiled) return { ...none, problem: compiled }
  const usesOldSelf = [...compiled.checked.references.values()].some(
    (reference) => reference.kind === 'name' && reference.name === 'oldSelf',
  )
  const result = { ...none, expression: compiled, usesOldSelf }
  if (rule.messageExpression) {
    const message = compileExpression(environment, rule.messageExpression, {
      type: stringType,
      failed: 'messageExpression compilation failed: ',
      mismatch: 'messageExpression must evaluate to a string',
      unusable: 'messageExpression instantiation failed: ',
    })
    if ('detail' in message) return { ...result, messageProblem: message }
    return { ...result, message, path: pathOf(rule, schema) }
  }
  return { ...result, path: pathOf(rule, schema) }
}

function pathOf({ fieldPath }: ValidationRule, schema: StructuralSchema): string {
  if (!fieldPath) return ''
  const resolved = resolveFieldPath(fieldPath, schema)
  return 'failure' in resolved ? '' : resolved.path
}

type Words = {
  readonly type: typeof boolType
  readonly failed: string
  readonly mismatch: string
  readonly unusable: string
}

function compileExpression(
  environment: Environment,
  text: string,
  { type, failed, mismatch, unusable }: Words,
): CompiledExpression | RuleProblem {
  try {
    const checked = check(environment, text)
    if (checked.outType.name !== type.name) return { detail: mismatch }
    return { checked, program: new Program(environment, checked.expression, checked) }
  } catch (error) {
    if (error instanceof CelCompileError) return { detail: failed + error.message }
    if (error instanceof CelProgramError) return { detail: unusable + error.message }
    throw error
  }
}

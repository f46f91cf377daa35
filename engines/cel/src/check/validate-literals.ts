import type { Environment } from '../environment/environment.ts'
import { validateFormats } from '../library/extensions/format-check.ts'
import { compilePattern } from '../library/pattern.ts'
import { type Call, type Expression, forEachChild } from '../syntax/expression.ts'
import type { IssueList } from '../syntax/source.ts'
import { type CelType, describeType, sameType, unwrapOptional } from '../types/cel-type.ts'
import { isTimestampSeconds, parseDuration, parseTimestamp } from '../values/time.ts'
import { CelError } from '../values/value.ts'
import type { CheckedExpression } from './checked.ts'

/**
 * Examines literals that could only fail when they are evaluated: durations, timestamps, patterns and texts of
 * `format`, and lists and maps whose items differ in type, each as far as the environment asks for it.
 */
export function validateLiterals(
  checked: CheckedExpression,
  issues: IssueList,
  environment: Environment,
): void {
  const { homogeneousLiterals, validateLiterals: validates } = environment.options
  walk(checked.expression, [], (expression, parents) => {
    if (expression.kind === 'call') {
      if (validates) validateCall(expression, issues)
    } else if (homogeneousLiterals && (expression.kind === 'list' || expression.kind === 'map')) {
      const isExempt = parents.some((parent) => parent.kind === 'call' && parent.name === 'format')
      if (!isExempt) validateItems(expression, checked, issues)
    }
  })
  if (environment.formatStyle) validateFormats(checked, issues, environment.formatStyle)
}

function walk(
  expression: Expression,
  parents: readonly Expression[],
  visit: (expression: Expression, parents: readonly Expression[]) => void,
): void {
  visit(expression, parents)
  const inner = expression.kind === 'call' ? [...parents, expression] : parents
  forEachChild(expression, (child) => walk(child, inner, visit))
}

function validateCall({ name, target, args }: Call, issues: IssueList): void {
  const [arg] = args
  const isTime = (name === 'duration' || name === 'timestamp') && !target && args.length === 1
  if (isTime && arg?.kind === 'literal' && typeof arg.value === 'string') {
    const isValid = name === 'duration' ? parseDuration(arg.value) : isTimestamp(arg.value)
    if (!isValid) issues.report(arg.offset, `invalid ${name} argument`)
  }
  if (name !== 'matches') return
  const pattern = target ? args[0] : args[1]
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return
  if (compilePattern(pattern.value) instanceof CelError) {
    issues.report(pattern.offset, 'invalid matches argument')
  }
}

function isTimestamp(text: string): boolean {
  const timestamp = parseTimestamp(text)
  return timestamp !== undefined && isTimestampSeconds(timestamp.seconds)
}

function validateItems(
  literal: Extract<Expression, { kind: 'list' | 'map' }>,
  { types }: CheckedExpression,
  issues: IssueList,
): void {
  const typeOf = (expression: Expression, isOptional: boolean): CelType | undefined => {
    const type = types.get(expression.id)
    return type && isOptional ? unwrapOptional(type) : type
  }
  const compare = (expressions: readonly Expression[], isOptional: (index: number) => boolean): void => {
    const [first] = expressions
    const wanted = first && typeOf(first, isOptional(0))
    for (const [index, expression] of expressions.entries()) {
      const type = typeOf(expression, isOptional(index))
      if (!wanted || !type || sameType(wanted, type)) continue
      issues.report(
        expression.offset,
        `expected type '${describeType(wanted)}' but found '${describeType(type)}'`,
      )
      if (literal.kind === 'list') return
    }
  }
  if (literal.kind === 'list') return compare(literal.elements, (index) => literal.optionals.has(index))
  compare(
    literal.entries.map(({ key }) => key),
    () => false,
  )
  compare(
    literal.entries.map(({ value }) => value),
    (index) => literal.entries[index]?.isOptional === true,
  )
}

import type { KubeObject } from '@sluice/ports'
import { Expression, ExpressionError } from './expression.ts'
import { fieldAt } from './fields.ts'

/** Expressions over an object's top-level fields that tell how far it has come. */
export type HealthExpressions = {
  readonly current: string
  readonly inProgress?: string
  readonly failed?: string
}

/** What the expressions say about an object. */
export type JudgeObject = (object: KubeObject) => 'Current' | 'InProgress' | 'Failed'

/**
 * Compiles the expressions of a health check. An object whose status is of another generation is in progress;
 * otherwise the first expression that holds decides, in the order in progress, failed, current.
 *
 * Source: https://github.com/fluxcd/flux2/tree/main/rfcs/0009-custom-health-checks
 * @throws {ExpressionError} when an expression is wrong; the returned function when one fails
 */
export function healthExpressions({ current, failed, inProgress }: HealthExpressions): JudgeObject {
  if (current === '') throw new ExpressionError('EXPRESSION_INVALID', 'expression Current not specified')
  const isCurrent = compileNamed('Current', current)
  const isFailed = failed ? compileNamed('Failed', failed) : undefined
  const isInProgress = inProgress ? compileNamed('InProgress', inProgress) : undefined
  return (object) => {
    if (isOfAnotherGeneration(object)) return 'InProgress'
    if (isInProgress?.evaluateBoolean(object)) return 'InProgress'
    if (isFailed?.evaluateBoolean(object)) return 'Failed'
    return isCurrent.evaluateBoolean(object) ? 'Current' : 'InProgress'
  }
}

function compileNamed(name: string, text: string): Expression {
  try {
    return new Expression(text)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    throw new ExpressionError(
      'EXPRESSION_INVALID',
      `failed to parse the expression ${name}: ${error.message}`,
    )
  }
}

/** Kinds that write the observed generation as something else than an integer are left to their expressions. */
function isOfAnotherGeneration(object: KubeObject): boolean {
  const observed = fieldAt(object, 'status.observedGeneration')
  const generation = fieldAt(object, 'metadata.generation')
  return Number.isInteger(observed) && Number.isInteger(generation) && observed !== generation
}

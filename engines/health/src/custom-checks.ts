import { type KubeObject, parseApiVersion } from '@sluice/ports'
import { ExpressionError } from './expression.ts'
import { type HealthContext, healthOf } from './health.ts'
import { type HealthExpressions, healthExpressions, type JudgeObject } from './health-expressions.ts'
import { type Health, unknown } from './verdict.ts'

/** Expressions that judge the objects of a kind, in any of its versions. */
export type CustomCheck = HealthExpressions & { readonly apiVersion: string; readonly kind?: string }

/**
 * Compiles checks of a user. The returned function judges kinds that have one by it, and all others as
 * {@link healthOf} does; an object whose check cannot be evaluated is of unknown health.
 *
 * @throws {ExpressionError} when an expression is wrong
 */
export function customHealth(
  checks: readonly CustomCheck[],
): (object: KubeObject, context: HealthContext) => Health {
  const judges = new Map<string, JudgeObject>()
  for (const [index, check] of checks.entries()) {
    const judge = compileCheck(check, index)
    const key = keyOf(check)
    // The first of several for a kind is the one that is asked.
    if (!judges.has(key)) judges.set(key, judge)
  }
  return (object, context) => {
    const judge = judges.get(keyOf(object))
    return judge ? verdictOf(judge, object) : healthOf(object, context)
  }
}

function compileCheck(check: CustomCheck, index: number): JudgeObject {
  try {
    return healthExpressions(check)
  } catch (cause) {
    if (!(cause instanceof ExpressionError)) throw cause
    const message = `failed to create custom status evaluator for healthchecks[${index}]: ${cause.message}`
    throw new ExpressionError('EXPRESSION_INVALID', message)
  }
}

function verdictOf(judge: JudgeObject, object: KubeObject): Health {
  try {
    return { status: judge(object), message: '' }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    return unknown(error.message)
  }
}

function keyOf({ apiVersion, kind = '' }: Pick<CustomCheck, 'apiVersion' | 'kind'>): string {
  return `${parseApiVersion(apiVersion).group}/${kind}`
}

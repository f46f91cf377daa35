import type { CheckedExpression } from './check/checked.ts'
import { checkExpression } from './check/checker.ts'
import { validateLiterals } from './check/validate-literals.ts'
import { costRules } from './cost/cost-rules.ts'
import { CostTracker } from './cost/cost-tracker.ts'
import type { Environment } from './environment/environment.ts'
import type { Evaluate, Frame } from './evaluate/frame.ts'
import { Planner } from './evaluate/planner.ts'
import type { Expression } from './syntax/expression.ts'
import { parseExpression } from './syntax/parse.ts'
import { CelSource, IssueList } from './syntax/source.ts'
import { type CelType, dynType } from './types/cel-type.ts'
import type { CelValue } from './values/value.ts'

/** Looks up the value of a variable; `undefined` where it has none. */
export type Variables = (name: string) => CelValue | undefined

export type EvaluateOptions = {
  /** What the evaluation may cost; see {@link defaultCostLimit}. */
  readonly costLimit?: number
}

/** The result of an evaluation and what it cost. */
export type Evaluation = { readonly value: CelValue; readonly cost: number }

/** What an evaluation may cost when nothing is said: Kubernetes' limit of one call. */
export const defaultCostLimit = 1_000_000

/** An expression ready to be evaluated any number of times. */
export class Program {
  /** The type that the checker found; `dyn` when it did not run. */
  readonly outType: CelType
  readonly expression: Expression
  readonly checked: CheckedExpression | undefined
  readonly #evaluate: Evaluate

  constructor(environment: Environment, expression: Expression, checked: CheckedExpression | undefined) {
    const planner = new Planner(environment, new CostTracker(costRules(environment.options)), checked)
    this.expression = expression
    this.checked = checked
    this.outType = checked?.outType ?? dynType
    this.#evaluate = planner.plan(expression).evaluate
  }

  /**
   * Computes the value. A failure of the expression is returned as a {@link CelError}.
   * @throws {CelCostError} when it costs more than it may
   */
  evaluate(variables: Variables, options: EvaluateOptions = {}): CelValue {
    return this.run(variables, options).value
  }

  /** As {@link evaluate}, with the cost. */
  run(variables: Variables, { costLimit = defaultCostLimit }: EvaluateOptions = {}): Evaluation {
    const frame: Frame = { variable: variables, slots: [], cost: 0, costLimit }
    const value = this.#evaluate(frame)
    return { value, cost: frame.cost }
  }
}

/**
 * Parses an expression.
 * @throws {CelCompileError}
 */
export function parse(environment: Environment, text: string): Expression {
  const issues = new IssueList(new CelSource(text))
  const expression = parseExpression(issues, environment)
  if (!issues.isEmpty) throw issues.toError('parse')
  return expression
}

/**
 * Parses an expression and finds its types.
 * @throws {CelCompileError}
 */
export function check(environment: Environment, text: string): CheckedExpression {
  const issues = new IssueList(new CelSource(text))
  const expression = parseExpression(issues, environment)
  if (!issues.isEmpty) throw issues.toError('parse')
  const checked = checkExpression(expression, issues, {
    functions: environment.functions,
    names: environment.names,
    provider: environment.provider,
  })
  if (issues.isEmpty) validateLiterals(checked, issues, environment)
  if (!issues.isEmpty) throw issues.toError('check')
  return checked
}

/**
 * Compiles an expression with its types checked.
 * @throws {CelCompileError} when it cannot be parsed or its types do not fit
 * @throws {CelProgramError} when it can never be run
 */
export function compile(environment: Environment, text: string): Program {
  const checked = check(environment, text)
  return new Program(environment, checked.expression, checked)
}

/** Compiles an expression without looking at types: functions are found when they are called. */
export function compileUnchecked(environment: Environment, text: string): Program {
  return new Program(environment, parse(environment, text), undefined)
}

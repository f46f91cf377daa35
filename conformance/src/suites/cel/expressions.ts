import { isDeepStrictEqual } from 'node:util'
import {
  CelCompileError,
  CelCostError,
  CelError,
  CelProgramError,
  check as checkExpression,
  compileUnchecked,
  type Environment,
  fullEnvironment,
  kubernetesEnvironment,
  Program,
  plainEnvironment,
} from '@sluice/cel'
import { Mismatch } from '../../suite.ts'
import { fromValue, parseType, type TypedJson, toValue } from './typed-json.ts'

/** A case of the environments `spec`, `plain` and `k8s`. */
export type ExpressionCase = {
  readonly name: string
  readonly env: string
  readonly expr: string
  readonly decls?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, TypedJson>>
  readonly check?: false
  readonly costLimit?: number
  readonly outType?: string
  readonly out?: TypedJson
  readonly error?: RecordedError
  readonly cost?: number
}

export type RecordedError = {
  readonly stage: string
  readonly text: string
  /** Set where the expression could not be made ready to run. */
  readonly program?: true
  readonly errors?: readonly { readonly line: number; readonly column: number; readonly message: string }[]
}

type Result = Pick<ExpressionCase, 'outType' | 'out' | 'error' | 'cost'>

const environments = new Map<string, Environment>([
  ['plain', plainEnvironment()],
  ['spec', fullEnvironment()],
  ['spec@0.29.2', fullEnvironment('0.29')],
  ['spec@0.32.0', fullEnvironment('0.32')],
  ['k8s', kubernetesEnvironment()],
])

export function runExpression(recorded: ExpressionCase): void {
  const result = evaluate(recorded)
  expectSame('error', result.error, recorded.error)
  expectSame('outType', result.outType, recorded.outType)
  expectSame('out', result.out, recorded.out)
  if (recorded.env === 'k8s') expectSame('cost', result.cost, recorded.cost)
}

export function expectSame(what: string, got: unknown, want: unknown): void {
  if (isDeepStrictEqual(got, want)) return
  throw new Mismatch(`${what}: want ${show(want)}, got ${show(got)}`)
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 700)
}

function evaluate({ env, expr, decls = {}, vars = {}, check, costLimit }: ExpressionCase): Result {
  const base = environments.get(env)
  if (!base) throw new Mismatch(`unknown environment ${env}`)
  const variables = new Map(Object.entries(decls).map(([name, type]) => [name, parseType(type)]))
  const environment = base.extend({ variables })
  const values = new Map(Object.entries(vars).map(([name, value]) => [name, toValue(value)]))
  let outType: { readonly outType?: string } = {}
  try {
    const checked = check === false ? undefined : checkExpression(environment, expr)
    if (checked) outType = { outType: String(checked.outType) }
    const program = checked
      ? new Program(environment, checked.expression, checked)
      : compileUnchecked(environment, expr)
    const { value, cost } = program.run(
      (name) => values.get(name),
      costLimit === undefined ? {} : { costLimit },
    )
    const costs = env === 'k8s' ? { cost } : {}
    if (value instanceof CelError) {
      return { ...outType, error: { stage: 'eval', text: value.message }, ...costs }
    }
    return { ...outType, out: fromValue(value), ...costs }
  } catch (error) {
    if (error instanceof CelCompileError) {
      const { stage, message, issues } = error
      const errors = issues.map((issue) => ({
        column: issue.column,
        line: issue.line,
        message: issue.message,
      }))
      return { error: { errors, stage, text: message } }
    }
    if (error instanceof CelProgramError) {
      return { ...outType, error: { program: true, stage: 'eval', text: error.message } }
    }
    if (error instanceof CelCostError) {
      return { ...outType, error: { stage: 'cost', text: error.message }, cost: error.cost }
    }
    throw error
  }
}

import { boolType, stringType } from '@sluice/cel'
import { Expression, ExpressionError, healthExpressions } from '@sluice/health'
import type { KubeObject } from '@sluice/ports'
import { expectSame } from './expressions.ts'
import { type TypedJson, toJson } from './typed-json.ts'

/** A case of Flux's own use of CEL. */
export type FluxCase = {
  readonly name: string
  readonly env: 'flux'
  readonly use: 'healthCheck' | 'readyExpr' | 'resourceFilter' | 'commitStatus'
  readonly expr: string
  readonly inProgress?: string
  readonly failed?: string
  readonly vars?: Readonly<Record<string, TypedJson>>
  readonly out?: unknown
  readonly error?: { readonly text: string }
}

export function runFlux(recorded: FluxCase): void {
  const { out, error } = evaluate(recorded)
  expectSame('error', error, recorded.error?.text)
  expectSame('out', out, recorded.out)
}

function evaluate(recorded: FluxCase): { readonly out?: unknown; readonly error?: string } {
  const data = Object.fromEntries(
    Object.entries(recorded.vars ?? {}).map(([name, value]) => [name, toJson(value)]),
  )
  try {
    return { out: use(recorded, data) }
  } catch (error) {
    if (error instanceof ExpressionError) return { error: error.message }
    throw error
  }
}

const variables = {
  readyExpr: ['self', 'dep'],
  resourceFilter: ['res', 'req'],
  commitStatus: ['event', 'alert', 'provider'],
} as const

function use(recorded: FluxCase, data: Readonly<Record<string, unknown>>): unknown {
  const { expr, inProgress, failed } = recorded
  if (recorded.use === 'healthCheck') {
    const judge = healthExpressions({
      current: expr,
      ...(inProgress !== undefined && { inProgress }),
      ...(failed !== undefined && { failed }),
    })
    return { status: judge({ metadata: {}, ...data } as unknown as KubeObject) }
  }
  const names = [...variables[recorded.use], ...(Object.hasOwn(data, 'claims') ? ['claims'] : [])]
  if (recorded.use === 'commitStatus') {
    return { string: new Expression(expr, { variables: names, outType: stringType }).evaluateString(data) }
  }
  return { bool: new Expression(expr, { variables: names, outType: boolType }).evaluateBoolean(data) }
}

import {
  boolType,
  CelCompileError,
  type CelValue,
  compile,
  dynType,
  type Environment,
  FieldMap,
  fromJson,
  kubernetesEnvironment,
  type Program,
  stringType,
} from '@sluice/cel'
import type { JsonValue } from '@sluice/ports'

/** A compiled variable, in the order in which it may be used by the next. */
export type PolicyVariable = { readonly name: string; readonly program: Program }

/** Values that the expressions of a policy see, before its own variables. */
export type PolicyInput = {
  readonly object: JsonValue
  readonly oldObject: JsonValue
  readonly request: JsonValue
  readonly params: JsonValue
  readonly namespaceObject: JsonValue
}

const inputNames = ['object', 'oldObject', 'request', 'namespaceObject'] as const
let shared: Environment | undefined

/** What expressions of policies may use. `params` only where the policy has parameters. */
export function policyEnvironment(hasParams: boolean): Environment {
  shared ??= kubernetesEnvironment().extend({
    variables: new Map([...inputNames, 'variables', 'authorizer'].map((name) => [name, dynType])),
  })
  return hasParams ? shared.extend({ variables: new Map([['params', dynType]]) }) : shared
}

/** @throws {CelCompileError} when it is no expression, or one of another type than is wanted */
export function compileExpression(
  text: string,
  { hasParams, type }: { readonly hasParams: boolean; readonly type: 'bool' | 'string' | 'any' },
): Program | { readonly problem: string } {
  let program: Program
  try {
    program = compile(policyEnvironment(hasParams), text)
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error
    return { problem: `compilation failed: ${error.message}` }
  }
  if (type === 'any') return program
  const wanted = type === 'bool' ? boolType : stringType
  const found = program.outType
  if (found === wanted || found === dynType || found.name === wanted.name) return program
  return { problem: `must evaluate to ${type} but got ${found.name}` }
}

/** Runs expressions over one input; each variable is computed once, when it is first asked for. */
export class PolicyRun {
  readonly #values: ReadonlyMap<string, CelValue>

  constructor(input: PolicyInput, variables: readonly PolicyVariable[]) {
    const values = new Map(Object.entries(input).map(([name, value]) => [name, fromJson(value)]))
    const computed = new Map<string, CelValue>()
    const programs = Object.fromEntries(variables.map((it) => [it.name, it.program]))
    const compute = (program: unknown, name: string): CelValue => {
      let value = computed.get(name)
      if (value === undefined) computed.set(name, (value = this.evaluate(program as Program)))
      return value
    }
    values.set('variables', new FieldMap(programs, compute))
    this.#values = values
  }

  /** The value; a failure of the expression is a CelError. */
  evaluate(program: Program): CelValue {
    return program.evaluate((name) => this.#values.get(name))
  }
}

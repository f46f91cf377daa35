import {
  boolType,
  CelCompileError,
  type CelType,
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
import type { JsonObject, JsonValue } from '@sluice/ports'
import type { DeclType } from '@sluice/schema'
import { listOf, textOf } from '../kinds/json-fields.ts'
import { namespaceType, policyTypes, requestType, variablesType } from './policy-types.ts'

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

/** What is known of the objects that expressions are about; anything is allowed of those that are left out. */
export type KnownKinds = { readonly object?: DeclType | undefined; readonly params?: DeclType | undefined }

const nothing: ReadonlyMap<string, CelType> = new Map()
let base: Environment | undefined

/**
 * What the expressions of a policy may use. Variables are known from where they are compiled on.
 */
export class PolicyScope {
  readonly #kinds: KnownKinds
  readonly #hasParams: boolean
  #variables: ReadonlyMap<string, CelType> = nothing
  #environment: Environment

  /** @param hasParams whether there is a `params` */
  constructor(hasParams: boolean, kinds: KnownKinds = {}) {
    this.#hasParams = hasParams
    this.#kinds = kinds
    this.#environment = this.#build()
  }

  /** Compiles an expression that gives what is wanted, or says why it cannot be. */
  compile(text: string, type: 'bool' | 'string' | 'any'): Program | { readonly problem: string } {
    let program: Program
    try {
      program = compile(this.#environment, text)
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error
      return { problem: error.message }
    }
    if (type === 'any') return program
    const wanted = type === 'bool' ? boolType : stringType
    const found = program.outType
    if (found === wanted || found === dynType || found.name === wanted.name) return program
    return { problem: `must evaluate to ${type} but got ${found.name}` }
  }

  /** Lets expressions from now on use a variable. What it gives is anything when it cannot be compiled. */
  declare({ name, expression }: JsonObject): Program | undefined {
    const found = this.compile(textOf(expression), 'any')
    const type = 'problem' in found ? dynType : found.outType
    this.#variables = new Map([...this.#variables, [textOf(name), type]])
    this.#environment = this.#build()
    return 'problem' in found ? undefined : found
  }

  #build(): Environment {
    base ??= kubernetesEnvironment()
    const { object, params } = this.#kinds
    const objectType = object?.celType ?? dynType
    const variables = new Map<string, CelType>([
      ['object', objectType],
      ['oldObject', objectType],
      ['request', requestType],
      ['namespaceObject', namespaceType],
      ['variables', variablesType],
      ['authorizer', dynType],
      ...(this.#hasParams ? [['params', params?.celType ?? dynType] as const] : []),
    ])
    const declared = [object, params].filter((it) => it !== undefined)
    return base.extend({ variables, provider: policyTypes(this.#variables, declared) })
  }
}

/** The variables of a policy, each declared in the scope for those after it and for all other expressions. */
export function declareVariables(scope: PolicyScope, spec: JsonObject): PolicyVariable[] {
  return listOf(spec.variables).flatMap((it) => {
    const program = scope.declare(it)
    return program ? [{ name: textOf(it.name), program }] : []
  })
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

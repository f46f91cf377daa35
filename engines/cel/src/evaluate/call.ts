import type { TrackCost } from '../cost/cost-tracker.ts'
import {
  acceptsArguments,
  type FunctionDeclaration,
  type Implementation,
  noOverloadFor,
  type Overload,
} from '../environment/declarations.ts'
import { compilePattern } from '../library/pattern.ts'
import { conversionNames } from '../library/standard/conversions.ts'
import { type Expression, operators } from '../syntax/expression.ts'
import { ListValue } from '../values/list-value.ts'
import { Duration, Timestamp } from '../values/time.ts'
import { CelError, type CelValue, noSuchOverload, OptionalValue } from '../values/value.ts'
import { fastBinary } from './fast-binary.ts'
import { CelProgramError, type Evaluate, spend } from './frame.ts'
import { membershipTest } from './membership.ts'
import { constantNode, type PlanNode } from './node.ts'
import type { Planner } from './planner.ts'

/** Which function a call means. */
export type ResolvedCall = {
  readonly name: string
  readonly target: Expression | undefined
  /** The signature, where the checker found exactly one. */
  readonly overload: string | undefined
}

type Call = ResolvedCall & { readonly id: number }

/** A function as it is to be called: with one, two or any number of arguments. */
type Callable = {
  readonly call: Implementation
  readonly arity: number | undefined
  readonly accepts?: (value: CelValue) => boolean
  readonly isLenient?: boolean
}

/** Compiles the call of a function. */
export function planCall(planner: Planner, call: Call, args: readonly PlanNode[]): PlanNode {
  const optional = planOptionalChain(planner, call, args)
  if (optional) return optional
  const declaration = planner.environment.functions.get(call.name)
  const callable = declaration && findCallable(declaration, call.overload)
  const cost = planner.costs.trackerOf(call.name, call.overload ?? '')
  const evaluate = compile(call, callable, args, cost)
  if (!planner.foldsConstants) return { evaluate }
  requirePattern(call, args)
  return fold(call, args, evaluate)
}

function compile(
  call: Call,
  callable: Callable | undefined,
  args: readonly PlanNode[],
  cost: TrackCost,
): Evaluate {
  const isVariadic = callable !== undefined && callable.arity === undefined
  const [first, second] = args
  if (!first) return compileConstant(call, callable, cost)
  if (args.length === 1 && !isVariadic) return compileUnary(call, callable, first, cost)
  if (args.length === 2 && second && !isVariadic) {
    const pair = { left: first.evaluate, right: second.evaluate }
    return compileBinary(call, callable, pair, cost)
  }
  return compileVariadic(call, callable, args, cost)
}

/** The implementation of a function: of the signature that is known, or the one that arguments choose. */
function findCallable(
  declaration: FunctionDeclaration,
  overloadId: string | undefined,
): Callable | undefined {
  const { shared, overloads } = declaration
  if (shared) return shared
  const callable = overloads.filter((it) => it.call)
  const known =
    callable.find(({ id }) => id === overloadId) ?? (callable.length === 1 ? callable[0] : undefined)
  if (known) return guarded(declaration, known)
  if (callable.length === 0) return undefined
  return { call: (...args) => dispatch(declaration, callable, args), arity: undefined }
}

function guarded(declaration: FunctionDeclaration, overload: Overload): Callable {
  const { call = () => noSuchOverload, isLenient = false } = overload
  const { length } = overload.parameters
  const arity = length > 2 || length === 0 ? undefined : length
  if (declaration.isUnguarded || isLenient) return { call, arity, isLenient }
  return {
    call: (...args) =>
      acceptsArguments(overload, args) ? call(...args) : noOverloadFor(declaration.name, args),
    arity,
  }
}

function dispatch(
  { name, isUnguarded }: FunctionDeclaration,
  overloads: readonly Overload[],
  args: readonly CelValue[],
): CelValue {
  const chosen = overloads.find((overload) =>
    isUnguarded ? overload.parameters.length === args.length : acceptsArguments(overload, args),
  )
  return chosen?.call?.(...args) ?? noOverloadFor(name, args)
}

function compileConstant(call: Call, callable: Callable | undefined, cost: TrackCost): Evaluate {
  if (!callable || callable.arity !== undefined) throw new CelProgramError(`no such overload: ${call.name}()`)
  return (frame) => {
    const value = callable.call()
    spend(frame, cost([], value))
    return value
  }
}

function compileUnary(call: Call, callable: Callable | undefined, arg: PlanNode, cost: TrackCost): Evaluate {
  if (callable && callable.arity !== 1) throw new CelProgramError(`no such overload: ${call.name}(arg)`)
  const { evaluate } = arg
  const apply = (value: CelValue): CelValue => {
    if (value instanceof CelError && !callable?.isLenient) return value
    if (!callable || (callable.accepts && !callable.accepts(value))) return refusal(value, call.name)
    return callable.call(value)
  }
  return (frame) => {
    const value = evaluate(frame)
    const result = apply(value)
    spend(frame, cost([value], result))
    return result
  }
}

type Pair = { readonly left: Evaluate; readonly right: Evaluate }

function compileBinary(call: Call, callable: Callable | undefined, pair: Pair, cost: TrackCost): Evaluate {
  if (callable && callable.arity !== 2) throw new CelProgramError(`no such overload: ${call.name}(lhs, rhs)`)
  const apply = (a: CelValue, b: CelValue): CelValue => {
    if (a instanceof CelError) return a
    if (b instanceof CelError) return b
    if (!callable || (callable.accepts && !callable.accepts(a))) return refusal(a, call.name)
    return callable.call(a, b)
  }
  const { left, right } = pair
  return (
    fastBinary(call.name, pair, { run: apply, cost }) ??
    ((frame) => {
      const a = left(frame)
      const b = right(frame)
      const result = apply(a, b)
      spend(frame, cost([a, b], result))
      return result
    })
  )
}

function compileVariadic(
  call: Call,
  callable: Callable | undefined,
  args: readonly PlanNode[],
  cost: TrackCost,
): Evaluate {
  if (callable && callable.arity !== undefined) {
    throw new CelProgramError(`no such overload: ${call.name}(...)`)
  }
  const evaluators = args.map(({ evaluate }) => evaluate)
  return (frame) => {
    const values: CelValue[] = []
    for (const evaluate of evaluators) {
      const value = evaluate(frame)
      values.push(value)
      if (value instanceof CelError && !callable?.isLenient) break
    }
    const last = values.at(-1) ?? null
    const isFailed = last instanceof CelError && !callable?.isLenient
    const result = isFailed ? last : run(callable, call, values)
    // A call whose arguments were not all computed costs nothing itself.
    if (values.length === evaluators.length) spend(frame, cost(values, result))
    return result
  }
}

function run(callable: Callable | undefined, { name, id }: Call, values: readonly CelValue[]): CelValue {
  const [first = null] = values
  if (callable && (!callable.accepts || callable.accepts(first))) return callable.call(...values)
  return isReceiver(first) ? noSuchOverload : new CelError(`no such overload: ${name} ${id}`)
}

/** Strings and times answer for calls they do not know without naming the function. */
function refusal(value: CelValue, name: string): CelError {
  return isReceiver(value) ? noSuchOverload : new CelError(`no such overload: ${name}`)
}

function isReceiver(value: CelValue): boolean {
  return typeof value === 'string' || value instanceof Timestamp || value instanceof Duration
}

/** `or` and `orValue` compute what comes after them only when there is no value before. */
function planOptionalChain(planner: Planner, call: Call, args: readonly PlanNode[]): PlanNode | undefined {
  const { name, overload } = call
  const [first, second] = args
  const isChain = name === 'or' || name === 'orValue'
  if (!isChain || !first || !second || args.length > 2 || !planner.environment.functions.has(name)) {
    return undefined
  }
  const id = name === 'or' ? 'optional_or_optional' : 'optional_orValue_value'
  if (overload !== undefined && overload !== id) return undefined
  return {
    evaluate: (frame) => {
      const value = first.evaluate(frame)
      if (value instanceof CelError) return value
      if (!(value instanceof OptionalValue)) return noSuchOverload
      if (value.value === undefined) return second.evaluate(frame)
      return name === 'or' ? value : value.value
    },
  }
}

/** A constant pattern that is none makes the whole expression useless. */
function requirePattern({ name }: Call, args: readonly PlanNode[]): void {
  const pattern = patternFunctions.has(name) ? args[1]?.constant : undefined
  const compiled = typeof pattern === 'string' ? compilePattern(pattern) : undefined
  if (compiled instanceof CelError) throw new CelProgramError(compiled.message)
}

const patternFunctions: ReadonlySet<string> = new Set(['matches', 'find', 'findAll'])

/** Conversions of constants are computed at once, and `in` of a constant list looks up a set. */
function fold(call: Call, args: readonly PlanNode[], evaluate: Evaluate): PlanNode {
  const [first, second] = args
  if (conversionNames.has(call.name) && args.length === 1 && first?.constant !== undefined) {
    const value = evaluate({ variable: () => undefined, slots: [], cost: 0, costLimit: Infinity })
    if (value instanceof CelError) throw new CelProgramError(value.message)
    return constantNode(value)
  }
  const isMembership = call.name === operators.in && call.overload === 'in_list'
  if (!isMembership || !first || !(second?.constant instanceof ListValue)) return { evaluate }
  return membershipTest(first, second.constant) ?? { evaluate }
}

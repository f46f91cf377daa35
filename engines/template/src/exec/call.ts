import { type GoFunction, GoInt, type GoValue, goInt, goTypeName } from '@sluice/go'
import type { Node, NumberNode, Operand } from '../parse/node.ts'
import { nodeText } from '../parse/node-text.ts'
import { assign, type Parameter, signatureOf } from './parameter.ts'
import type { State } from './state.ts'

/** An argument, evaluated for the type of its parameter. */
export type Argument = (s: State, dot: GoValue, parameter: Parameter) => GoValue

/** A place in a template where something is called. */
export type CallSite = {
  readonly name: string
  /** What errors of the call are reported at. */
  readonly node: Node
  readonly args: readonly Argument[]
  /** Whether the value of the command before is the last argument; it waits in {@link State.final}. */
  readonly hasFinal: boolean
}

/**
 * Calls a function or method with evaluated and checked arguments.
 *
 * Source: text/template exec.go, evalCall.
 */
export function callFunction(s: State, dot: GoValue, fn: GoFunction, site: CallSite): GoValue {
  const args = evaluateArguments(s, dot, fn, site)
  try {
    return paid(s, fn.call(args, s))
  } catch (cause) {
    throw s.callError(cause, site.name, site.node)
  }
}

/** Takes what a call has made from the run's budget. */
export function paid(s: State, result: GoValue): GoValue {
  if (typeof result === 'string') s.spend(result.length)
  return result
}

/** The arguments of a call, checked in number and type. */
export function evaluateArguments(s: State, dot: GoValue, fn: GoFunction, site: CallSite): GoValue[] {
  const { final } = s
  const { fixed, rest } = signatureOf(fn)
  const { args, hasFinal } = site
  const count = args.length + (hasFinal ? 1 : 0)
  if (rest === undefined ? count !== fixed.length : count < fixed.length) {
    throw s.error(
      rest === undefined
        ? `wrong number of args for ${site.name}: want ${fixed.length} got ${count}`
        : `wrong number of args for ${site.name}: want at least ${fixed.length} got ${args.length}`,
    )
  }
  s.step()
  const values: GoValue[] = []
  for (let at = 0; at < args.length; at += 1) {
    const parameter = fixed[at] ?? rest
    const argument = args[at]
    if (parameter && argument) values.push(argument(s, dot, parameter))
  }
  const last = fixed[args.length] ?? rest
  if (hasFinal && last) values.push(validate(s, final, last))
  return values
}

/**
 * Checks that a value can be passed where `parameter` is expected.
 *
 * Source: text/template exec.go, validateType.
 */
export function validate(s: State, value: GoValue, parameter: Parameter): GoValue {
  const { kind, type } = parameter
  if (kind === 'value') return value
  if (value === undefined) {
    if (parameter.nilable) return null
    throw s.error(`invalid value; expected ${type}`)
  }
  if (kind === 'interface') return value
  if (value === null) throw s.error(`wrong type for value; expected ${type}; got interface {}`)
  const assigned = assign(value, parameter)
  if (!assigned) throw s.error(`wrong type for value; expected ${type}; got ${goTypeName(value)}`)
  return assigned.value
}

/** A literal as an argument: a number becomes what the parameter asks for. Source: exec.go, evalArg. */
export function literal(s: State, node: Operand, parameter: Parameter): GoValue {
  s.node = node
  switch (parameter.kind) {
    case 'value':
    case 'interface':
      return untyped(s, node)
    case 'string':
      if (node.kind === 'string') return node.text
      throw s.error(`expected string; found ${nodeText(node)}`)
    case 'bool':
      if (node.kind === 'bool') return node.value
      throw s.error(`expected bool; found ${nodeText(node)}`)
    case 'int':
      if (node.kind === 'number' && node.int !== undefined) return sized(parameter, node.int)
      throw s.error(`expected integer; found ${nodeText(node)}`)
    case 'uint':
      if (node.kind === 'number' && node.uint !== undefined) return sized(parameter, node.uint)
      throw s.error(`expected unsigned integer; found ${nodeText(node)}`)
    case 'float':
      if (node.kind === 'number' && node.float !== undefined) return node.float
      throw s.error(`expected float; found ${nodeText(node)}`)
    case 'complex':
      if (node.kind === 'number' && node.complex) return node.complex
      throw s.error(`expected complex; found ${nodeText(node)}`)
    case 'other':
      throw s.error(`can't handle ${nodeText(node)} for arg of type ${parameter.type}`)
  }
}

function sized({ intKind, type }: Parameter, value: bigint): GoInt {
  const bits = Number(/\d+$/.exec(intKind)?.[0] ?? 64)
  const wrapped = intKind.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)
  return new GoInt(intKind, wrapped, type)
}

function untyped(s: State, node: Operand): GoValue {
  if (node.kind === 'string') return node.text
  if (node.kind === 'bool') return node.value
  if (node.kind === 'number') return numberValue(s, node)
  throw s.error(`can't handle assignment of ${nodeText(node)} to empty interface argument`)
}

/** The value of a number that is not known to fit. @throws {TemplateError} where no int holds it */
export function numberValue(s: State, node: NumberNode): GoValue {
  const value = idealConstant(node)
  s.node = node
  if (value === undefined) throw s.error(`${node.text} overflows int`)
  return value
}

/**
 * The value of a number without a type to fit, as its spelling says; nothing when it overflows an int.
 *
 * Source: text/template exec.go, idealConstant.
 */
export function idealConstant({ text, complex, float, int }: NumberNode): GoValue {
  if (complex) return complex
  const isHex = /^0[xX]/.test(text) && !/[pP]/.test(text)
  if (float !== undefined && !isHex && !text.startsWith("'") && /[.eEpP]/.test(text)) return float
  return int === undefined ? undefined : goInt(int)
}

import { GoError, GoFunction, type GoValue, quote } from '@sluice/go'
import { builtinFunctions } from '../builtins/builtins.ts'
import type {
  ChainNode,
  CommandNode,
  FieldNode,
  IdentifierNode,
  NumberNode,
  Operand,
  PipeNode,
  VariableNode,
} from '../parse/node.ts'
import { nodeText } from '../parse/node-text.ts'
import {
  type Argument,
  type CallSite,
  callFunction,
  evaluateArguments,
  idealConstant,
  literal,
  numberValue,
  paid,
  validate,
} from './call.ts'
import { followPath, holdsInterfaces } from './field.ts'
import { parameterOf } from './parameter.ts'
import type { Scope } from './scope.ts'
import type { State } from './state.ts'
import { isTrue } from './truth.ts'

/** An expression, ready to run. `null` is a nil interface, `undefined` no value at all. */
export type Evaluate = (s: State, dot: GoValue) => GoValue

/** A command of a pipeline: `final` is the value before it, if `hasFinal`. */
export type Command = (s: State, dot: GoValue, final: GoValue) => GoValue

const anyValue = parameterOf('reflect.Value')

/** A pipeline of one command that declares nothing, as that command: one frame less where it matters. */
export function compileOnlyCommand(pipe: PipeNode, scope: Scope): Command | undefined {
  const [only] = pipe.commands
  const isOnly = pipe.commands.length === 1 && pipe.declarations.length === 0
  return only && isOnly ? compileCommand(only, scope, false) : undefined
}

/** Source: text/template exec.go, evalPipeline. */
export function compilePipe(pipe: PipeNode, scope: Scope): Evaluate {
  const [first, ...rest] = pipe.commands.map((command, stage) => compileCommand(command, scope, stage > 0))
  const slots = pipe.declarations.map((declared) => declaredSlot(pipe, declared, scope))
  if (!first) throw new TypeError('a pipeline without commands was parsed')
  const run = rest.length === 0 ? single(pipe, first) : chained(pipe, [first, ...rest])
  return slots.length === 0 ? run : storing(run, slots)
}

/** A nil interface at the end of a command is no value: only what is in it goes on. */
function single(pipe: PipeNode, command: Command): Evaluate {
  return (s, dot) => {
    s.node = pipe
    return command(s, dot, undefined) ?? undefined
  }
}

function chained(pipe: PipeNode, commands: readonly Command[]): Evaluate {
  return (s, dot) => {
    s.node = pipe
    let value: GoValue
    for (const command of commands) value = command(s, dot, value) ?? undefined
    return value
  }
}

function declaredSlot(pipe: PipeNode, { path: [name = ''] }: VariableNode, scope: Scope): number | string {
  return pipe.isAssign ? (scope.find(name) ?? name) : scope.declare(name)
}

function storing(run: Evaluate, slots: readonly (number | string)[]): Evaluate {
  return (s, dot) => {
    const value = run(s, dot)
    for (const slot of slots) {
      if (typeof slot === 'string') throw s.error(`undefined variable: ${slot}`)
      s.vars[slot] = value
      s.varIsInterface[slot] = false
    }
    return value
  }
}

/** Source: text/template exec.go, evalCommand. */
function compileCommand({ args: [first, ...rest] }: CommandNode, scope: Scope, hasFinal: boolean): Command {
  if (!first) throw new TypeError('a command without words was parsed')
  const hasArguments = rest.length > 0 || hasFinal
  const { kind } = first
  if (kind === 'field' || kind === 'chain' || kind === 'identifier') {
    return callable(first, rest, scope, hasFinal)
  }
  if (kind === 'variable' && first.path.length > 1) return callable(first, rest, scope, hasFinal)
  if (kind === 'pipe') {
    if (!hasArguments) return compilePipe(first, scope)
    return (s) => {
      throw s.error(`can't give argument to non-function ${nodeText(first)}`)
    }
  }
  const word = compileWord(first, scope)
  if (!hasArguments) return word
  return (s) => {
    s.node = first
    throw s.error(`can't give argument to non-function ${nodeText(first)}`)
  }
}

/** A word that takes no arguments. */
function compileWord(node: Operand, scope: Scope): Evaluate {
  if (node.kind === 'dot') {
    return (s, dot) => {
      s.node = node
      return dot
    }
  }
  if (node.kind === 'variable') return variable(node, scope)
  if (node.kind === 'nil') {
    return (s) => {
      s.node = node
      throw s.error('nil is not a command')
    }
  }
  if (node.kind === 'number') return numberWord(node)
  const value = node.kind === 'string' ? node.text : node.kind === 'bool' && node.value
  return (s) => {
    s.node = node
    return value
  }
}

function numberWord(node: NumberNode): Evaluate {
  const constant = idealConstant(node)
  if (constant === undefined) return (s) => numberValue(s, node)
  return (s) => {
    s.node = node
    return constant
  }
}

function variable(node: VariableNode, scope: Scope): Evaluate {
  const [name = ''] = node.path
  const slot = scope.find(name)
  if (slot === undefined) {
    return (s) => {
      s.node = node
      throw s.error(`undefined variable: ${name}`)
    }
  }
  return (s) => {
    s.node = node
    return s.vars[slot]
  }
}

/** What may get arguments: functions, and paths that may end at a method. */
function callable(
  node: FieldNode | ChainNode | IdentifierNode | VariableNode,
  words: readonly Operand[],
  scope: Scope,
  hasFinal: boolean,
): Command {
  if (node.kind === 'identifier') return functionCall(node, words, scope, hasFinal)
  const receiver = compileReceiver(node, scope)
  const path = node.kind === 'variable' ? node.path.slice(1) : node.path
  const [only = ''] = path
  if (words.length === 0 && !hasFinal) {
    if (node.kind === 'field' && path.length === 1) return shortField(node, only)
    return (s, dot) => followPath(s, receiver(s, dot), path, { node, dot })
  }
  const args = words.map((word) => compileArgument(word, scope))
  const site: CallSite = { name: path.at(-1) ?? '', node, args, hasFinal }
  return (s, dot, final) => followPath(s, receiver(s, dot), path, { node, dot, site, final })
}

/** `.name`, most frequent of all, over a plain map. */
function shortField(node: FieldNode, name: string): Evaluate {
  return (s, dot) => {
    s.node = node
    if (dot instanceof Map) {
      const value = dot.get(name)
      if (value !== undefined) return value
    }
    return followPath(s, { value: dot, isInterface: s.dotIsInterface }, node.path, { node, dot })
  }
}

type Receiver = (s: State, dot: GoValue) => { readonly value: GoValue; readonly isInterface: boolean }

function compileReceiver(node: FieldNode | ChainNode | VariableNode, scope: Scope): Receiver {
  if (node.kind === 'field') {
    return (s, dot) => {
      s.node = node
      return { value: dot, isInterface: s.dotIsInterface }
    }
  }
  if (node.kind === 'variable') {
    const value = variable(node, scope)
    const slot = scope.find(node.path[0] ?? '') ?? 0
    return (s, dot) => ({ value: value(s, dot), isInterface: s.varIsInterface[slot] ?? false })
  }
  if (node.node.kind === 'nil') {
    return (s) => {
      s.node = node
      throw s.error(`indirection through explicit nil in ${nodeText(node)}`)
    }
  }
  const inner = compileOperand(node.node, scope)
  return (s, dot) => {
    s.node = node
    s.node = node.node
    return { value: inner(s, dot), isInterface: false }
  }
}

/** Source: text/template exec.go, evalFunction. */
function functionCall(
  node: IdentifierNode,
  words: readonly Operand[],
  scope: Scope,
  hasFinal: boolean,
): Command {
  const { name } = node
  const args = words.map((word) => compileArgument(word, scope))
  const command: CommandNode = { kind: 'command', position: node.position, args: [node, ...words] }
  const site: CallSite = { name, node: command, args, hasFinal }
  if (name === 'and' || name === 'or') return shortCircuit(node, args, hasFinal)
  if (name === 'call') return calleeCall(command, site)
  if (name === 'slice') return sliceCall(command, site, scope)
  // As callFunction, but in this frame: includes are deep.
  return (s, dot, final) => {
    s.node = node
    s.final = final
    const fn = s.functions.get(name)
    if (!fn) throw s.error(`${quote(name)} is not a defined function`)
    const values = evaluateArguments(s, dot, fn, site)
    try {
      return paid(s, fn.call(values, s))
    } catch (cause) {
      throw s.callError(cause, name, command)
    }
  }
}

/** `and` and `or` evaluate only as far as they must. */
function shortCircuit(node: IdentifierNode, args: readonly Argument[], hasFinal: boolean): Command {
  const stopAt = node.name === 'or'
  const enough = args.length > 0 || hasFinal
  return (s, dot, final) => {
    s.node = node
    if (!enough) throw s.error(`wrong number of args for ${node.name}: want at least 1 got 0`)
    s.step()
    let value: GoValue
    for (const argument of args) {
      value = argument(s, dot, anyValue)
      if (isTrue(value) === stopAt) return value
    }
    return hasFinal ? final : value
  }
}

/** `call` names the function that it calls in its errors. */
function calleeCall(node: CommandNode, site: CallSite): Command {
  const [word, callee] = node.args
  return (s, dot, final) => {
    s.node = word
    const fn = s.functions.get('call')
    if (!fn) throw s.error('"call" is not a defined function')
    const named = new GoFunction(
      fn.parameters,
      (values, budget) => fn.call([callee ? nodeText(callee) : describe(final), ...values], budget),
      { variadic: true },
    )
    s.final = final
    return callFunction(s, dot, named, site)
  }
}

/**
 * `slice` alone looks at an index as it comes: one that still is in an interface, as the elements of maps and lists
 * are, is none to it.
 */
function sliceCall(node: CommandNode, site: CallSite, scope: Scope): Command {
  const [, , ...indexes] = node.args
  const checks = indexes.map((word) => comesAsInterface(word, scope))
  return (s, dot, final) => {
    s.node = node.args[0]
    const fn = s.functions.get('slice')
    if (!fn) throw s.error('"slice" is not a defined function')
    const isBuiltin = fn === builtinFunctions.get('slice')
    if (isBuiltin && checks.some((check) => check(s, dot))) {
      throw s.callError(new GoError('cannot index slice/array with type interface {}'), 'slice', node)
    }
    s.final = final
    return callFunction(s, dot, fn, site)
  }
}

/** Whether the value of an operand has interface type where it is evaluated. */
function comesAsInterface(node: Operand, scope: Scope): (s: State, dot: GoValue) => boolean {
  if (node.kind === 'dot') return (s) => s.dotIsInterface
  if (node.kind === 'variable' && node.path.length === 1) {
    const slot = scope.find(node.path[0] ?? '') ?? 0
    return (s) => s.varIsInterface[slot] ?? false
  }
  if (node.kind !== 'field' && node.kind !== 'chain' && node.kind !== 'variable') return () => false
  const receiver = compileReceiver(node, scope)
  const path = node.kind === 'variable' ? node.path.slice(1, -1) : node.path.slice(0, -1)
  return (s, dot) => holdsInterfaces(followPath(s, receiver(s, dot), path, { node, dot }))
}

function describe(value: GoValue): string {
  return typeof value === 'string' ? value : '<value>'
}

/** Source: text/template exec.go, evalArg. */
function compileArgument(node: Operand, scope: Scope): Argument {
  switch (node.kind) {
    case 'nil':
      return (s, _dot, parameter) => {
        s.node = node
        if (!parameter.nilable) throw s.error(`cannot assign nil to ${parameter.type}`)
        return parameter.kind === 'value' ? undefined : null
      }
    case 'bool':
    case 'string':
      return (s, _dot, parameter) => literal(s, node, parameter)
    case 'number': {
      const constant = idealConstant(node)
      if (constant === undefined) return (s, _dot, parameter) => literal(s, node, parameter)
      return (s, _dot, parameter) => {
        s.node = node
        return parameter.kind === 'interface' || parameter.kind === 'value'
          ? constant
          : literal(s, node, parameter)
      }
    }
    case 'dot':
    case 'field':
    case 'variable':
    case 'pipe':
    case 'identifier':
    case 'chain': {
      const evaluate = compileOperand(node, scope)
      return (s, dot, parameter) => {
        s.node = node
        return validate(s, evaluate(s, dot), parameter)
      }
    }
  }
}

function compileOperand(node: Operand, scope: Scope): Evaluate {
  if (node.kind === 'pipe') return compilePipe(node, scope)
  if (node.kind === 'identifier') {
    const call = functionCall(node, [], scope, false)
    return (s, dot) => call(s, dot, undefined)
  }
  if (node.kind === 'field' || node.kind === 'chain' || (node.kind === 'variable' && node.path.length > 1)) {
    const path = callable(node, [], scope, false)
    return (s, dot) => path(s, dot, undefined)
  }
  return compileWord(node, scope)
}

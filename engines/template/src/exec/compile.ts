import { GoFunction, GoInt, GoMap, GoSlice, type GoValue, goInt, sortedEntries, sprint } from '@sluice/go'
import type { ActionNode, BranchNode, ListNode, Statement, TemplateNode, Tree } from '../parse/node.ts'
import { compileOnlyCommand, compilePipe, type Evaluate } from './expression.ts'
import { holdsInterfaces } from './field.ts'
import { printed } from './print.ts'
import { Scope } from './scope.ts'
import type { State } from './state.ts'
import { isTrue } from './truth.ts'

/** How a statement ended: 0 go on, 1 `break`, 2 `continue`. Numbers, as this is looked at after each statement. */
type Flow = 0 | 1 | 2
type Execute = (s: State, dot: GoValue) => Flow

/** A template as closures. It may be shared between sets: other templates are looked up by name when it runs. */
export type CompiledTemplate = { readonly tree: Tree; readonly body: Execute }

/**
 * Compiles a tree when it first runs: of the templates of a library chart most never do.
 *
 * Source: behaviour of text/template exec.go (Go 1.26).
 */
export function compile(tree: Tree): CompiledTemplate {
  return new LazyTemplate(tree)
}

class LazyTemplate implements CompiledTemplate {
  readonly tree: Tree
  #body: Execute | undefined

  constructor(tree: Tree) {
    this.tree = tree
  }

  get body(): Execute {
    this.#body ??= compileList(this.tree.root, new Scope())
    return this.#body
  }
}

/**
 * Runs a template with `data` as dot and `$`, inside of what runs already and after {@link State.enter}.
 * What it leaves behind when it throws is for the caller to restore.
 */
export function invoke(s: State, template: CompiledTemplate, data: GoValue): void {
  const { tree, vars, varIsInterface, dotIsInterface } = s
  s.tree = template.tree
  s.vars = [data]
  s.varIsInterface = []
  s.dotIsInterface = false
  template.body(s, data)
  s.depth -= 1
  s.tree = tree
  s.vars = vars
  s.varIsInterface = varIsInterface
  s.dotIsInterface = dotIsInterface
}

function compileList({ nodes }: ListNode, scope: Scope): Execute {
  const statements = nodes.map((node) => compileStatement(node, scope))
  const [only] = statements
  if (only && statements.length === 1) return only
  return (s, dot) => {
    for (const statement of statements) {
      const flow = statement(s, dot)
      if (flow !== 0) return flow
    }
    return 0
  }
}

function compileStatement(node: Statement, scope: Scope): Execute {
  switch (node.kind) {
    case 'text':
      return (s) => {
        s.write(node.text)
        return 0
      }
    case 'list':
      return compileList(node, scope)
    case 'action':
      return compileAction(node, scope)
    case 'if':
      return compileIf(node, scope)
    case 'with':
      return compileWith(node, scope)
    case 'range':
      return compileRange(node, scope)
    case 'template':
      return compileTemplateCall(node, scope)
    case 'break':
      return () => 1
    case 'continue':
      return () => 2
  }
}

function compileAction(node: ActionNode, scope: Scope): Execute {
  const { pipe } = node
  const command = compileOnlyCommand(pipe, scope)
  if (command) {
    return (s, dot) => {
      s.step()
      s.node = pipe
      print(s, node, command(s, dot, undefined) ?? undefined)
      return 0
    }
  }
  const evaluate = compilePipe(pipe, scope)
  const prints = pipe.declarations.length === 0
  return (s, dot) => {
    s.step()
    const value = evaluate(s, dot)
    if (prints) print(s, node, value)
    return 0
  }
}

function print(s: State, node: ActionNode, value: GoValue): void {
  s.node = node
  s.write(typeof value === 'string' ? value : printed(s, node, value))
}

function compileBranches(
  node: BranchNode,
  scope: Scope,
): { readonly list: Execute; readonly otherwise: Execute } {
  const mark = scope.mark()
  const list = compileList(node.list, scope)
  scope.leave(mark)
  const otherwise = node.elseList ? compileList(node.elseList, scope) : (): Flow => 0
  return { list, otherwise }
}

function compileIf(node: BranchNode, scope: Scope): Execute {
  const mark = scope.mark()
  const pipe = compilePipe(node.pipe, scope)
  const { list, otherwise } = compileBranches(node, scope)
  scope.leave(mark)
  return (s, dot) => {
    s.step()
    s.node = node
    return isTrue(pipe(s, dot)) ? list(s, dot) : otherwise(s, dot)
  }
}

function compileWith(node: BranchNode, scope: Scope): Execute {
  const mark = scope.mark()
  const pipe = compilePipe(node.pipe, scope)
  const { list, otherwise } = compileBranches(node, scope)
  scope.leave(mark)
  return (s, dot) => {
    s.step()
    s.node = node
    const value = pipe(s, dot)
    if (!isTrue(value)) return otherwise(s, dot)
    const { dotIsInterface } = s
    s.dotIsInterface = false
    const flow = list(s, value)
    s.dotIsInterface = dotIsInterface
    return flow
  }
}

function compileTemplateCall(node: TemplateNode, scope: Scope): Execute {
  const pipe: Evaluate = node.pipe ? compilePipe(node.pipe, scope) : () => undefined
  return (s, dot) => {
    s.step()
    s.node = node
    const template = s.templates.get(node.name)
    if (!template) throw s.error(`template "${node.name}" not defined`)
    s.enter()
    invoke(s, template, pipe(s, dot))
    return 0
  }
}

/** What a loop does for one element. */
type Iterate = (s: State, dot: GoValue, index: GoValue, element: GoValue) => Flow

function compileRange(node: BranchNode, scope: Scope): Execute {
  const mark = scope.mark()
  const pipe = compilePipe(node.pipe, scope)
  const slots = node.pipe.declarations.map(({ path: [name = ''] }) => scope.find(name) ?? 0)
  const { list, otherwise } = compileBranches(node, scope)
  scope.leave(mark)
  const iterate = compileIteration(list, slots)
  return (s, dot) => {
    s.step()
    s.node = node
    const value = pipe(s, dot)
    const { dotIsInterface } = s
    const ran = runLoop(s, value, { iterate, names: slots.length })
    s.dotIsInterface = dotIsInterface
    return ran === undefined ? otherwise(s, dot) : ran
  }
}

/** One variable gets the element, two get index and element. */
function compileIteration(list: Execute, slots: readonly number[]): Iterate {
  const elementSlot = slots.at(-1)
  const indexSlot = slots.length > 1 ? slots[0] : undefined
  return (s, _dot, index, element) => {
    s.step()
    if (elementSlot !== undefined) {
      s.vars[elementSlot] = element
      s.varIsInterface[elementSlot] = s.dotIsInterface
    }
    if (indexSlot !== undefined) s.vars[indexSlot] = index
    return list(s, element)
  }
}

type Loop = { readonly iterate: Iterate; readonly names: number }

/** Runs a loop; nothing when there was no element. Source: text/template exec.go, walkRange. */
function runLoop(s: State, value: GoValue, loop: Loop): Flow | undefined {
  s.dotIsInterface = holdsInterfaces(value)
  if (Array.isArray(value)) return overList(s, value, loop)
  if (value instanceof Map || value instanceof GoMap) return overMap(s, value, loop)
  if (value instanceof GoSlice) return overList(s, value.items, loop)
  if (value instanceof Uint8Array) {
    return overList(
      s,
      Array.from(value, (byte) => new GoInt('uint8', BigInt(byte))),
      loop,
    )
  }
  if (value instanceof GoInt) return overInteger(s, value, loop)
  if (value === undefined || value === null) return undefined
  if (value instanceof GoFunction) return overFunction(s, value, loop)
  throw s.error(`range can't iterate over ${sprint([value], s)}`)
}

function overList(s: State, items: readonly GoValue[], { iterate, names }: Loop): Flow | undefined {
  if (items.length === 0) return undefined
  const isInterface = s.dotIsInterface
  for (let at = 0; at < items.length; at += 1) {
    s.dotIsInterface = isInterface
    if (iterate(s, undefined, names > 1 ? goInt(at) : undefined, items[at]) === 1) break
  }
  return 0
}

function overMap(s: State, map: Map<string, GoValue> | GoMap, { iterate }: Loop): Flow | undefined {
  const entries = sortedEntries(map)
  if (entries.length === 0) return undefined
  const isInterface = s.dotIsInterface
  for (const [key, element] of entries) {
    s.dotIsInterface = isInterface
    if (iterate(s, undefined, key, element) === 1) break
  }
  return 0
}

function overInteger(s: State, { kind, type, value }: GoInt, { iterate, names }: Loop): Flow | undefined {
  if (names > 1) throw s.error(`can't use ${value} to iterate over more than one variable`)
  if (value <= 0n) return undefined
  for (let at = 0n; at < value; at += 1n) {
    if (iterate(s, undefined, undefined, new GoInt(kind, at, type)) === 1) break
  }
  return 0
}

/** A function over `yield`, as Go's iterators are. */
function overFunction(s: State, fn: GoFunction, { iterate, names }: Loop): Flow | undefined {
  const [yields = ''] = fn.parameters
  const count = /^func\(([^,()]+)(,[^,()]+)?\) bool$/.exec(yields)
  if (fn.parameters.length !== 1 || !count) throw s.error(`range can't iterate over ${sprint([fn], s)}`)
  const pairs = count[2] !== undefined
  if (names > 1 && !pairs) throw s.error(`can't use ${sprint([fn], s)} iterate over more than one variable`)
  let ran = false
  const receive = new GoFunction(pairs ? ['interface {}', 'interface {}'] : ['interface {}'], ([a, b]) => {
    ran = true
    return names > 1 ? iterate(s, undefined, a, b) !== 1 : iterate(s, undefined, undefined, a) !== 1
  })
  fn.call([receive], s)
  return ran ? 0 : undefined
}

import { type Budget, GoBoundsError, type GoValue, goByteLength, quote } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'
import { TemplateError } from '../error.ts'
import type { FunctionMap } from '../functions.ts'
import type { Node, Tree } from '../parse/node.ts'
import { nodeText } from '../parse/node-text.ts'
import type { CompiledTemplate } from './compile.ts'
import type { Limits } from './limits.ts'

/** What a missing map key gives: no value, the zero value of the element type, or an error. */
export type MissingKey = 'invalid' | 'zero' | 'error'

/** Templates by name, as one run sees them. */
export type TemplateTable = { get(name: string): CompiledTemplate | undefined }

type Saved = Pick<
  State,
  'out' | 'node' | 'tree' | 'templates' | 'vars' | 'varIsInterface' | 'dotIsInterface' | 'depth'
>

/** Everything that changes while templates run. Closures of compiled templates work on one of these. */
export class State implements Budget {
  out = ''
  /** The node that an error would be reported at. */
  node: Node | undefined
  tree: Tree
  templates: TemplateTable
  /** Variables of the running template by slot; 0 is `$`. */
  vars: GoValue[] = []
  /** Which variables hold an element of interface type, for error texts. */
  varIsInterface: boolean[] = []
  /** Whether dot is an element of interface type, for error texts. */
  dotIsInterface = false
  depth = 0
  /** The value before a command, on its way to that command's arguments. */
  final: GoValue
  readonly functions: FunctionMap
  readonly missingKey: MissingKey
  /** Where the last template was called, for a stack that is full somewhere within. */
  #caller: Node | undefined
  #callerTree: Tree
  readonly #limits: Limits
  #steps: number
  #bytes: number

  constructor(
    tree: Tree,
    templates: TemplateTable,
    options: { readonly functions: FunctionMap; readonly missingKey: MissingKey; readonly limits: Limits },
  ) {
    this.tree = tree
    this.#callerTree = tree
    this.templates = templates
    this.functions = options.functions
    this.missingKey = options.missingKey
    this.#limits = options.limits
    this.#steps = options.limits.steps
    this.#bytes = options.limits.bytes
  }

  /** What a render inside of this one changes. */
  save(): Saved {
    const { out, node, tree, templates, vars, varIsInterface, dotIsInterface, depth } = this
    return { out, node, tree, templates, vars, varIsInterface, dotIsInterface, depth }
  }

  restore(saved: Saved): void {
    this.out = saved.out
    this.node = saved.node
    this.tree = saved.tree
    this.templates = saved.templates
    this.vars = saved.vars
    this.varIsInterface = saved.varIsInterface
    this.dotIsInterface = saved.dotIsInterface
    this.depth = saved.depth
  }

  /** Starts on a template with `data` as `$`, on an empty output. */
  begin(tree: Tree, data: GoValue, templates: TemplateTable): void {
    this.enter()
    this.out = ''
    this.templates = templates
    this.tree = tree
    this.vars = [data]
    this.varIsInterface = []
    this.dotIsInterface = false
  }

  write(text: string): void {
    this.out += text
    this.spend(text.length)
  }

  spend(amount: number): void {
    this.#bytes -= amount
    if (!(this.#bytes >= 0)) throw this.bounds(`more than ${this.#limits.bytes} bytes were made`)
  }

  step(): void {
    this.#steps -= 1
    if (this.#steps < 0) throw this.bounds(`more than ${this.#limits.steps} steps were taken`)
  }

  /** Counts one template more inside of another, called at the node that is looked at. */
  enter(): void {
    this.#caller = this.node
    this.#callerTree = this.tree
    if (this.depth >= this.#limits.depth) throw this.tooDeep()
    this.depth += 1
  }

  /** Go's words for a recursion without end, at the last call; where it ends is ours. */
  tooDeep(): TemplateError {
    this.node = this.#caller
    this.tree = this.#callerTree
    return this.bounds('exceeded maximum template depth (100000)')
  }

  error(message: string, options?: ErrorOptions): TemplateError {
    return new TemplateError('TEMPLATE_EXEC', this.#located(message), options)
  }

  bounds(message: string, options?: ErrorOptions): TemplateError {
    return new TemplateError('TEMPLATE_BOUNDS', this.#located(message), options)
  }

  /** The error of a call that threw `cause`, as Go reports it at `node`. What is no error on purpose is thrown on. */
  callError(cause: unknown, name: string, node: Node): TemplateError {
    if (cause instanceof TemplateError && cause.code === 'TEMPLATE_BOUNDS') return cause
    this.node = node
    if (cause instanceof GoBoundsError) {
      return this.bounds(`error calling ${name}: ${cause.message}`, { cause })
    }
    if (cause instanceof ToolkitError) {
      return this.error(`error calling ${name}: ${cause.message}`, { cause })
    }
    if (cause instanceof RangeError && cause.message.includes('string length')) {
      return this.bounds(`error calling ${name}: the text is too long`, { cause })
    }
    throw cause
  }

  #located(message: string): string {
    const { node, tree } = this
    if (!node) return `template: ${tree.name}: ${message}`
    return `template: ${location(tree, node.position)}: executing ${quote(tree.name)} at <${nodeText(node)}>: ${message}`
  }
}

/** `name:line:column`; the column counts bytes from 0. */
function location({ parseName, source }: Tree, position: number): string {
  const before = source.slice(0, position)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line += 1
  return `${parseName}:${line}:${goByteLength(before.slice(lineStart))}`
}

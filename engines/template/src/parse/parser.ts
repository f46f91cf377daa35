import { GoError, quote, unquote } from '@sluice/go'
import { TemplateError } from '../error.ts'
import type { Item, ItemKind } from './item.ts'
import { describeItem, Lexer } from './lexer.ts'
import type {
  BranchNode,
  CommandNode,
  ListNode,
  MarkNode,
  Operand,
  PipeNode,
  Statement,
  TemplateNode,
  Tree,
  VariableNode,
} from './node.ts'
import { nodeText } from './node-text.ts'
import { parseNumber } from './number.ts'

/** How deep parentheses and control structures may be nested; Go allows more, our stack does not. */
const maxNesting = 500

const operandKinds: ReadonlySet<ItemKind> = new Set<ItemKind>([
  'bool',
  'charConstant',
  'complex',
  '.',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])

/** What all trees of one source share. */
type Source = {
  readonly name: string
  readonly text: string
  readonly lexer: Lexer
  readonly functions: { has(name: string): boolean }
  readonly trees: Map<string, Tree>
  nesting: number
}

/**
 * Parses a source into its templates: the one called `name` and those that it defines.
 *
 * Source: behaviour and messages of https://pkg.go.dev/text/template/parse (Go 1.26).
 * @throws {TemplateError} `TEMPLATE_PARSE`
 */
export function parseSource(
  name: string,
  text: string,
  functions: { has(name: string): boolean },
): ReadonlyMap<string, Tree> {
  const lexer = new Lexer(text, {
    breakIsKeyword: !functions.has('break'),
    continueIsKeyword: !functions.has('continue'),
  })
  const source: Source = { name, text, lexer, functions, trees: new Map(), nesting: 0 }
  new TreeParser(source).parseMain(name)
  return source.trees
}

/** Whether a tree prints nothing but space. Source: text/template/parse IsEmptyTree. */
export function isEmptyTree(root: ListNode): boolean {
  return root.nodes.every((node) => node.kind === 'text' && node.text.trim() === '')
}

class TreeParser {
  readonly #source: Source
  /** Items read ahead; the last one pushed back comes first. */
  readonly #ahead: Item[] = [{ kind: 'eof', position: 0, text: '', line: 0 }]
  #pending = 0
  #variables: string[] = ['$']
  #rangeDepth = 0
  #actionLine = 0

  constructor(source: Source) {
    this.#source = source
  }

  parseMain(name: string): void {
    const { position } = this.#peek()
    const nodes: Statement[] = []
    while (this.#peek().kind !== 'eof') {
      if (this.#peek().kind === 'leftDelim') {
        const open = this.#next()
        if (this.#nextNonSpace().kind === 'define') {
          new TreeParser(this.#source).#definition()
          continue
        }
        this.#backupOver(open)
      }
      const node = this.#textOrAction()
      if (isMark(node)) throw this.#error(`unexpected ${nodeText(node)}`)
      nodes.push(node)
    }
    this.#add(name, { kind: 'list', position, nodes })
  }

  #definition(): void {
    const context = 'define clause'
    const token = this.#nextNonSpace()
    if (token.kind !== 'string' && token.kind !== 'rawString') throw this.#unexpected(token, context)
    const name = this.#unquote(token)
    this.#expect('rightDelim', context)
    const { list, end } = this.#itemList()
    if (end.kind !== 'end') throw this.#error(`unexpected ${nodeText(end)} in ${context}`)
    this.#add(name, list)
  }

  #add(name: string, root: ListNode): void {
    const { trees, name: parseName, text: source } = this.#source
    const old = trees.get(name)
    if (old && !isEmptyTree(old.root)) {
      if (!isEmptyTree(root)) throw this.#error(`template: multiple definition of template ${quote(name)}`)
      return
    }
    trees.set(name, { name, parseName, source, root })
  }

  #itemList(): { readonly list: ListNode; readonly end: MarkNode } {
    const { position } = this.#peekNonSpace()
    const nodes: Statement[] = []
    while (this.#peekNonSpace().kind !== 'eof') {
      const node = this.#textOrAction()
      if (isMark(node)) return { list: { kind: 'list', position, nodes }, end: node }
      nodes.push(node)
    }
    throw this.#error('unexpected EOF')
  }

  #textOrAction(): Statement | MarkNode {
    const token = this.#nextNonSpace()
    if (token.kind === 'text') return { kind: 'text', position: token.position, text: token.text }
    if (token.kind !== 'leftDelim') throw this.#unexpected(token, 'input')
    this.#actionLine = token.line
    const node = this.#nested(() => this.#action(), 'control structure')
    this.#actionLine = 0
    return node
  }

  #action(): Statement | MarkNode {
    const token = this.#nextNonSpace()
    const { kind } = token
    if (kind === 'block') return this.#block()
    if (kind === 'break' || kind === 'continue') return this.#jump(kind, token.position)
    if (kind === 'else') return this.#else()
    if (kind === 'end') return { kind: 'end', position: this.#expect('rightDelim', 'end').position }
    if (kind === 'if' || kind === 'range' || kind === 'with') return this.#branch(kind)
    if (kind === 'template') return this.#template()
    this.#backup()
    const { position } = this.#peek()
    return { kind: 'action', position, pipe: this.#pipeline('command', 'rightDelim') }
  }

  #jump(kind: 'break' | 'continue', position: number): Statement {
    const token = this.#nextNonSpace()
    if (token.kind !== 'rightDelim') throw this.#unexpected(token, `{{${kind}}}`)
    if (this.#rangeDepth === 0) throw this.#error(`{{${kind}}} outside {{range}}`)
    return { kind, position }
  }

  #else(): MarkNode {
    const next = this.#peekNonSpace()
    // `else if` and `else with` leave their keyword for #branch.
    if (next.kind === 'if' || next.kind === 'with') return { kind: 'else', position: next.position }
    return { kind: 'else', position: this.#expect('rightDelim', 'else').position }
  }

  #branch(kind: 'if' | 'range' | 'with'): BranchNode {
    const visible = this.#variables.length
    const pipe = this.#pipeline(kind, 'rightDelim')
    if (kind === 'range') this.#rangeDepth += 1
    const { list, end } = this.#itemList()
    if (kind === 'range') this.#rangeDepth -= 1
    const elseList = end.kind === 'else' ? this.#elseList(kind, end) : undefined
    this.#variables.length = visible
    return { kind, position: pipe.position, pipe, list, elseList }
  }

  #elseList(kind: 'if' | 'range' | 'with', mark: MarkNode): ListNode {
    if (kind !== 'range' && this.#peek().kind === kind) {
      this.#next()
      const nested = this.#nested(() => this.#branch(kind), 'control structure')
      return { kind: 'list', position: mark.position, nodes: [nested] }
    }
    const { list, end } = this.#itemList()
    if (end.kind !== 'end') throw this.#error(`expected end; found ${nodeText(end)}`)
    return list
  }

  #block(): TemplateNode {
    const context = 'block clause'
    const token = this.#nextNonSpace()
    const name = this.#templateName(token, context)
    const pipe = this.#pipeline(context, 'rightDelim')
    const body = new TreeParser(this.#source)
    const { list, end } = body.#itemList()
    if (end.kind !== 'end') throw this.#error(`unexpected ${nodeText(end)} in ${context}`)
    body.#add(name, list)
    return { kind: 'template', position: token.position, name, pipe }
  }

  #template(): TemplateNode {
    const context = 'template clause'
    const token = this.#nextNonSpace()
    const name = this.#templateName(token, context)
    let pipe: PipeNode | undefined
    if (this.#nextNonSpace().kind !== 'rightDelim') {
      this.#backup()
      pipe = this.#pipeline(context, 'rightDelim')
    }
    return { kind: 'template', position: token.position, name, pipe }
  }

  #templateName(token: Item, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'rawString') throw this.#unexpected(token, context)
    return this.#unquote(token)
  }

  #pipeline(context: string, end: ItemKind): PipeNode {
    const { position } = this.#peekNonSpace()
    const { declarations, isAssign } = this.#declarations(context)
    const commands: CommandNode[] = []
    for (;;) {
      const token = this.#nextNonSpace()
      if (token.kind === end) {
        this.#checkCommands(commands, context)
        return { kind: 'pipe', position, declarations, isAssign, commands }
      }
      if (!operandKinds.has(token.kind)) throw this.#unexpected(token, context)
      this.#backup()
      commands.push(this.#command())
    }
  }

  #declarations(context: string): Pick<PipeNode, 'declarations' | 'isAssign'> {
    const declarations: VariableNode[] = []
    for (;;) {
      const variable = this.#peekNonSpace()
      if (variable.kind !== 'variable') return { declarations, isAssign: false }
      this.#next()
      // In `$x foo` the item after the variable tells an argument from a declaration.
      const after = this.#peek()
      const next = this.#peekNonSpace()
      const isComma = next.kind === 'char' && next.text === ','
      if (next.kind !== 'assign' && next.kind !== 'declare' && !isComma) {
        if (after.kind === 'space') this.#backupOver(variable, after)
        else this.#backupOver(variable)
        return { declarations, isAssign: false }
      }
      this.#nextNonSpace()
      declarations.push({ kind: 'variable', position: variable.position, path: variable.text.split('.') })
      this.#variables.push(variable.text)
      if (!isComma) return { declarations, isAssign: next.kind === 'assign' }
      if (context !== 'range' || declarations.length >= 2) {
        throw this.#error(`too many declarations in ${context}`)
      }
      const following = this.#peekNonSpace().kind
      if (following !== 'variable' && following !== 'rightDelim' && following !== 'rightParen') {
        throw this.#error('range can only initialize variables')
      }
    }
  }

  #checkCommands(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) throw this.#error(`missing value for ${context}`)
    const literal = commands.findIndex(({ args: [first] }, stage) => stage > 0 && first && isLiteral(first))
    if (literal > 0) throw this.#error(`non executable command in pipeline stage ${literal + 1}`)
  }

  #command(): CommandNode {
    const { position } = this.#peekNonSpace()
    const args: Operand[] = []
    for (;;) {
      this.#peekNonSpace()
      const operand = this.#operand()
      if (operand) args.push(operand)
      const token = this.#next()
      if (token.kind === 'space') continue
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') this.#backup()
      else if (token.kind !== 'pipe') throw this.#unexpected(token, 'operand')
      break
    }
    if (args.length === 0) throw this.#error('empty command')
    return { kind: 'command', position, args }
  }

  #operand(): Operand | undefined {
    const node = this.#term()
    if (!node || this.#peek().kind !== 'field') return node
    const { position } = this.#peek()
    const path: string[] = []
    while (this.#peek().kind === 'field') path.push(this.#next().text.slice(1))
    if (node.kind === 'field' || node.kind === 'variable') {
      return { ...node, position, path: [...node.path, ...path] }
    }
    if (isLiteral(node)) throw this.#error(`unexpected . after term ${quote(nodeText(node))}`)
    return { kind: 'chain', position, node, path }
  }

  #term(): Operand | undefined {
    const token = this.#nextNonSpace()
    const { kind, position, text } = token
    if (kind === 'identifier') {
      if (!this.#source.functions.has(text)) throw this.#error(`function ${quote(text)} not defined`)
      return { kind, position, name: text }
    }
    if (kind === '.') return { kind: 'dot', position }
    if (kind === 'nil') return { kind, position }
    if (kind === 'variable') return this.#useVariable(token)
    if (kind === 'field') return { kind, position, path: text.slice(1).split('.') }
    if (kind === 'bool') return { kind, position, value: text === 'true' }
    if (kind === 'charConstant' || kind === 'complex' || kind === 'number') {
      return { kind: 'number', position, text, ...this.#rethrow(() => parseNumber(text, kind)) }
    }
    if (kind === 'leftParen') {
      return this.#nested(() => this.#pipeline('parenthesized pipeline', 'rightParen'), 'expression')
    }
    if (kind === 'string' || kind === 'rawString') {
      return { kind: 'string', position, quoted: text, text: this.#unquote(token) }
    }
    this.#backup()
    return undefined
  }

  #useVariable({ position, text }: Item): VariableNode {
    const path = text.split('.')
    if (!this.#variables.includes(path[0] ?? '')) {
      throw this.#error(`undefined variable ${quote(path[0] ?? '')}`)
    }
    return { kind: 'variable', position, path }
  }

  #nested<T>(parse: () => T, what: string): T {
    if (this.#source.nesting >= maxNesting) throw this.#error(`max ${what} depth exceeded`)
    this.#source.nesting += 1
    const result = parse()
    this.#source.nesting -= 1
    return result
  }

  #unquote({ text }: Item): string {
    return this.#rethrow(() => unquote(text))
  }

  #rethrow<T>(parse: () => T): T {
    try {
      return parse()
    } catch (cause) {
      if (cause instanceof GoError) throw this.#error(cause.message)
      throw cause
    }
  }

  #expect(kind: ItemKind, context: string): Item {
    const token = this.#nextNonSpace()
    if (token.kind !== kind) throw this.#unexpected(token, context)
    return token
  }

  #unexpected(token: Item, context: string): TemplateError {
    if (token.kind !== 'error') return this.#error(`unexpected ${describeItem(token)} in ${context}`)
    if (this.#actionLine === 0 || this.#actionLine === token.line) return this.#error(token.text)
    const started = ` in action started at ${this.#source.name}:${this.#actionLine}`
    const extra = token.text.endsWith(' action') ? started.slice(' in action'.length) : started
    return this.#error(token.text + extra)
  }

  #error(message: string): TemplateError {
    const line = this.#ahead[0]?.line ?? 0
    return new TemplateError('TEMPLATE_PARSE', `template: ${this.#source.name}:${line}: ${message}`)
  }

  #next(): Item {
    if (this.#pending > 0) this.#pending -= 1
    else this.#ahead[0] = this.#source.lexer.next()
    return this.#item(this.#pending)
  }

  #peek(): Item {
    if (this.#pending === 0) {
      this.#ahead[0] = this.#source.lexer.next()
      this.#pending = 1
    }
    return this.#item(this.#pending - 1)
  }

  #backup(): void {
    this.#pending += 1
  }

  /** Pushes back the item read last and, before it, `items` in their order. */
  #backupOver(...items: readonly Item[]): void {
    for (const [at, item] of items.toReversed().entries()) this.#ahead[at + 1] = item
    this.#pending = items.length + 1
  }

  #nextNonSpace(): Item {
    for (;;) {
      const token = this.#next()
      if (token.kind !== 'space') return token
    }
  }

  #peekNonSpace(): Item {
    const token = this.#nextNonSpace()
    this.#backup()
    return token
  }

  #item(at: number): Item {
    const item = this.#ahead[at]
    if (!item) throw new RangeError(`no item was read ahead at ${at}`)
    return item
  }
}

function isMark(node: Statement | MarkNode): node is MarkNode {
  return node.kind === 'end' || node.kind === 'else'
}

function isLiteral({ kind }: Operand): boolean {
  return kind === 'bool' || kind === 'dot' || kind === 'nil' || kind === 'number' || kind === 'string'
}

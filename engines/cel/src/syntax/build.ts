import { parseInt64, parseUint64 } from '../values/numbers.ts'
import { type CelValue, Double } from '../values/value.ts'
import { type Expression, infixOperators, type MapEntry, type MessageField, operators } from './expression.ts'
import { isMacroFailure, type MacroTable } from './macro.ts'
import { NodeFactory } from './node-factory.ts'
import type { IssueList } from './source.ts'
import type { OptionalSyntax, Syntax } from './syntax-tree.ts'
import type { Token } from './token.ts'
import { unescapeBytes, unescapeString } from './unescape.ts'

export type SyntaxOptions = {
  readonly macros: MacroTable
  /** Whether `a.?b`, `a[?b]`, `[?a]` and `{?a: b}` are allowed. */
  readonly optionalSyntax: boolean
}

const maxDepth = 250
const reservedWords: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
)

/** Thrown to give up: the message has been reported. */
class TooDeep extends Error {}

/** Turns what is written into what it means: expands macros, reads literals, names the operators' functions. */
export function buildExpression(syntax: Syntax, issues: IssueList, options: SyntaxOptions): Expression {
  const builder = new Builder(issues, options)
  try {
    return builder.build(syntax)
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
    issues.report(-1, 'max recursion depth exceeded')
    return new NodeFactory().broken(-1)
  }
}

class Builder {
  readonly #issues: IssueList
  readonly #options: SyntaxOptions
  readonly #nodes: NodeFactory = new NodeFactory()
  #depth = 0

  constructor(issues: IssueList, options: SyntaxOptions) {
    this.#issues = issues
    this.#options = options
  }

  build(syntax: Syntax): Expression {
    switch (syntax.kind) {
      case 'conditional':
      case 'binary':
      case 'select':
      case 'memberCall':
      case 'index':
        return this.#nested(syntax)
      case 'logic':
        return this.#logic(syntax)
      case 'unary':
        return this.#unary(syntax)
      case 'ident':
        return this.#ident(syntax)
      case 'call':
        return this.#globalCall(syntax)
      case 'list':
        return this.#list(syntax)
      case 'map':
        return this.#map(syntax)
      case 'message':
        return this.#message(syntax)
      case 'literal':
        return this.#literal(syntax)
      case 'broken':
        return this.#nodes.broken(-1)
    }
  }

  #nested(
    syntax: Extract<Syntax, { kind: 'conditional' | 'binary' | 'select' | 'memberCall' | 'index' }>,
  ): Expression {
    this.#depth++
    if (this.#depth > maxDepth) throw new TooDeep()
    const expression = this.#buildNested(syntax)
    this.#depth--
    return expression
  }

  #buildNested(
    syntax: Extract<Syntax, { kind: 'conditional' | 'binary' | 'select' | 'memberCall' | 'index' }>,
  ): Expression {
    switch (syntax.kind) {
      case 'conditional': {
        const condition = this.build(syntax.condition)
        const { yes, no } = syntax.branches
        return this.#call(syntax.op, operators.conditional, [condition, this.build(yes), this.build(no)])
      }
      case 'binary': {
        const left = this.build(syntax.left)
        const name = infixOperators.get(syntax.op.text) ?? syntax.op.text
        return this.#call(syntax.op, name, [left, this.build(syntax.right)])
      }
      case 'select':
        return this.#select(syntax)
      case 'memberCall': {
        const target = this.build(syntax.operand)
        const args = syntax.args.map((arg) => this.build(arg))
        return this.#call(syntax.open, syntax.name.text, args, target)
      }
      case 'index': {
        const operand = this.build(syntax.operand)
        const index = this.build(syntax.index)
        if (!syntax.isOptional) return this.#call(syntax.op, operators.index, [operand, index])
        if (!this.#options.optionalSyntax) return this.#fail(syntax.op.offset, "unsupported syntax '[?'")
        return this.#call(syntax.op, operators.optionalIndex, [operand, index])
      }
    }
  }

  #select({ operand, op, isOptional, name, start }: Extract<Syntax, { kind: 'select' }>): Expression {
    const target = this.build(operand)
    if (!name) return this.#fail(start.offset, 'unsupported ident kind')
    const field = nameOf(name)
    if (!isOptional) return this.#nodes.select(op.offset, target, field)
    if (!this.#options.optionalSyntax) return this.#fail(op.offset, "unsupported syntax '.?'")
    const literal = this.#nodes.literal(name.offset, field)
    return this.#nodes.call(op.offset, operators.optionalSelect, [target, literal])
  }

  /** The terms of a chain of one operator become a balanced tree, so that long chains stay shallow. */
  #logic({ op, terms, ops }: Extract<Syntax, { kind: 'logic' }>): Expression {
    const built = terms.map((term) => this.build(term))
    const name = op === '&&' ? operators.and : operators.or
    const balance = (low: number, high: number): Expression => {
      const middle = (low + high + 1) >> 1
      const left = middle === low ? built[middle] : balance(low, middle - 1)
      const right = middle === high ? built[middle + 1] : balance(middle + 1, high)
      const offset = ops[middle]?.offset ?? -1
      return this.#nodes.call(
        offset,
        name,
        [left, right].filter((it) => it !== undefined),
      )
    }
    return balance(0, ops.length - 1)
  }

  #unary({ ops, operand }: Extract<Syntax, { kind: 'unary' }>): Expression {
    const [first] = ops
    const target = this.build(operand)
    if (!first || ops.length % 2 === 0) return target
    return this.#call(first, first.kind === '!' ? operators.not : operators.negate, [target])
  }

  #ident({ dot, name }: Extract<Syntax, { kind: 'ident' }>): Expression {
    if (reservedWords.has(name.text)) {
      return this.#fail((dot ?? name).offset, `reserved identifier: ${name.text}`)
    }
    return this.#nodes.ident(name.offset, (dot ? '.' : '') + name.text)
  }

  #globalCall({ dot, name, open, args }: Extract<Syntax, { kind: 'call' }>): Expression {
    if (reservedWords.has(name.text)) {
      return this.#fail((dot ?? name).offset, `reserved identifier: ${name.text}`)
    }
    const built = args.map((arg) => this.build(arg))
    return this.#call(open, (dot ? '.' : '') + name.text, built)
  }

  /** A call, or what a macro of that name makes of it. */
  #call(at: Token, name: string, args: readonly Expression[], target?: Expression): Expression {
    const macro = this.#options.macros.find(name, args.length, target !== undefined)
    const expanded = macro?.expand({ nodes: this.#nodes, offset: at.offset }, args, target)
    if (!expanded) return this.#nodes.call(at.offset, name, args, target)
    if (!isMacroFailure(expanded)) return expanded
    return this.#fail(expanded.at?.offset ?? at.offset, expanded.failure)
  }

  #list({ open, elements }: Extract<Syntax, { kind: 'list' }>): Expression {
    const optionals = new Set<number>()
    const built = elements.map(({ question, value }, index) => {
      if (this.#isOptional({ question, value })) optionals.add(index)
      return this.build(value)
    })
    return this.#nodes.list(open.offset, built, optionals)
  }

  #map({ open, entries }: Extract<Syntax, { kind: 'map' }>): Expression {
    const built: MapEntry[] = entries.map(({ key, colon, value }) => ({
      ...this.#nodes.place(colon.offset),
      isOptional: this.#isOptional(key),
      key: this.build(key.value),
      value: this.build(value),
    }))
    return this.#nodes.map(open.offset, built)
  }

  #isOptional({ question }: OptionalSyntax): boolean {
    if (question && !this.#options.optionalSyntax) this.#fail(question.offset, "unsupported syntax '?'")
    return question !== undefined
  }

  #message({ dot, names, open, fields }: Extract<Syntax, { kind: 'message' }>): Expression {
    const typeName = (dot ? '.' : '') + names.map(({ text }) => text).join('.')
    const built: MessageField[] = []
    for (const { question, name, colon, value } of fields) {
      const fieldPlace = this.#nodes.place(colon.offset)
      const isOptional = question !== undefined
      if (isOptional && !this.#options.optionalSyntax) {
        this.#fail(question.offset, "unsupported syntax '?'")
        continue
      }
      if (!name) {
        this.#fail(open.offset, 'unsupported ident kind')
        continue
      }
      built.push({ ...fieldPlace, name: nameOf(name), value: this.build(value), isOptional })
    }
    return this.#nodes.message(open.offset, typeName, built)
  }

  #literal({ sign, token }: Extract<Syntax, { kind: 'literal' }>): Expression {
    const { offset } = sign ?? token
    const value = readLiteral(token, sign !== undefined)
    if (typeof value === 'object' && value !== null && 'message' in value) {
      this.#fail(offset, value.message)
      return this.#nodes.literal(offset, token.text)
    }
    return this.#nodes.literal(offset, value)
  }

  #fail(offset: number, message: string): Expression {
    this.#issues.report(offset, message)
    return this.#nodes.broken(offset)
  }
}

function nameOf({ kind, text }: Token): string {
  return kind === 'ESC_IDENTIFIER' ? text.slice(1, -1) : text
}

function readLiteral({ kind, text }: Token, isNegative: boolean): CelValue | { readonly message: string } {
  const sign = isNegative ? '-' : ''
  if (kind === 'STRING') return unescapeString(text)
  if (kind === 'NUM_INT') return parseInt64(sign + decimal(text)) ?? { message: 'invalid int literal' }
  if (kind === 'NUM_UINT') {
    return parseUint64(decimal(text.slice(0, -1))) ?? { message: 'invalid uint literal' }
  }
  if (kind === 'NUM_FLOAT') {
    const value = Number(sign + text)
    return Number.isFinite(value) ? new Double(value) : { message: 'invalid double literal' }
  }
  if (kind === 'BYTES') return unescapeBytes(text.slice(1))
  return kind === 'true' || kind === 'false' ? kind === 'true' : null
}

function decimal(text: string): string {
  return text.startsWith('0x') ? BigInt(text).toString() : text
}

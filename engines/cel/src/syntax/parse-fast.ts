import type { FieldSyntax, MapEntrySyntax, OptionalSyntax, Syntax } from './syntax-tree.ts'
import type { Token, TokenKind } from './token.ts'

// Deeper or longer expressions go to the recovering parser, which counts against the limits exactly.
const maxNesting = 40
const maxChain = 150

/**
 * Parses tokens that hold no error. Gives `undefined` for anything that needs a message or that may exceed the
 * limits of the language; the recovering parser then finds out what is to be said.
 */
export function parseFast(tokens: readonly Token[]): Syntax | undefined {
  const parser = new FastParser(tokens)
  const tree = parser.expression()
  return tree && parser.isAtEnd ? tree : undefined
}

const relations: ReadonlySet<TokenKind> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in'])
const sums: ReadonlySet<TokenKind> = new Set(['+', '-'])
const products: ReadonlySet<TokenKind> = new Set(['*', '/', '%'])

const literals: ReadonlySet<TokenKind> = new Set([
  'NUM_INT',
  'NUM_UINT',
  'NUM_FLOAT',
  'STRING',
  'BYTES',
  'true',
  'false',
  'null',
])

/** Recursive descent; every method gives `undefined` as soon as the input is not an expression. */
class FastParser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.#next.kind === 'EOF'
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'EOF', text: '<EOF>', offset: 0 }
  }

  expression(): Syntax | undefined {
    this.#depth++
    if (this.#depth > maxNesting) return undefined
    const condition = this.#logic('||')
    this.#depth--
    if (!condition) return undefined
    const op = this.#take('?')
    if (!op) return condition
    this.#depth++
    const yes = this.#logic('||')
    const no = yes && this.#take(':') ? this.expression() : undefined
    this.#depth--
    return yes && no ? { kind: 'conditional', op, condition, branches: { yes, no } } : undefined
  }

  #logic(op: '||' | '&&'): Syntax | undefined {
    const operand = (): Syntax | undefined =>
      op === '||' ? this.#logic('&&') : this.#binary(relations, () => this.#sum())
    const first = operand()
    if (!first || this.#next.kind !== op) return first
    const terms = [first]
    const ops: Token[] = []
    for (let sign = this.#take(op); sign; sign = this.#take(op)) {
      const term = operand()
      if (!term) return undefined
      ops.push(sign)
      terms.push(term)
    }
    return { kind: 'logic', op, terms, ops }
  }

  #sum(): Syntax | undefined {
    return this.#binary(sums, () => this.#binary(products, () => this.#unary()))
  }

  /** Operators of one precedence, which group to the left. */
  #binary(kinds: ReadonlySet<TokenKind>, operand: () => Syntax | undefined): Syntax | undefined {
    let left = operand()
    for (let count = 0; left && kinds.has(this.#next.kind); count++) {
      if (count > maxChain) return undefined
      const op = this.#advance()
      const right = operand()
      left = right && { kind: 'binary', op, left, right }
    }
    return left
  }

  #unary(): Syntax | undefined {
    const sign = this.#next.kind
    // A single minus before a number belongs to the number.
    if ((sign !== '!' && sign !== '-') || (sign === '-' && this.#isNumberAt(1))) return this.#member()
    const ops: Token[] = []
    while (this.#next.kind === sign) ops.push(this.#advance())
    const operand = this.#member()
    return operand && { kind: 'unary', ops, operand }
  }

  #isNumberAt(distance: number): boolean {
    const kind = this.#tokens[this.#at + distance]?.kind
    return kind === 'NUM_INT' || kind === 'NUM_FLOAT'
  }

  #member(): Syntax | undefined {
    let operand = this.#primary()
    for (let count = 0; operand; count++) {
      if (count > maxChain) return undefined
      if (this.#next.kind === '.') operand = this.#afterDot(operand)
      else if (this.#next.kind === '[') operand = this.#index(operand)
      else return operand
    }
    return undefined
  }

  #afterDot(operand: Syntax): Syntax | undefined {
    const op = this.#advance()
    const isOptional = this.#take('?') !== undefined
    const name = this.#take('IDENTIFIER') ?? this.#take('ESC_IDENTIFIER')
    if (!name) return undefined
    const open = name.kind === 'IDENTIFIER' && !isOptional ? this.#take('(') : undefined
    if (!open) return { kind: 'select', operand, op, isOptional, name, start: name }
    const args = this.#arguments()
    return args && { kind: 'memberCall', operand, name, open, args }
  }

  #index(operand: Syntax): Syntax | undefined {
    const op = this.#advance()
    const isOptional = this.#take('?') !== undefined
    const index = this.expression()
    return index && this.#take(']') ? { kind: 'index', operand, op, isOptional, index } : undefined
  }

  #arguments(): readonly Syntax[] | undefined {
    if (this.#take(')')) return []
    const args: Syntax[] = []
    do {
      const arg = this.expression()
      if (!arg) return undefined
      args.push(arg)
    } while (this.#take(','))
    return this.#take(')') ? args : undefined
  }

  #primary(): Syntax | undefined {
    const token = this.#next
    const { kind } = token
    if (kind === 'IDENTIFIER' || kind === '.') return this.#name()
    if (literals.has(kind)) return { kind: 'literal', sign: undefined, token: this.#advance() }
    if (kind === '[') return this.#list()
    if (kind === '{') return this.#map()
    if (kind === '(') {
      this.#at++
      const inner = this.expression()
      return inner && this.#take(')') ? inner : undefined
    }
    if (kind !== '-' || !this.#isNumberAt(1)) return undefined
    this.#at++
    return { kind: 'literal', sign: token, token: this.#advance() }
  }

  /** A name, a call of a function, or a message. */
  #name(): Syntax | undefined {
    const dot = this.#take('.')
    const name = this.#take('IDENTIFIER')
    if (!name) return undefined
    const open = this.#take('(')
    if (open) {
      const args = this.#arguments()
      return args && { kind: 'call', dot, name, open, args }
    }
    const count = this.#messageNameLength()
    if (count === 0) return { kind: 'ident', dot, name }
    const names = [name]
    for (let index = 1; index < count; index++) {
      this.#at++
      names.push(this.#advance())
    }
    return this.#message(dot, names)
  }

  /** How many names, joined by dots, stand before a `{` from here; 0 when this is no message. */
  #messageNameLength(): number {
    let at = this.#at
    let count = 1
    while (this.#tokens[at]?.kind === '.' && this.#tokens[at + 1]?.kind === 'IDENTIFIER') {
      at += 2
      count++
    }
    return this.#tokens[at]?.kind === '{' ? count : 0
  }

  #message(dot: Token | undefined, names: readonly Token[]): Syntax | undefined {
    const open = this.#advance()
    const fields: FieldSyntax[] = []
    if (this.#isLoneComma('}')) return { kind: 'message', dot, names, open, fields }
    while (!this.#take('}')) {
      const question = this.#take('?')
      const name = this.#take('IDENTIFIER') ?? this.#take('ESC_IDENTIFIER')
      const colon = name && this.#take(':')
      const value = colon && this.expression()
      if (!value) return undefined
      fields.push({ question, name, colon, value })
      if (!this.#take(',') && this.#next.kind !== '}') return undefined
    }
    return { kind: 'message', dot, names, open, fields }
  }

  #list(): Syntax | undefined {
    const open = this.#advance()
    const elements: OptionalSyntax[] = []
    if (this.#isLoneComma(']')) return { kind: 'list', open, elements }
    while (!this.#take(']')) {
      const element = this.#optional()
      if (!element) return undefined
      elements.push(element)
      if (!this.#take(',') && this.#next.kind !== ']') return undefined
    }
    return { kind: 'list', open, elements }
  }

  #map(): Syntax | undefined {
    const open = this.#advance()
    const entries: MapEntrySyntax[] = []
    if (this.#isLoneComma('}')) return { kind: 'map', open, entries }
    while (!this.#take('}')) {
      const key = this.#optional()
      const colon = key && this.#take(':')
      const value = colon && this.expression()
      if (!value) return undefined
      entries.push({ key, colon, value })
      if (!this.#take(',') && this.#next.kind !== '}') return undefined
    }
    return { kind: 'map', open, entries }
  }

  /** `[,]`, `{,}` and `T{,}` are empty. */
  #isLoneComma(close: TokenKind): boolean {
    const isLone = this.#next.kind === ',' && this.#tokens[this.#at + 1]?.kind === close
    if (isLone) this.#at += 2
    return isLone
  }

  #optional(): OptionalSyntax | undefined {
    const question = this.#take('?')
    const value = this.expression()
    return value && { question, value }
  }

  #take(kind: TokenKind): Token | undefined {
    return this.#next.kind === kind ? this.#advance() : undefined
  }

  #advance(): Token {
    const token = this.#next
    this.#at++
    return token
  }
}

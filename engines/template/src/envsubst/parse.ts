import { EnvsubstError } from './envsubst-error.ts'
import { type Accept, type ScanMode, Scanner } from './scanner.ts'

/** Text, or a variable with what is done to it. */
export type Node = string | Substitution

export type Substitution = {
  readonly variable: string
  /** `:-`, `%%`, `^`, …; empty for a variable alone, `#` without arguments for its length. */
  readonly operator: string
  readonly args: readonly Node[]
}

/** Substitutions within substitutions. */
const maxDepth = 200

/**
 * Reads a text with `${…}` in it.
 *
 * Source: github.com/fluxcd/pkg/envsubst 1.9.0, with its messages.
 * @throws {EnvsubstError} `ENVSUBST_SYNTAX`
 */
export function parseEnvsubst(text: string): Node[] {
  return new Parser(text).parse()
}

class Parser {
  readonly #scanner: Scanner
  #depth = 0

  constructor(text: string) {
    this.#scanner = new Scanner(text)
  }

  parse(): Node[] {
    const nodes: Node[] = []
    for (;;) {
      this.#scanner.backslashes = false
      const token = this.#scanner.scan({ text: true, open: true, escapes: true }, acceptAll)
      if (token.kind === 'end') return nodes
      if (token.kind === 'text') nodes.push(token.text)
      else if (token.kind === 'open') nodes.push(this.#substitution())
      else throw badSubstitution()
    }
  }

  #substitution(): Substitution {
    this.#depth += 1
    if (this.#depth > maxDepth) throw syntaxError('substitutions nest too deeply')
    const node = this.#operation()
    this.#depth -= 1
    return node
  }

  #operation(): Substitution {
    const scanner = this.#scanner
    scanner.backslashes = true
    if (scanner.peek() === '#') return this.#length()
    const name = scanner.scan({ text: true }, isNameRune)
    if (name.kind !== 'text') throw syntaxError('unable to parse variable name')
    const variable = name.text
    switch (scanner.peek()) {
      case ':':
        return '=-?+'.includes(scanner.peekSecond()) ? this.#default(variable) : this.#substring(variable)
      case '=':
        return this.#default(variable)
      case ',':
      case '^':
        return this.#casing(variable)
      case '/':
        return this.#replacement(variable)
      case '#':
        return this.#removal(variable, '#')
      case '%':
        return this.#removal(variable, '%')
      default:
        if (scanner.scan({ close: true }, acceptNothing).kind !== 'close') {
          throw syntaxError('missing closing brace')
        }
        return { variable, operator: '', args: [] }
    }
  }

  /** `${#name}` */
  #length(): Substitution {
    const operator = this.#operator((rune, index) => rune === '#' && index === 1)
    const name = this.#scanner.scan({ text: true }, isNameRune)
    if (name.kind !== 'text') throw badSubstitution()
    this.#close()
    return { variable: name.text, operator, args: [] }
  }

  /** `${name:-text}` and its like; the text may hold substitutions. */
  #default(variable: string): Substitution {
    const token = this.#scanner.scan(
      { text: true },
      this.#scanner.peek() === '=' ? isFirstEqual : isDefaultOperator,
    )
    if (token.kind !== 'text') throw syntaxError('unable to parse default function')
    const args: Node[] = []
    while (this.#scanner.peek() !== '}') args.push(this.#argument({ text: true }, isNotClosing))
    this.#close()
    return { variable, operator: token.text, args }
  }

  /** `${name:offset}`, `${name:offset:length}` */
  #substring(variable: string): Substitution {
    const operator = this.#operator((rune, index) => rune === ':' && index === 1)
    const args = [this.#argument({ text: true }, (rune) => rune !== ':' && rune !== '}')]
    const next = this.#scanner.scan({ text: true, close: true }, (rune) => rune === ':')
    if (next.kind === 'close') return { variable, operator, args }
    if (next.kind !== 'text') throw badSubstitution()
    args.push(this.#argument({ text: true }, isNotClosing))
    this.#close()
    return { variable, operator, args }
  }

  /** `${name,}`, `${name^^}` */
  #casing(variable: string): Substitution {
    const operator = this.#operator((rune, index) => (rune === ',' || rune === '^') && index < 3)
    this.#close()
    return { variable, operator, args: [] }
  }

  /** `${name/pattern/text}`, also with `//`, `/#` and `/%`. */
  #replacement(variable: string): Substitution {
    const operator = this.#operator(
      (rune, index) => (index === 1 && rune === '/') || (index === 2 && '/#%'.includes(rune)),
    )
    const args = [this.#argument({ text: true, escapes: true }, (rune) => rune !== '/')]
    if (this.#scanner.scan({ text: true }, (rune) => rune === '/').kind !== 'text') throw badSubstitution()
    if (this.#scanner.peek() !== '}') args.push(this.#argument({ text: true, escapes: true }, isNotClosing))
    this.#close()
    return { variable, operator, args }
  }

  /** `${name#pattern}`, `${name%%pattern}` */
  #removal(variable: string, sign: '#' | '%'): Substitution {
    const operator = this.#operator((rune, index) => rune === sign && index < 3)
    const args = [this.#argument({ text: true }, isNotClosing)]
    this.#close()
    return { variable, operator, args }
  }

  #operator(accept: Accept): string {
    const token = this.#scanner.scan({ text: true }, accept)
    if (token.kind !== 'text') throw badSubstitution()
    return token.text
  }

  #argument(mode: ScanMode, accept: Accept): Node {
    const token = this.#scanner.scan({ ...mode, open: true }, accept)
    if (token.kind === 'open') return this.#substitution()
    if (token.kind === 'text') return token.text
    throw syntaxError('unable to parse substitution within function')
  }

  #close(): void {
    if (this.#scanner.scan({ close: true }, acceptNothing).kind !== 'close') throw badSubstitution()
  }
}

function acceptAll(): boolean {
  return true
}

function acceptNothing(): boolean {
  return false
}

function isNameRune(rune: string): boolean {
  return /^[\p{L}\p{Nd}_]$/u.test(rune)
}

function isNotClosing(rune: string): boolean {
  return rune !== '}'
}

function isFirstEqual(rune: string, index: number): boolean {
  return rune === '=' && index === 1
}

function isDefaultOperator(rune: string, index: number): boolean {
  return (index === 1 && rune === ':') || (index === 2 && '=-?+'.includes(rune))
}

function badSubstitution(): EnvsubstError {
  return syntaxError('bad substitution')
}

function syntaxError(message: string): EnvsubstError {
  return new EnvsubstError('ENVSUBST_SYNTAX', message)
}

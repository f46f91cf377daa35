import type { TokenKind } from '../token.ts'
import type { Choice } from './grammar.ts'

/** The kind of the token at a distance from the next one, which is at 0. */
export type Peek = (distance: number) => TokenKind

/** The alternative to take, counted from 0, or the distance of the token at which none is possible any more. */
export type Chosen = { readonly alternative: number } | { readonly failsAt: number }

const operandStarts: ReadonlySet<TokenKind> = new Set<TokenKind>([
  '[',
  '{',
  '(',
  '.',
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
])

/** Chooses where one token is not enough. Of alternatives that fit alike the first is taken. */
export function choose(choice: Choice, peek: Peek): Chosen | undefined {
  switch (choice) {
    case 'unary':
      return chooseUnary(peek)
    case 'minus':
      return chooseMinus(peek)
    case 'member':
      return chooseMember(peek)
    case 'primary':
      return choosePrimary(peek)
    case 'literal':
      return chooseLiteral(peek)
    case 'comma':
      return { alternative: peek(0) === ',' && (operandStarts.has(peek(1)) || isPrefix(peek(1))) ? 0 : 1 }
  }
}

function isPrefix(kind: TokenKind): boolean {
  return kind === '-' || kind === '!' || kind === '?' || kind === 'ESC_IDENTIFIER'
}

/** A member, `!`s or `-`s; one minus before a number is a part of the number. */
function chooseUnary(peek: Peek): Chosen | undefined {
  const first = peek(0)
  if (first === '!') return { alternative: 1 }
  if (first !== '-') return operandStarts.has(first) ? { alternative: 0 } : undefined
  const second = peek(1)
  if (second === 'NUM_INT' || second === 'NUM_FLOAT') return { alternative: 0 }
  return second === '-' || operandStarts.has(second) ? { alternative: 2 } : { failsAt: 1 }
}

/** Another minus, or what the minuses stand before. */
function chooseMinus(peek: Peek): Chosen {
  if (peek(0) !== '-') return { alternative: 1 }
  const second = peek(1)
  return second === '-' || operandStarts.has(second) ? { alternative: 0 } : { failsAt: 1 }
}

function chooseMember(peek: Peek): Chosen | undefined {
  if (peek(0) === '[') return { alternative: 2 }
  if (peek(0) !== '.') return undefined
  const second = peek(1)
  if (second === '?' || second === 'ESC_IDENTIFIER') return { alternative: 0 }
  if (second !== 'IDENTIFIER') return { failsAt: 1 }
  return { alternative: peek(2) === '(' ? 1 : 0 }
}

const primaryStarts: ReadonlyMap<TokenKind, number> = new Map<TokenKind, number>([
  ['(', 2],
  ['[', 3],
  ['{', 4],
])

function choosePrimary(peek: Peek): Chosen | undefined {
  const first = peek(0)
  const known = primaryStarts.get(first)
  if (known !== undefined) return { alternative: known }
  if (first !== '.' && first !== 'IDENTIFIER') {
    return first === '-' || operandStarts.has(first) ? { alternative: 6 } : undefined
  }
  let at = first === '.' ? 1 : 0
  if (peek(at) !== 'IDENTIFIER') return { failsAt: at }
  at++
  if (peek(at) === '(') return { alternative: 1 }
  while (peek(at) === '.' && peek(at + 1) === 'IDENTIFIER') at += 2
  return { alternative: peek(at) === '{' ? 5 : 0 }
}

const literals: readonly TokenKind[] = [
  'NUM_INT',
  'NUM_UINT',
  'NUM_FLOAT',
  'STRING',
  'BYTES',
  'true',
  'false',
  'null',
]

function chooseLiteral(peek: Peek): Chosen | undefined {
  const at = peek(0) === '-' ? 1 : 0
  const alternative = literals.indexOf(peek(at))
  if (at === 0) return alternative < 0 ? undefined : { alternative }
  return alternative === 0 || alternative === 2 ? { alternative } : { failsAt: 1 }
}

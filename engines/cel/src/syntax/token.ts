/**
 * Kinds of tokens in the order in which error messages list them. `missing` is a token that error recovery
 * made up.
 */
export const tokenKinds = [
  '==',
  '!=',
  'in',
  '<',
  '<=',
  '>=',
  '>',
  '&&',
  '||',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '.',
  ',',
  '-',
  '!',
  '?',
  ':',
  '+',
  '*',
  '/',
  '%',
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
  'ESC_IDENTIFIER',
  'EOF',
] as const

export type TokenKind = (typeof tokenKinds)[number]

/** `offset` counts code points. */
export type Token = { readonly kind: TokenKind; readonly text: string; readonly offset: number }

/** A stretch of text that begins no token. */
export type LexicalError = { readonly offset: number; readonly text: string }

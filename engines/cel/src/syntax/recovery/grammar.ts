import type { TokenKind } from '../token.ts'

export type RuleName =
  | 'start'
  | 'expr'
  | 'or'
  | 'and'
  | 'relation'
  | 'calc'
  | 'unary'
  | 'member'
  | 'primary'
  | 'exprList'
  | 'listInit'
  | 'fieldList'
  | 'optField'
  | 'mapList'
  | 'escapeIdent'
  | 'optExpr'
  | 'literal'

/** How alternatives are chosen where one token is not enough; see `choose.ts`. */
export type Choice = 'unary' | 'minus' | 'member' | 'primary' | 'literal' | 'comma'

/** A part of a rule. `label` is the name under which what was read is kept. */
export type Element =
  | { readonly kind: 'token'; readonly kinds: readonly TokenKind[]; readonly label?: string }
  | { readonly kind: 'rule'; readonly rule: RuleName; readonly precedence: number; readonly label?: string }
  | { readonly kind: 'sequence'; readonly elements: readonly Element[]; readonly name?: string }
  | { readonly kind: 'choice'; readonly alternatives: readonly Element[]; readonly choice?: Choice }
  | { readonly kind: 'optional'; readonly element: Element }
  | { readonly kind: 'star'; readonly element: Element; readonly choice?: Choice }
  | { readonly kind: 'plus'; readonly element: Element; readonly choice?: Choice }
  /** Lets the rest happen only while operators of this precedence may follow. */
  | { readonly kind: 'precedence'; readonly precedence: number }

const token = (label: string | undefined, ...kinds: readonly TokenKind[]): Element => ({
  kind: 'token',
  kinds,
  ...(label !== undefined && { label }),
})
const rule = (name: RuleName, label?: string, precedence = 0): Element => ({
  kind: 'rule',
  rule: name,
  precedence,
  ...(label !== undefined && { label }),
})
const sequence = (...elements: readonly Element[]): Element => ({ kind: 'sequence', elements })
/** An alternative with a name: what is read by it is a node of that name. */
const named = (name: string, ...elements: readonly Element[]): Element => ({
  kind: 'sequence',
  name,
  elements,
})
const optional = (element: Element): Element => ({ kind: 'optional', element })
const star = (element: Element, choice?: Choice): Element => ({
  kind: 'star',
  element,
  ...(choice && { choice }),
})
const choose = (choice: Choice | undefined, ...alternatives: readonly Element[]): Element => ({
  kind: 'choice',
  alternatives,
  ...(choice && { choice }),
})
const minPrecedence = (precedence: number): Element => ({ kind: 'precedence', precedence })

const question = optional(token('question', '?'))
const callArguments = [token('open', '('), optional(rule('exprList', 'args')), token(undefined, ')')]

/**
 * The grammar of expressions.
 *
 * Source: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax, with the optional syntax.
 */
export const grammar: ReadonlyMap<RuleName, Element> = new Map<RuleName, Element>([
  ['start', sequence(rule('expr', 'e'), token(undefined, 'EOF'))],
  [
    'expr',
    sequence(
      rule('or', 'e'),
      optional(sequence(token('op', '?'), rule('or', 'e1'), token(undefined, ':'), rule('expr', 'e2'))),
    ),
  ],
  ['or', sequence(rule('and', 'e'), star(sequence(token('ops', '||'), rule('and', 'e1'))))],
  ['and', sequence(rule('relation', 'e'), star(sequence(token('ops', '&&'), rule('relation', 'e1'))))],
  [
    'relation',
    sequence(
      rule('calc', 'inner'),
      star(
        sequence(
          minPrecedence(1),
          token('op', '==', '!=', 'in', '<', '<=', '>=', '>'),
          rule('relation', 'right', 2),
        ),
      ),
    ),
  ],
  [
    'calc',
    sequence(
      rule('unary', 'inner'),
      star(
        choose(
          undefined,
          sequence(minPrecedence(2), token('op', '*', '/', '%'), rule('calc', 'right', 3)),
          sequence(minPrecedence(1), token('op', '-', '+'), rule('calc', 'right', 2)),
        ),
      ),
    ),
  ],
  [
    'unary',
    choose(
      'unary',
      named('member', rule('member', 'member')),
      named('not', { kind: 'plus', element: token('ops', '!') }, rule('member', 'member')),
      named(
        'negate',
        { kind: 'plus', element: token('ops', '-'), choice: 'minus' },
        rule('member', 'member'),
      ),
    ),
  ],
  [
    'member',
    sequence(
      rule('primary', 'inner'),
      star(
        choose(
          'member',
          named('select', token('op', '.'), question, rule('escapeIdent', 'id')),
          named('call', token('op', '.'), token('id', 'IDENTIFIER'), ...callArguments),
          named('index', token('op', '['), question, rule('expr', 'index'), token(undefined, ']')),
        ),
      ),
    ),
  ],
  [
    'primary',
    choose(
      'primary',
      named('ident', optional(token('dot', '.')), token('id', 'IDENTIFIER')),
      named('call', optional(token('dot', '.')), token('id', 'IDENTIFIER'), ...callArguments),
      named('nested', token(undefined, '('), rule('expr', 'e'), token(undefined, ')')),
      named(
        'list',
        token('open', '['),
        optional(rule('listInit', 'elements')),
        optional(token(undefined, ',')),
        token(undefined, ']'),
      ),
      named(
        'map',
        token('open', '{'),
        optional(rule('mapList', 'entries')),
        optional(token(undefined, ',')),
        token(undefined, '}'),
      ),
      named(
        'message',
        optional(token('dot', '.')),
        token('ids', 'IDENTIFIER'),
        star(sequence(token('ops', '.'), token('ids', 'IDENTIFIER'))),
        token('open', '{'),
        optional(rule('fieldList', 'entries')),
        optional(token(undefined, ',')),
        token(undefined, '}'),
      ),
      named('literal', rule('literal', 'literal')),
    ),
  ],
  ['exprList', sequence(rule('expr', 'e'), star(sequence(token(undefined, ','), rule('expr', 'e'))))],
  [
    'listInit',
    sequence(rule('optExpr', 'e'), star(sequence(token(undefined, ','), rule('optExpr', 'e')), 'comma')),
  ],
  [
    'fieldList',
    sequence(
      rule('optField', 'fields'),
      token('cols', ':'),
      rule('expr', 'values'),
      star(
        sequence(
          token(undefined, ','),
          rule('optField', 'fields'),
          token('cols', ':'),
          rule('expr', 'values'),
        ),
        'comma',
      ),
    ),
  ],
  ['optField', sequence(question, rule('escapeIdent', 'id'))],
  [
    'mapList',
    sequence(
      rule('optExpr', 'keys'),
      token('cols', ':'),
      rule('expr', 'values'),
      star(
        sequence(token(undefined, ','), rule('optExpr', 'keys'), token('cols', ':'), rule('expr', 'values')),
        'comma',
      ),
    ),
  ],
  [
    'escapeIdent',
    choose(
      undefined,
      named('simple', token('id', 'IDENTIFIER')),
      named('escaped', token('id', 'ESC_IDENTIFIER')),
    ),
  ],
  ['optExpr', sequence(question, rule('expr', 'e'))],
  [
    'literal',
    choose(
      'literal',
      named('literal', optional(token('sign', '-')), token('token', 'NUM_INT')),
      named('literal', token('token', 'NUM_UINT')),
      named('literal', optional(token('sign', '-')), token('token', 'NUM_FLOAT')),
      named('literal', token('token', 'STRING')),
      named('literal', token('token', 'BYTES')),
      named('literal', token('token', 'true')),
      named('literal', token('token', 'false')),
      named('literal', token('token', 'null')),
    ),
  ],
])

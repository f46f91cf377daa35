import type { Token } from './token.ts'

/**
 * An expression as it is written. Parts that may be missing are so only where a syntax error has been reported.
 */
export type Syntax =
  | {
      readonly kind: 'conditional'
      readonly op: Token
      readonly condition: Syntax
      readonly branches: Branches
    }
  | {
      readonly kind: 'logic'
      readonly op: '&&' | '||'
      readonly terms: readonly Syntax[]
      readonly ops: readonly Token[]
    }
  | { readonly kind: 'binary'; readonly op: Token; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'unary'; readonly ops: readonly Token[]; readonly operand: Syntax }
  | {
      readonly kind: 'select'
      readonly operand: Syntax
      readonly op: Token
      readonly isOptional: boolean
      /** `undefined` where the name could not be read. */
      readonly name: Token | undefined
      /** The token where the name is or should be. */
      readonly start: Token
    }
  | {
      readonly kind: 'memberCall'
      readonly operand: Syntax
      readonly name: Token
      readonly open: Token
      readonly args: readonly Syntax[]
    }
  | {
      readonly kind: 'index'
      readonly operand: Syntax
      readonly op: Token
      readonly isOptional: boolean
      readonly index: Syntax
    }
  | { readonly kind: 'ident'; readonly dot: Token | undefined; readonly name: Token }
  | {
      readonly kind: 'call'
      readonly dot: Token | undefined
      readonly name: Token
      readonly open: Token
      readonly args: readonly Syntax[]
    }
  | { readonly kind: 'list'; readonly open: Token; readonly elements: readonly OptionalSyntax[] }
  | { readonly kind: 'map'; readonly open: Token; readonly entries: readonly MapEntrySyntax[] }
  | {
      readonly kind: 'message'
      readonly dot: Token | undefined
      readonly names: readonly Token[]
      readonly open: Token
      readonly fields: readonly FieldSyntax[]
    }
  | { readonly kind: 'literal'; readonly sign: Token | undefined; readonly token: Token }
  /** What a syntax error left of an expression. */
  | { readonly kind: 'broken' }

export type Branches = { readonly yes: Syntax; readonly no: Syntax }
export type OptionalSyntax = { readonly question: Token | undefined; readonly value: Syntax }
export type MapEntrySyntax = { readonly key: OptionalSyntax; readonly colon: Token; readonly value: Syntax }
export type FieldSyntax = {
  readonly question: Token | undefined
  readonly name: Token | undefined
  readonly colon: Token
  readonly value: Syntax
}

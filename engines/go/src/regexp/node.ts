/** An inclusive range of code points. */
export type RuneRange = readonly [low: number, high: number]

/** A Unicode category or script by Go's name, such as `Lu` or `Greek`. */
export type UnicodeGroup = { readonly name: string; readonly negated: boolean }

/** A set of code points as written. `folds`: whatever differs only in case belongs to it too. */
export type RuneClass = {
  readonly kind: 'class'
  readonly ranges: readonly RuneRange[]
  readonly groups: readonly UnicodeGroup[]
  readonly negated: boolean
  readonly folds: boolean
}

/** Where a pattern may demand to be, without taking a character. */
export type AssertionPlace =
  | 'begin-text'
  | 'end-text'
  | 'begin-line'
  | 'end-line'
  | 'boundary'
  | 'no-boundary'

export type RegexpNode =
  | RuneClass
  | { readonly kind: 'assertion'; readonly at: AssertionPlace }
  | { readonly kind: 'capture'; readonly body: RegexpNode }
  | { readonly kind: 'concat'; readonly items: readonly RegexpNode[] }
  | { readonly kind: 'alternate'; readonly items: readonly RegexpNode[] }
  | RepeatNode

export type RepeatNode = {
  readonly kind: 'repeat'
  readonly body: RegexpNode
  readonly min: number
  /** -1 for no limit. */
  readonly max: number
  readonly greedy: boolean
}

/** A pattern parsed. `names` has one entry a group, the whole match first; groups without name have ''. */
export type ParsedRegexp = { readonly root: RegexpNode; readonly names: readonly string[] }

export const maxRune = 0x10ffff

/** The class of one character. */
export function literal(rune: number, folds: boolean): RuneClass {
  return { kind: 'class', ranges: [[rune, rune]], groups: [], negated: false, folds }
}

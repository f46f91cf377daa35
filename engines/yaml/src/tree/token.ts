import type { NodeStyle } from './node.ts'

export type TokenKind =
  | 'streamEnd'
  | 'versionDirective'
  | 'tagDirective'
  | 'documentStart'
  | 'documentEnd'
  | 'blockSequenceStart'
  | 'blockMappingStart'
  | 'blockEnd'
  | 'flowSequenceStart'
  | 'flowSequenceEnd'
  | 'flowMappingStart'
  | 'flowMappingEnd'
  | 'blockEntry'
  | 'flowEntry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

/** A place in the text: offset, line and column from 0. */
export type Mark = { readonly pos: number; readonly line: number; readonly column: number }

/** A lexical unit. `value` is the scalar's text, the anchor, or a tag's handle, whose rest is in `suffix`. */
export class Token {
  readonly kind: TokenKind
  readonly pos: number
  readonly line: number
  readonly column: number
  readonly value: string
  readonly suffix: string
  readonly style: NodeStyle

  constructor(
    kind: TokenKind,
    { pos, line, column }: Mark,
    { value = '', suffix = '', style = 'plain' }: { value?: string; suffix?: string; style?: NodeStyle } = {},
  ) {
    this.kind = kind
    this.pos = pos
    this.line = line
    this.column = column
    this.value = value
    this.suffix = suffix
    this.style = style
  }
}

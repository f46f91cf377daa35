// Kinds of tokens, as YAML 1.1's grammar uses them. Numbers, because the parser compares them in its hottest loop.
export const STREAM_END = 0
export const DIRECTIVE = 1
export const DOCUMENT_START = 2
export const DOCUMENT_END = 3
export const BLOCK_SEQUENCE_START = 4
export const BLOCK_MAPPING_START = 5
export const BLOCK_END = 6
export const FLOW_SEQUENCE_START = 7
export const FLOW_SEQUENCE_END = 8
export const FLOW_MAPPING_START = 9
export const FLOW_MAPPING_END = 10
export const BLOCK_ENTRY = 11
export const FLOW_ENTRY = 12
export const KEY = 13
export const VALUE = 14
export const ALIAS = 15
export const ANCHOR = 16
export const TAG = 17
export const SCALAR = 18

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/** A token with its place. What the other fields hold depends on the kind. */
export class Token {
  readonly kind: number
  readonly offset: number
  readonly line: number
  readonly column: number
  /** Offset of the first unit after the token. */
  end = 0
  /** Text of a scalar, name of an anchor or alias, suffix of a tag. */
  value = ''
  /** Handle of a tag. */
  handle = ''
  style: ScalarStyle = 'plain'

  constructor(kind: number, offset: number, line: number, column: number) {
    this.kind = kind
    this.offset = offset
    this.line = line
    this.column = column
    this.end = offset
  }
}

import { ToolkitError } from '@sluice/ports'

/** Why a text could not be read or a value not be printed. */
export type YamlErrorCode =
  /** The text is not YAML. */
  | 'YAML_SYNTAX'
  /** The text is YAML, but not of values that JSON has: an infinite number, a list as a key, a misplaced tag. */
  | 'YAML_INVALID_VALUE'
  /** A key stands twice in a mapping that was read strictly. */
  | 'YAML_DUPLICATE_KEY'
  /** Size, depth or aliases go beyond the bounds. */
  | 'YAML_LIMIT'
  /** A value has no YAML form. */
  | 'YAML_UNPRINTABLE'

/** Where in a text something is; both count from 1. */
export type YamlPosition = { readonly line: number; readonly column: number }

/**
 * YAML could not be read or printed. The message is the one of Go's library, which users know from Flux and kubectl;
 * its line numbers follow that library's habits. `line` and `column` are the true place, 0 where there is none.
 */
export class YamlError extends ToolkitError {
  override readonly name = 'YamlError'
  declare readonly code: YamlErrorCode
  readonly line: number
  readonly column: number

  constructor(code: YamlErrorCode, message: string, at: YamlPosition = { line: 0, column: 0 }) {
    super(code, message)
    this.line = at.line
    this.column = at.column
  }
}

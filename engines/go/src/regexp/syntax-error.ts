import { ToolkitError } from '@sluice/ports'

/** What is wrong with a pattern, in the words of Go's regexp/syntax. */
export type RegexpProblem =
  | 'invalid UTF-8'
  | 'invalid character class range'
  | 'invalid escape sequence'
  | 'invalid named capture'
  | 'invalid or unsupported Perl syntax'
  | 'invalid nested repetition operator'
  | 'invalid repeat count'
  | 'missing closing ]'
  | 'missing closing )'
  | 'missing argument to repetition operator'
  | 'trailing backslash at end of expression'
  | 'unexpected )'
  | 'expression nests too deeply'
  | 'expression too large'

/** A pattern is not a regular expression of Go. The message is Go's. */
export class RegexpError extends ToolkitError {
  override readonly name = 'RegexpError'
  readonly problem: RegexpProblem
  /** The part of the pattern that is wrong. */
  readonly part: string

  constructor(problem: RegexpProblem, part: string) {
    super('REGEXP_SYNTAX', `error parsing regexp: ${problem}: \`${part}\``)
    this.problem = problem
    this.part = part
  }
}

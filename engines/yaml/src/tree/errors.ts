import { ToolkitError } from '@sluice/ports'

/** Why a text is not taken as YAML: its syntax, a bound, or an alias without its anchor. */
export type YamlTreeErrorCode = 'YAML_SYNTAX' | 'YAML_LIMIT' | 'YAML_UNKNOWN_ANCHOR' | 'YAML_DUPLICATE_KEY'

/** A text is not YAML, or exceeds a bound. `line` counts from 1 and is 0 where there is none to name. */
export class YamlTreeError extends ToolkitError {
  override readonly name = 'YamlTreeError'
  readonly line: number

  constructor(code: YamlTreeErrorCode, line: number, problem: string) {
    super(code, line > 0 ? `yaml: line ${line}: ${problem}` : `yaml: ${problem}`)
    this.line = line
  }
}

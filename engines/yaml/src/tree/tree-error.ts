import { YamlError, type YamlErrorCode } from '../yaml-error.ts'

/** An error in the words of go-yaml. `line` counts from 1 and is 0 where there is none to name. */
export function treeError(code: YamlErrorCode, line: number, problem: string): YamlError {
  return new YamlError(code, line > 0 ? `yaml: line ${line}: ${problem}` : `yaml: ${problem}`, {
    line,
    column: 0,
  })
}

import { EnvsubstError } from './envsubst-error.ts'
import { defaultOperators, operatorOf } from './operators.ts'
import { type Node, parseEnvsubst } from './parse.ts'

/** How variables are taken. */
export type EnvsubstOptions = {
  /** Whether a variable that is not set is an error; otherwise it is empty. Default false. */
  readonly strict?: boolean
}

/**
 * Replaces `${name}` and the like by the values of `variables`, as Flux does after a build.
 *
 * @example envsubst('${greeting:-hello} ${name}', new Map([['name', 'world']])) // 'hello world'
 *
 * Source: github.com/fluxcd/pkg/envsubst 1.9.0, Eval.
 * @throws {EnvsubstError}
 */
export function envsubst(
  text: string,
  variables: ReadonlyMap<string, string>,
  { strict = false }: EnvsubstOptions = {},
): string {
  const evaluate = (node: Node): string => {
    if (typeof node === 'string') return node
    const { variable, operator } = node
    const args = node.args.map(evaluate)
    const value = variables.get(variable)
    if (value === undefined && strict && !defaultOperators.has(operator)) {
      throw new EnvsubstError(
        'ENVSUBST_NOT_SET',
        `variable not set (strict mode): ${JSON.stringify(variable)}`,
      )
    }
    return operatorOf(operator, args.length)(value ?? '', args)
  }
  return parseEnvsubst(text).map(evaluate).join('')
}

import { goStringBytes, isValidUtf8 } from '@sluice/go'
import { EnvsubstError, envsubst } from '@sluice/template'
import type { GoCase, GoOutcome } from './go-case.ts'

/** Kind `envsubst`: a text with variables, strict or not. */
export function runEnvsubst(input: GoCase): GoOutcome {
  const variables = new Map(Object.entries(input['vars'] as Record<string, string>))
  try {
    const out = envsubst(String(input['input']), variables, { strict: input['strict'] === true })
    return { out: isValidUtf8(out) ? out : goStringBytes(out) }
  } catch (error) {
    if (!(error instanceof EnvsubstError)) throw error
    return { error: error.message, stage: error.code === 'ENVSUBST_SYNTAX' ? 'parse' : 'exec' }
  }
}

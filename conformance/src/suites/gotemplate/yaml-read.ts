import { jsonMarshal, parseYaml, YamlError } from '@sluice/yaml'
import type { GoCase, GoOutcome } from './go-case.ts'

/** Kind `yaml-read`: the JSON of a YAML text. */
export function runYamlRead(input: GoCase): GoOutcome {
  const text =
    typeof input['yamlBase64'] === 'string'
      ? new Uint8Array(Buffer.from(input['yamlBase64'], 'base64'))
      : String(input['yaml'])
  try {
    return { out: jsonMarshal(parseYaml(text, { strict: input['strict'] === true })) }
  } catch (error) {
    if (error instanceof YamlError) return { error: error.message, stage: 'parse' }
    throw error
  }
}

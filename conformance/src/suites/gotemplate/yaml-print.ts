import { parseJson, parseJsonGo, printYaml, YamlError } from '@sluice/yaml'
import type { GoCase, GoOutcome } from './go-case.ts'

/** Kind `yaml-print`: the YAML of a JSON text whose numbers arrive as the case says. */
export function runYamlPrint(input: GoCase): GoOutcome {
  const json = String(input['json'])
  const { numbers } = input
  try {
    const value =
      numbers === 'float64' || numbers === 'json.Number' ? parseJsonGo(json, numbers) : parseJson(json)
    return { out: printYaml(value) }
  } catch (error) {
    if (error instanceof YamlError) return { error: error.message, stage: 'exec' }
    throw error
  }
}

import { compileRegexp, quoteMeta, RegexpError } from '@sluice/go'
import { jsonMarshal } from '@sluice/yaml'
import type { GoCase, GoOutcome } from './go-case.ts'

/** Kind `regexp`: one operation of Go's regexp package. */
export function runRegexp(input: GoCase): GoOutcome {
  try {
    return { out: run(input) }
  } catch (error) {
    if (error instanceof RegexpError) return { error: error.message, stage: 'parse' }
    throw error
  }
}

function run(input: GoCase): string {
  const text = String(input['input'])
  if (input['op'] === 'quote') return quoteMeta(text)
  const regexp = compileRegexp(String(input['pattern']))
  switch (input['op']) {
    case 'compile':
      return jsonMarshal({ groups: regexp.groupNames.length - 1, names: regexp.groupNames })
    case 'find':
      return jsonMarshal(regexp.find(text) ?? null)
    case 'findAll': {
      const all = regexp.findAll(text)
      return jsonMarshal(all.length === 0 ? null : all)
    }
    case 'replace':
      return regexp.replaceAll(text, String(input['replacement']))
    default:
      return jsonMarshal(regexp.split(text))
  }
}

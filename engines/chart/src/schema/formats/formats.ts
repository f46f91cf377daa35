import { cachedRegexp } from '@sluice/go'
import { emailProblem, hostNameProblem, ipv4Problem, ipv6Problem } from './host-formats.ts'
import { jsonPointerProblem, relativePointerProblem, semverProblem, uuidProblem } from './name-formats.ts'
import { dateProblem, dateTimeProblem, durationProblem, periodProblem, timeProblem } from './time-formats.ts'
import { uriProblem, uriReferenceProblem, uriTemplateProblem } from './uri-formats.ts'

type Problem = (text: string) => string | undefined

const formats: ReadonlyMap<string, Problem> = new Map<string, Problem>([
  ['regex', regexProblem],
  ['json-pointer', jsonPointerProblem],
  ['relative-json-pointer', relativePointerProblem],
  ['uuid', uuidProblem],
  ['semver', semverProblem],
  ['duration', durationProblem],
  ['period', periodProblem],
  ['date', dateProblem],
  ['time', timeProblem],
  ['date-time', dateTimeProblem],
  ['ipv4', ipv4Problem],
  ['ipv6', ipv6Problem],
  ['hostname', hostNameProblem],
  ['email', emailProblem],
  ['uri', uriProblem],
  ['iri', uriProblem],
  ['uri-reference', uriReferenceProblem],
  ['iri-reference', uriReferenceProblem],
  ['uri-template', uriTemplateProblem],
])

/** Whether a format is one that is checked; others only describe. */
export function isKnownFormat(format: string): boolean {
  return formats.has(format)
}

/** Why a text is not of a format; `undefined` when it is, or when the format is not known. */
export function formatProblem(format: string, text: string): string | undefined {
  return formats.get(format)?.(text)
}

function regexProblem(text: string): string | undefined {
  const regexp = cachedRegexp(text)
  return regexp instanceof Error ? regexp.message : undefined
}

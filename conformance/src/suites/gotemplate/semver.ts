import {
  compareVersions,
  incrementVersion,
  parseConstraint,
  parseFluxVersion,
  parseStrictVersion,
  parseVersion,
  SemverError,
  type SemverVersion,
} from '@sluice/go'
import { jsonMarshal } from '@sluice/yaml'
import type { GoCase, GoOutcome } from './go-case.ts'

/** Kind `semver`: one operation of Masterminds/semver, or Flux's reading of a version. */
export function runSemver(input: GoCase): GoOutcome {
  try {
    return { out: run(input) }
  } catch (error) {
    if (error instanceof SemverError) return { error: error.message, stage: 'parse' }
    throw error
  }
}

function run(input: GoCase): string {
  const text = String(input['version'])
  const constraint = String(input['constraint'])
  switch (input['op']) {
    case 'parse':
      return describe(parseVersion(text))
    case 'parseStrict':
      return describe(parseStrictVersion(text))
    case 'parseFlux':
      return describe(parseFluxVersion(text))
    case 'compare':
      return String(compareVersions(parseVersion(text), parseVersion(String(input['other']))))
    case 'constraint':
      return parseConstraint(constraint).toString()
    case 'check':
      return String(parseConstraint(constraint).check(parseVersion(text)))
    case 'validate': {
      const errors = parseConstraint(constraint).validate(parseVersion(text))
      return jsonMarshal({ ok: errors.length === 0, errors })
    }
    case 'inc': {
      const next = incrementVersion(parseVersion(text), input['part'] as 'major' | 'minor' | 'patch')
      return jsonMarshal({ original: next.original, string: next.toString() })
    }
    default: {
      const versions = (input['versions'] as string[]).map(parseVersion)
      return jsonMarshal(versions.toSorted(compareVersions).map((it) => it.original))
    }
  }
}

function describe(version: SemverVersion): string {
  const { major, minor, patch, prerelease, metadata, original } = version
  return jsonMarshal({ major, minor, patch, prerelease, metadata, original, string: version.toString() })
}

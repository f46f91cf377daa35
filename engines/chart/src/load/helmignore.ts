import { matchPath, PathPatternError } from '@sluice/go'
import { ChartError } from './chart-error.ts'

/** Whether a path below the chart's root is left out. */
export type Ignored = (path: string, isDirectory: boolean) => boolean

type Rule = {
  readonly pattern: string
  readonly negated: boolean
  readonly directoriesOnly: boolean
  /** Compared with the whole path, not only the last name. */
  readonly wholePath: boolean
}

// Editors' and systems' hidden files among the templates are never meant.
const builtinRule = 'templates/.?*'

/**
 * Reads a `.helmignore`.
 *
 * Its negation is not Git's: `!x` leaves out everything that is not `x`. Source: Helm 4.3, recorded behaviour.
 * @throws {ChartError} `CHART_IGNORE_FILE` for `**` and malformed patterns.
 */
export function ignoreRules(text: string): Ignored {
  const rules = [...text.split('\n'), builtinRule].flatMap(parseRule)
  return (path, isDirectory) => {
    for (const rule of rules) {
      const applies = isDirectory || !rule.directoriesOnly
      if (rule.negated) {
        if (!applies || !matches(rule, path)) return true
      } else if (applies && matches(rule, path)) {
        return true
      }
    }
    return false
  }
}

function parseRule(line: string): Rule[] {
  let pattern = line.trim()
  if (pattern === '' || pattern.startsWith('#')) return []
  if (pattern.includes('**')) {
    throw new ChartError('CHART_IGNORE_FILE', 'double-star (**) syntax is not supported')
  }
  checkPattern(pattern)
  const negated = pattern.startsWith('!')
  if (negated) pattern = pattern.slice(1)
  const directoriesOnly = pattern.endsWith('/')
  if (directoriesOnly) pattern = pattern.slice(0, -1)
  const rooted = pattern.startsWith('/')
  if (rooted) pattern = pattern.slice(1)
  return [{ pattern, negated, directoriesOnly, wholePath: rooted || pattern.includes('/') }]
}

function checkPattern(pattern: string): void {
  try {
    matchPath(pattern, 'abc')
  } catch (cause) {
    if (!(cause instanceof PathPatternError)) throw cause
    throw new ChartError('CHART_IGNORE_FILE', cause.message, { cause })
  }
}

function matches({ pattern, wholePath }: Rule, path: string): boolean {
  return matchPath(pattern, wholePath ? path : path.slice(path.lastIndexOf('/') + 1))
}

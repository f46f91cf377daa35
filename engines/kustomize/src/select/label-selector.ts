import { KustomizeError } from '../errors.ts'

type Requirement = (labels: ReadonlyMap<string, string>) => boolean

/** Whether labels (or annotations) fulfil a selector. */
export type LabelMatcher = (labels: ReadonlyMap<string, string>) => boolean

const name = '[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?'
const equality = new RegExp(`^(${name})\\s*(==|=|!=|>|<)\\s*([^\\s,()!=<>]*)$`)
const membership = new RegExp(`^(${name})\\s+(in|notin)\\s*\\(([^()]*)\\)$`)
const existence = new RegExp(`^(!?)\\s*(${name})$`)

/**
 * Compiles a selector as `kubectl -l` takes it; the empty one matches all.
 *
 * @throws {KustomizeError} when it is none.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function compileLabelSelector(selector: string): LabelMatcher {
  const requirements = splitRequirements(selector).map((it) => parseRequirement(it, selector))
  return (labels) => requirements.every((it) => it(labels))
}

/** Splits at the commas that are not within parentheses. */
function splitRequirements(selector: string): string[] {
  const trimmed = selector.trim()
  if (trimmed === '') return []
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < trimmed.length; i += 1) {
    const character = trimmed[i]
    if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    else if (character === ',' && depth === 0) {
      parts.push(trimmed.slice(start, i).trim())
      start = i + 1
    }
  }
  parts.push(trimmed.slice(start).trim())
  return parts
}

function parseRequirement(text: string, selector: string): Requirement {
  const compared = equality.exec(text)
  if (compared) return comparison(compared[1] ?? '', compared[2] ?? '', compared[3] ?? '')
  const member = membership.exec(text)
  if (member) {
    const [, key = '', operator, list = ''] = member
    const values = new Set(list.split(',').map((it) => it.trim()))
    return (labels) => {
      const value = labels.get(key)
      return operator === 'in'
        ? value !== undefined && values.has(value)
        : value === undefined || !values.has(value)
    }
  }
  const exists = existence.exec(text)
  if (exists) {
    const [, not, key = ''] = exists
    return (labels) => labels.has(key) === (not === '')
  }
  throw new KustomizeError('TARGET_INVALID', `unable to parse the selector '${selector}'`)
}

function comparison(key: string, operator: string, wanted: string): Requirement {
  switch (operator) {
    case '!=':
      return (labels) => labels.get(key) !== wanted
    case '>':
    case '<':
      return (labels) => {
        const value = Number(labels.get(key))
        return operator === '>' ? value > Number(wanted) : value < Number(wanted)
      }
    default:
      return (labels) => labels.get(key) === wanted
  }
}

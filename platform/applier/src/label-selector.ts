type Labels = Readonly<Record<string, string>>
type Requirement = (labels: Labels) => boolean

/** Longer ones are not meant to be read. */
const maxLength = 4_096

/**
 * Whether a selector in its text form, such as `app=web,tier in (a,b),!canary`, selects these labels. An absent or empty
 * one selects everything, one that cannot be read nothing.
 *
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function selectsLabels(selector: string | undefined, labels: Labels = {}): boolean {
  if (!selector?.trim()) return true
  if (selector.length > maxLength) return false
  return splitTerms(selector).every((term) => requirement(term)(labels))
}

/** At commas outside of parentheses. */
function splitTerms(selector: string): readonly string[] {
  return selector.split(/,(?![^(]*\))/).map((term) => term.trim())
}

function requirement(term: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = new Set(list.split(',').map((value) => value.trim()))
    return (labels) => {
      const has = Object.hasOwn(labels, key) && values.has(labels[key] ?? '')
      return operator === 'in' ? has : !has
    }
  }
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(term)
  if (equality) {
    const [, key = '', operator, value = ''] = equality
    return (labels) => {
      const equal = Object.hasOwn(labels, key) && labels[key] === value
      return operator === '!=' ? !equal : equal
    }
  }
  const presence = /^(!?)\s*([^\s=!]+)$/.exec(term)
  if (!presence) return () => false
  const [, not, key = ''] = presence
  return (labels) => Object.hasOwn(labels, key) === (not === '')
}

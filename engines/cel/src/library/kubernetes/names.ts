/** What is wrong with a name, in Kubernetes' words; empty when nothing is. */
export type CheckName = (name: string) => readonly string[]

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualified})?`
const alphanumericEnds = 'and must start and end with an alphanumeric character'
const qualifiedRule = `must consist of alphanumeric characters, '-', '_' or '.', ${alphanumericEnds}`

const labelPattern = new RegExp(`^${label}$`)
const subdomainPattern = new RegExp(`^${subdomain}$`)
const label1035Pattern = new RegExp(`^${label1035}$`)
const qualifiedPattern = new RegExp(`^${qualified}$`)
const labelValuePattern = new RegExp(`^${labelValue}$`)

function explain(rule: string, pattern: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${rule} (e.g. ${shown}regex used for validation is '${pattern}')`
}

function tooLong(max: number): string {
  return `must be no more than ${max} characters`
}

/** Lengths count bytes; names that pass the patterns are ASCII, so that only wrong ones differ. */
function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

export const checkDnsLabel: CheckName = (name) => {
  const problems = byteLength(name) > 63 ? [tooLong(63)] : []
  if (labelPattern.test(name)) return problems
  if (subdomainPattern.test(name)) return [...problems, 'must not contain dots']
  const rule = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${alphanumericEnds}`
  return [...problems, explain(rule, label, 'my-name', '123-abc')]
}

export const checkDnsSubdomain: CheckName = (name) => {
  const problems = byteLength(name) > 253 ? [tooLong(253)] : []
  if (subdomainPattern.test(name)) return problems
  const rule = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${alphanumericEnds}`
  return [...problems, explain(rule, subdomain, 'example.com')]
}

export const checkDns1035Label: CheckName = (name) => {
  const problems = byteLength(name) > 63 ? [tooLong(63)] : []
  if (label1035Pattern.test(name)) return problems
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
  return [...problems, explain(rule, label1035, 'my-name', 'abc-123')]
}

/** A label key: a name, with an optional prefix that is a subdomain. */
export const checkQualifiedName: CheckName = (text) => {
  const parts = text.split('/')
  const explained = explain(qualifiedRule, qualified, 'MyName', 'my.name', '123-abc')
  if (parts.length > 2) {
    return [
      `a valid label key ${explained} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1) ?? ''
  const problems = parts.length === 2 ? checkPrefix(parts[0] ?? '') : []
  if (name === '') problems.push('name part must be non-empty')
  else if (byteLength(name) > 63) problems.push(`name part ${tooLong(63)}`)
  if (!qualifiedPattern.test(name)) problems.push(`name part ${explained}`)
  return problems
}

function checkPrefix(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return checkDnsSubdomain(prefix).map((problem) => `prefix part ${problem}`)
}

export const checkLabelValue: CheckName = (value) => {
  const problems = byteLength(value) > 63 ? [tooLong(63)] : []
  if (labelValuePattern.test(value)) return problems
  const rule = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${alphanumericEnds}`
  return [...problems, explain(rule, labelValue, 'MyValue', 'my_value', '12345')]
}

/** The check of a prefix that random characters are to be added to: it may end with a dash. */
export function checkAsPrefix(check: CheckName): CheckName {
  return (name) => check(name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name)
}

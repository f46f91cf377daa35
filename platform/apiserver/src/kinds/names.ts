const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** Why a name breaks a rule; the rules answer in Kubernetes' words. A prefix may end in what a suffix completes. */
export type NameRule = (name: string, isPrefix?: boolean) => string | undefined

/** RFC 1123 label, as namespaces have it. */
export const dnsLabel: NameRule = (name, isPrefix = false) => {
  if (name.length > 63) return 'must be no more than 63 bytes'
  return label.test(masked(name, isPrefix)) ? undefined : labelText
}

/** RFC 1035 label, as services have it. */
export const dns1035Label: NameRule = (name, isPrefix = false) => {
  if (name.length > 63) return 'must be no more than 63 bytes'
  return label1035.test(masked(name, isPrefix)) ? undefined : label1035Text
}

/** RFC 1123 subdomain: most kinds. */
export const dnsSubdomain: NameRule = (name, isPrefix = false) => {
  if (name.length > 253) return 'must be no more than 253 bytes'
  return subdomain.test(masked(name, isPrefix)) ? undefined : subdomainText
}

/** Anything that can be one segment of a path: RBAC and others. */
export const pathSegment: NameRule = (name) => {
  if (name === '.' || name === '..') return `may not be '${name}'`
  const illegal = ['/', '%'].filter((it) => name.includes(it))
  return illegal.length === 0 ? undefined : `may not contain '${illegal[0]}'`
}

function masked(name: string, isPrefix: boolean): string {
  return isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name
}

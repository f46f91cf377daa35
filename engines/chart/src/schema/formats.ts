import { compileRegexp } from '@sluice/go'

/** Why a text is not of a format; `undefined` when it is, or when the format is not known. */
export function formatProblem(format: string, text: string): string | undefined {
  return formats.get(format)?.(text)
}

const datePattern = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const timePattern = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i
const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const formats: ReadonlyMap<string, (text: string) => string | undefined> = new Map([
  [
    'date',
    (text) => (isDate(text) ? undefined : text.length === 10 ? 'invalid date' : 'must be 10 characters long'),
  ],
  ['time', (text) => (timePattern.test(text) ? undefined : 'invalid time')],
  ['date-time', dateTimeProblem],
  ['email', (text) => (/^[^@\s]{1,64}@[^@\s]+$/.test(text) ? undefined : 'missing @')],
  ['hostname', (text) => (isHostName(text) ? undefined : 'invalid hostname')],
  ['ipv4', ipv4Problem],
  ['ipv6', (text) => (isIpv6(text) ? undefined : 'invalid ipv6 address')],
  ['uri', uriProblem],
  ['uuid', (text) => (uuidPattern.test(text) ? undefined : 'invalid uuid')],
  ['regex', regexProblem],
  ['json-pointer', (text) => (/^(\/([^~/]|~[01])*)*$/.test(text) ? undefined : 'not starting with /')],
])

function dateTimeProblem(text: string): string | undefined {
  // The shortest is 2006-01-02T15:04:05Z.
  if (text.length < 20) return 'less than 20 characters long'
  if (!/^t$/i.test(text[10] ?? '')) return '11th character must be t or T'
  if (!isDate(text.slice(0, 10))) return 'invalid date element'
  return timePattern.test(text.slice(11)) ? undefined : 'invalid time element'
}

function isDate(text: string): boolean {
  if (!datePattern.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return date.toISOString().startsWith(text)
}

function isHostName(text: string): boolean {
  const name = text.replace(/\.$/, '')
  return name.length <= 253 && name.split('.').every((label) => hostLabel.test(label))
}

function ipv4Problem(text: string): string | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part))) return 'expected four decimals'
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return 'leading zeros'
  return parts.some((part) => Number(part) > 255) ? 'decimal must be between 0 and 255' : undefined
}

function isIpv4(text: string): boolean {
  return ipv4Problem(text) === undefined
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const hasIpv4 = last.includes('.')
  const words = hasIpv4 ? groups.slice(0, -1) : groups
  const count = words.length + (hasIpv4 ? 2 : 0)
  const fits = halves.length === 2 ? count < 8 : count === 8
  return fits && words.every((word) => /^[0-9a-f]{1,4}$/i.test(word)) && (!hasIpv4 || isIpv4(last))
}

function uriProblem(text: string): string | undefined {
  if (text.startsWith(':')) return `parse ${JSON.stringify(text)}: missing protocol scheme`
  return /^[a-z][a-z0-9+.-]*:/i.test(text) ? undefined : 'relative url'
}

function regexProblem(text: string): string | undefined {
  try {
    compileRegexp(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

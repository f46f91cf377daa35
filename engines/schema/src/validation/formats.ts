import { hasStringFormat, parseIp, parseRequestUrl } from '@sluice/cel'

type Check = (text: string) => boolean

const hostnamePattern =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u
const shortName = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const channel = String.raw`\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*`
const cardPattern =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/
const inCel = ['uuid', 'uuid3', 'uuid4', 'uuid5', 'byte', 'date', 'datetime'] as const

/**
 * The formats that schemas of CRDs may ask of strings, by name without dashes. Others are ignored.
 *
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#JSONSchemaProps
 */
const formats: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...inCel.map((name): [string, Check] => [name, (text) => hasStringFormat(name, text) === true]),
  ['bsonobjectid', matches(/^[\da-f]{24}$/i)],
  ['uri', (text) => typeof parseRequestUrl(text) !== 'string'],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['cidr', isCidr],
  ['mac', isMac],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', matches(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i)],
  ['rgbcolor', matches(new RegExp(String.raw`^rgb\(${channel},${channel},${channel}\)$`))],
  ['password', () => true],
  ['duration', isDuration],
  ['k8sshortname', (text) => text.length <= 63 && new RegExp(`^${shortName}$`).test(text)],
  ['k8slongname', (text) => text.length <= 253 && new RegExp(`^${shortName}(\\.${shortName})*$`).test(text)],
])

function matches(pattern: RegExp): Check {
  return (text) => pattern.test(text)
}

/** The check of a format; `undefined` for formats that Kubernetes does not know. */
export function stringFormat(name: string): Check | undefined {
  return formats.get(name.replaceAll('-', ''))
}

function isHostname(text: string): boolean {
  if (text.length > 255 || !hostnamePattern.test(text)) return false
  return text.split('.').every((part) => new TextEncoder().encode(part).length <= 63)
}

/** Octets may have leading zeros; addresses of version 6 that end like one of version 4 count as well. */
function isIpv4(text: string): boolean {
  if (text.includes(':')) return text.includes('.') && isIpv6(text)
  return /^\d+(\.\d+){3}$/.test(text) && text.split('.').every((octet) => Number(octet) <= 255)
}

function isIpv6(text: string): boolean {
  return text.includes(':') && !text.includes('%') && typeof parseIp(text) !== 'string'
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^\d{1,8}$/.test(bits)) return false
  return address.includes(':')
    ? isIpv6(address) && Number(bits) <= 128
    : isIpv4(address) && Number(bits) <= 32
}

/** Addresses of 6, 8 or 20 bytes. */
function isMac(text: string): boolean {
  const bytes = /^[\da-f]{2}([:-])[\da-f]{2}(?:\1[\da-f]{2})*$/i.test(text) ? (text.length + 1) / 3 : 0
  const words = /^[\da-f]{4}(?:\.[\da-f]{4})+$/i.test(text) ? ((text.length + 1) / 5) * 2 : 0
  return [6, 8, 20].includes(bytes + words)
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, '')
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  const sum = Array.from(digits, (digit, index) => (index + 1) * (digit === 'X' ? 10 : Number(digit)))
  return sum.reduce((a, b) => a + b, 0) % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, '')
  if (!/^\d{13}$/.test(digits)) return false
  const sum = Array.from(digits, (digit, index) => (index % 2 === 0 ? 1 : 3) * Number(digit))
  return sum.reduce((a, b) => a + b, 0) % 10 === 0
}

/** The number of a known issuer with a check digit by Luhn. */
function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/\D+/g, '')
  if (!cardPattern.test(digits)) return false
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

const goDuration = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const durationUnit = /^(?:ns|us|µs|ms|s|sec|m|min|h|hr|d|w|wk)$|^(?:nano|micro|milli|sec|min|hour|day|week)/i

/** A duration of Go, or numbers with units in words, such as `3 days`. */
function isDuration(text: string): boolean {
  if (goDuration.test(text)) return true
  return [...text.matchAll(/(?<!\d)\d+\s*([A-Za-zµ]+)/g)].some(([, unit = '']) => durationUnit.test(unit))
}

const atomCharacters = String.raw`\w!#$%&'*+/=?^\x60{|}~\u0080-\u{10FFFF}\-`
const atom = `[${atomCharacters}]+`
const word = `[.${atomCharacters}]+`
const quoted = String.raw`"(?:[^"\\]|\\.)*"`
const addressPattern = new RegExp(
  String.raw`^(?:${atom}(?:\.${atom})*|${quoted})@(?:${atom}(?:\.${atom})*|\[[^[\]\\]*\])$`,
  'u',
)
const phrasePattern = new RegExp(String.raw`^(?:(?:${word}|${quoted})(?:\s+(?:${word}|${quoted}))*)?$`, 'u')

/** An address of RFC 5322, with or without the name of a person before it. */
function isEmail(text: string): boolean {
  const trimmed = text.trim()
  if (!trimmed.endsWith('>')) return addressPattern.test(trimmed)
  const start = trimmed.lastIndexOf('<')
  if (start < 0) return false
  return (
    addressPattern.test(trimmed.slice(start + 1, -1)) && phrasePattern.test(trimmed.slice(0, start).trim())
  )
}

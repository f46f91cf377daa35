import { quote } from '../strconv/quote.ts'

/** Where an address is wrong: the reason, and the text from there on. */
type Failure = { readonly reason: string; readonly at?: string }

const groupCount = 8

/**
 * Why a text is no IP address, in Go's words; `undefined` when it is one.
 *
 * Source: https://pkg.go.dev/net/netip#ParseAddr
 */
export function addressProblem(text: string): string | undefined {
  const failure = failureOf(text)
  if (!failure) return undefined
  const place = failure.at === undefined ? '' : ` (at ${quote(failure.at)})`
  return `ParseAddr(${quote(text)}): ${failure.reason}${place}`
}

function failureOf(text: string): Failure | undefined {
  const separator = /[.:%]/.exec(text)?.[0]
  if (separator === '.') return fieldsFailure(text)
  if (separator === ':') return zonedFailure(text)
  return { reason: separator === '%' ? 'missing IPv6 address' : 'unable to parse IP' }
}

function zonedFailure(text: string): Failure | undefined {
  const percent = text.indexOf('%')
  if (percent < 0) return addressFailure(text)
  if (percent === text.length - 1) return { reason: 'zone must be a non-empty string' }
  return addressFailure(text.slice(0, percent))
}

function addressFailure(address: string): Failure | undefined {
  let rest = address
  let groups = 0
  let hasGap = false
  if (rest.startsWith('::')) {
    hasGap = true
    rest = rest.slice(2)
  }
  while (groups < groupCount && !(rest === '' && hasGap)) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? ''
    if (digits.length > 4) return { reason: 'each group must have 4 or less digits', at: rest }
    if (digits === '') return { reason: 'each colon-separated field must have at least one digit', at: rest }
    if (rest[digits.length] === '.') return embeddedFailure(rest, { groups, hasGap })
    groups += 1
    rest = rest.slice(digits.length)
    if (rest === '') break
    if (!rest.startsWith(':')) return { reason: 'unexpected character, want colon', at: rest }
    if (rest === ':') return { reason: 'colon must be followed by more characters', at: rest }
    rest = rest.slice(1)
    if (!rest.startsWith(':')) continue
    if (hasGap) return { reason: 'multiple :: in address', at: rest }
    hasGap = true
    rest = rest.slice(1)
  }
  if (rest !== '') return { reason: 'trailing garbage after address', at: rest }
  return lengthFailure(groups, hasGap)
}

/** An IPv4 address may stand for the last two groups. */
function embeddedFailure(
  rest: string,
  { groups, hasGap }: { readonly groups: number; readonly hasGap: boolean },
): Failure | undefined {
  if (!hasGap && groups !== groupCount - 2) {
    const reason = 'embedded IPv4 address must replace the final 2 fields of the address'
    return { reason, at: rest }
  }
  if (groups + 2 > groupCount) {
    const reason = 'too many hex fields to fit an embedded IPv4 at the end of the address'
    return { reason, at: rest }
  }
  return fieldsFailure(rest) ?? lengthFailure(groups + 2, hasGap)
}

function lengthFailure(groups: number, hasGap: boolean): Failure | undefined {
  if (groups < groupCount) return hasGap ? undefined : { reason: 'address string too short' }
  return hasGap ? { reason: 'the :: must expand to at least one field of zeros' } : undefined
}

function fieldsFailure(text: string): Failure | undefined {
  let value = ''
  let fields = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (/\d/.test(character)) {
      if (value === '0') return { reason: 'IPv4 field has octet with leading zero' }
      value += character
      if (Number(value) > 255) return { reason: 'IPv4 field has value >255' }
    } else if (character !== '.') {
      return { reason: 'unexpected character', at: text.slice(index) }
    } else {
      if (value === '' || index === text.length - 1) {
        return { reason: 'IPv4 field must have at least one digit', at: text.slice(index) }
      }
      if (fields === 3) return { reason: 'IPv4 address too long' }
      fields += 1
      value = ''
    }
  }
  return fields < 3 ? { reason: 'IPv4 address too short' } : undefined
}

import { addressProblem, atoi, GoError, goByteLength } from '@sluice/go'
import { firstOther, quotedCharacter } from './name-formats.ts'

/** Four decimal numbers. Source: RFC 2673, section 3.2. */
export function ipv4Problem(text: string): string | undefined {
  const groups = text.split('.')
  if (groups.length !== 4) return 'expected four decimals'
  for (const group of groups) {
    if (group.length > 1 && group.startsWith('0')) return 'leading zeros'
    const number = decimal(group)
    if (typeof number === 'string') return number
    if (number < 0 || number > 255) return 'decimal must be between 0 and 255'
  }
  return undefined
}

function decimal(text: string): number | string {
  try {
    return Number(atoi(text))
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

/** Source: RFC 4291, section 2.2. */
export function ipv6Problem(text: string): string | undefined {
  if (!text.includes(':')) return 'missing colon'
  const problem = addressProblem(text)
  if (problem !== undefined) return problem
  return text.includes('%') ? 'zone id is not a part of ipv6 address' : undefined
}

/** Source: RFC 1123, section 2.1. */
export function hostNameProblem(text: string): string | undefined {
  const name = text.replace(/\.$/, '')
  if (goByteLength(name) > 253) return 'more than 253 characters long'
  for (const label of name.split('.')) {
    const length = goByteLength(label)
    if (length < 1 || length > 63) return 'label must be 1 to 63 characters long'
    if (label.startsWith('-')) return 'label starts with hyphen'
    if (label.endsWith('-')) return 'label ends with hyphen'
    const strange = firstOther(label, /[A-Za-z0-9-]/)
    if (strange !== undefined) return `invalid character ${quotedCharacter(strange)}`
  }
  return undefined
}

/** Source: RFC 5321, section 4.1.2. */
export function emailProblem(text: string): string | undefined {
  if (goByteLength(text) > 254) return 'more than 255 characters long'
  const at = text.lastIndexOf('@')
  if (at < 0) return 'missing @'
  return localPartProblem(text.slice(0, at)) ?? domainProblem(text.slice(at + 1))
}

function localPartProblem(local: string): string | undefined {
  if (goByteLength(local) > 64) return 'local part more than 64 characters long'
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"')) {
    return /["\\]/.test(local.slice(1, -1))
      ? 'backslash and quote are not allowed within quoted local part'
      : undefined
  }
  if (local.startsWith('.')) return 'starts with dot'
  if (local.endsWith('.')) return 'ends with dot'
  if (local.includes('..')) return 'consecutive dots'
  const strange = firstOther(local, /[A-Za-z0-9.!#$%&'*+\-/=?^_`{|}~]/)
  return strange === undefined ? undefined : `invalid character ${quotedCharacter(strange)}`
}

function domainProblem(domain: string): string | undefined {
  if (!domain.startsWith('[') || !domain.endsWith(']')) {
    const problem = hostNameProblem(domain)
    return problem === undefined ? undefined : `invalid domain: ${problem}`
  }
  const literal = domain.slice(1, -1)
  if (literal.startsWith('IPv6:')) {
    const problem = ipv6Problem(literal.slice('IPv6:'.length))
    return problem === undefined ? undefined : `invalid ipv6 address: ${problem}`
  }
  const problem = ipv4Problem(literal)
  return problem === undefined ? undefined : `invalid ipv4 address: ${problem}`
}

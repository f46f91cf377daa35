import { quote } from '@sluice/go'
import { type CelType, objectType } from '../../types/cel-type.ts'
import { type CelValue, OpaqueValue } from '../../values/value.ts'

export const semverType: CelType = objectType('kubernetes.Semver')

/** A part of a pre-release: numbers come before texts. */
type Identifier = bigint | string

/**
 * A version as https://semver.org/spec/v2.0.0.html has it; numbers fit 64 bits without sign.
 */
export class Semver extends OpaqueValue {
  readonly type: CelType = semverType
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly prerelease: readonly Identifier[]
  readonly build: readonly string[]

  constructor(
    numbers: readonly [bigint, bigint, bigint],
    prerelease: readonly Identifier[],
    build: readonly string[],
  ) {
    super()
    this.numbers = numbers
    this.prerelease = prerelease
    this.build = build
  }

  equals(other: CelValue): boolean {
    return other instanceof Semver && this.compare(other) === 0
  }

  /** The build does not count; a pre-release comes before its release. */
  compare(other: Semver): number {
    for (const [index, number] of this.numbers.entries()) {
      const order = compare(number, other.numbers[index] ?? 0n)
      if (order !== 0) return order
    }
    const mine = this.prerelease
    const theirs = other.prerelease
    if (mine.length === 0 || theirs.length === 0) {
      return Number(mine.length === 0) - Number(theirs.length === 0)
    }
    for (const [index, identifier] of mine.entries()) {
      const opposite = theirs[index]
      if (opposite === undefined) return 1
      const order = compareIdentifiers(identifier, opposite)
      if (order !== 0) return order
    }
    return mine.length < theirs.length ? -1 : 0
  }

  toString(): string {
    const prerelease = this.prerelease.length === 0 ? '' : `-${this.prerelease.join('.')}`
    const build = this.build.length === 0 ? '' : `+${this.build.join('.')}`
    return `${this.numbers.join('.')}${prerelease}${build}`
  }
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function compareIdentifiers(a: Identifier, b: Identifier): number {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? compare(a, b) : -1
  return typeof b === 'bigint' ? 1 : compare(a, b)
}

const names = ['Major', 'Minor', 'Patch'] as const
const digitsOnly = /^\d*$/
const alphanumeric = /^[\dA-Za-z-]*$/
const maxUint64 = 2n ** 64n - 1n

/** Parses a version; a string says what is wrong. */
export function parseSemver(text: string): Semver | string {
  if (text === '') return 'Version string empty'
  const parts = splitVersion(text)
  if (parts.length !== 3) return 'No Major.Minor.Patch elements found'
  const [major = '', minor = '', rest = ''] = parts
  const first = readNumber(major, names[0])
  if (typeof first === 'string') return first
  const second = readNumber(minor, names[1])
  if (typeof second === 'string') return second
  const { head: beforeBuild, tail: build } = cut(rest, '+')
  const { head: patch, tail: prerelease } = cut(beforeBuild, '-')
  const third = readNumber(patch, names[2])
  if (typeof third === 'string') return third
  const identifiers: Identifier[] = []
  for (const part of prerelease) {
    const identifier = readIdentifier(part)
    if (typeof identifier === 'object') return identifier.failure
    identifiers.push(identifier)
  }
  for (const part of build) {
    if (part === '') return 'Build meta data is empty'
    if (!alphanumeric.test(part)) return `Invalid character(s) found in build meta data ${quote(part)}`
  }
  return new Semver([first, second, third], identifiers, build)
}

/** Parses what is nearly a version: with a `v`, zeros before numbers, or fewer than three of them. */
export function parseTolerantSemver(text: string): Semver | string {
  const parts = splitVersion(text.replace(/^v/, '')).map((part) => {
    if (part.length <= 1) return part
    const trimmed = part.replace(/^0+/, '')
    return /^\d/.test(trimmed) ? trimmed : `0${trimmed}`
  })
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    return 'short version cannot contain PreRelease/Build meta data'
  }
  while (parts.length < 3) parts.push('0')
  return parseSemver(parts.join('.'))
}

/** The first two numbers, and all that comes after the second dot. */
function splitVersion(text: string): string[] {
  const parts = text.split('.')
  return parts.length <= 3 ? parts : [...parts.slice(0, 2), parts.slice(2).join('.')]
}

function cut(text: string, sign: string): { readonly head: string; readonly tail: readonly string[] } {
  const at = text.indexOf(sign)
  return at < 0 ? { head: text, tail: [] } : { head: text.slice(0, at), tail: text.slice(at + 1).split('.') }
}

function readNumber(text: string, name: (typeof names)[number]): bigint | string {
  if (!digitsOnly.test(text)) {
    return `Invalid character(s) found in ${name.toLowerCase()} number ${quote(text)}`
  }
  if (text.length > 1 && text.startsWith('0')) {
    return `${name} number must not contain leading zeroes ${quote(text)}`
  }
  if (text === '') return 'strconv.ParseUint: parsing "": invalid syntax'
  const value = BigInt(text)
  return value > maxUint64 ? `strconv.ParseUint: parsing ${quote(text)}: value out of range` : value
}

function readIdentifier(text: string): Identifier | { readonly failure: string } {
  if (text === '') return { failure: 'Prerelease is empty' }
  if (!digitsOnly.test(text)) {
    return alphanumeric.test(text)
      ? text
      : { failure: `Invalid character(s) found in prerelease ${quote(text)}` }
  }
  if (text.length > 1 && text.startsWith('0')) {
    return { failure: `Numeric PreRelease version must not contain leading zeroes ${quote(text)}` }
  }
  const value = BigInt(text)
  return value > maxUint64
    ? { failure: `strconv.ParseUint: parsing ${quote(text)}: value out of range` }
    : value
}

import { goByteLength } from '../byte-string.ts'
import { SemverError } from './semver-error.ts'

/** A version of Semantic Versioning; what stood in the text is in `original`. */
export class SemverVersion {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: string
  readonly metadata: string
  readonly original: string

  constructor(
    numbers: readonly [major: bigint, minor: bigint, patch: bigint],
    {
      prerelease = '',
      metadata = '',
      original,
    }: { prerelease?: string; metadata?: string; original?: string } = {},
  ) {
    ;[this.major, this.minor, this.patch] = numbers
    this.prerelease = prerelease
    this.metadata = metadata
    this.original = original ?? this.toString()
  }

  /** The canonical form, without a leading `v`. */
  toString(): string {
    const prerelease = this.prerelease === '' ? '' : `-${this.prerelease}`
    const metadata = this.metadata === '' ? '' : `+${this.metadata}`
    return `${this.major}.${this.minor}.${this.patch}${prerelease}${metadata}`
  }
}

const maxBytes = 256
const maxUint64 = 2n ** 64n - 1n
const invalid = 'invalid semantic version'
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const loose = new RegExp(
  `^v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-(${identifiers}))?(?:\\+(${identifiers}))?$`,
)

/**
 * Reads a version that may lack parts, have leading zeros and a `v`: `v1`, `1.2`, `2023.01.02`.
 *
 * Source: github.com/Masterminds/semver/v3 3.5.0, NewVersion.
 * @throws {SemverError}
 */
export function parseVersion(text: string): SemverVersion {
  checkLength(text)
  const match = loose.exec(text)
  if (!match) throw versionError(invalid)
  const [, major = '', minor = '0', patch = '0', prerelease = '', metadata = ''] = match
  const prefix = 'error parsing version segment: '
  const numbers = [segment(major, prefix), segment(minor, prefix), segment(patch, prefix)] as const
  if (prerelease !== '') checkPrerelease(prerelease)
  return new SemverVersion(numbers, { prerelease, metadata, original: text })
}

/**
 * Reads a version exactly as semver.org has it.
 *
 * Source: github.com/Masterminds/semver/v3 3.5.0, StrictNewVersion.
 * @throws {SemverError}
 */
export function parseStrictVersion(text: string): SemverVersion {
  if (text === '') throw versionError('version string empty')
  checkLength(text)
  const parts = text.split('.')
  if (parts.length < 3) throw versionError(invalid)
  const [major = '', minor = '', ...others] = parts
  const [beforeMetadata, metadata] = cut(others.join('.'), '+')
  if (metadata !== undefined) checkMetadata(metadata)
  const [patch, prerelease] = cut(beforeMetadata, '-')
  if (prerelease !== undefined) checkPrerelease(prerelease)
  for (const part of [major, minor, patch]) {
    if (/[^0-9]/.test(part)) throw versionError('invalid characters in version')
    if (part.length > 1 && part.startsWith('0')) throw versionError('version segment starts with 0')
  }
  return new SemverVersion([segment(major), segment(minor), segment(patch)], {
    original: text,
    ...(prerelease !== undefined && { prerelease }),
    ...(metadata !== undefined && { metadata }),
  })
}

/**
 * Reads a version as Flux does: three parts, otherwise as {@link parseVersion}.
 *
 * Source: github.com/fluxcd/pkg/version 0.16, ParseVersion.
 * @throws {SemverError}
 */
export function parseFluxVersion(text: string): SemverVersion {
  if (text.split('.').length < 3) throw versionError(invalid)
  return parseVersion(text)
}

/** {@link parseFluxVersion}, or nothing for a text, such as a tag, that is no version. */
export function tryParseFluxVersion(text: string): SemverVersion | undefined {
  try {
    return parseFluxVersion(text)
  } catch (error) {
    if (error instanceof SemverError) return undefined
    throw error
  }
}

/** -1, 0 or 1: the order of precedence. Metadata does not count. */
export function compareVersions(a: SemverVersion, b: SemverVersion): -1 | 0 | 1 {
  return (
    compareNumbers(a.major, b.major) ||
    compareNumbers(a.minor, b.minor) ||
    compareNumbers(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  )
}

/** The next version: of a pre-release the next patch is its release. @throws {SemverError} beyond 64 bits */
export function incrementVersion(version: SemverVersion, part: 'major' | 'minor' | 'patch'): SemverVersion {
  const { major, minor, patch, prerelease, original } = version
  const increased = part === 'patch' && prerelease !== '' ? 0n : 1n
  if (version[part] === maxUint64 && increased > 0n) {
    throw versionError(`${part} version increment would overflow uint64`)
  }
  const numbers: Record<typeof part, readonly [bigint, bigint, bigint]> = {
    major: [major + 1n, 0n, 0n],
    minor: [major, minor + 1n, 0n],
    patch: [major, minor, patch + increased],
  }
  const next = new SemverVersion(numbers[part])
  return original.startsWith('v')
    ? new SemverVersion(numbers[part], { original: `v${next.toString()}` })
    : next
}

/** The order of pre-releases; none comes after all. @returns -1, 0 or 1 */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  if (a === '') return 1
  if (b === '') return -1
  const left = a.split('.')
  const right = b.split('.')
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const order = compareIdentifiers(left[i] ?? '', right[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function compareIdentifiers(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  // A list that is the beginning of the other comes first.
  if (a === '') return -1
  if (b === '') return 1
  const x = identifierNumber(a)
  const y = identifierNumber(b)
  if (x === undefined && y === undefined) return a > b ? 1 : -1
  if (y === undefined) return -1
  if (x === undefined) return 1
  return x > y ? 1 : -1
}

/** A numeric identifier; one beyond 64 bits counts as text. */
function identifierNumber(text: string): bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined
  const value = BigInt(text)
  return value > maxUint64 ? undefined : value
}

function compareNumbers(a: bigint, b: bigint): -1 | 0 | 1 {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function segment(digits: string, prefix = ''): bigint {
  const value = BigInt(digits)
  if (digits !== '' && value <= maxUint64) return value
  const reason = digits === '' ? 'invalid syntax' : 'value out of range'
  throw versionError(`${prefix}strconv.ParseUint: parsing "${digits}": ${reason}`)
}

function checkLength(text: string): void {
  if (text.length * 3 > maxBytes && goByteLength(text) > maxBytes) {
    throw versionError(`version string is too long (max ${maxBytes} bytes)`)
  }
}

function checkPrerelease(text: string): void {
  for (const part of text.split('.')) {
    if (/^[0-9]+$/.test(part)) {
      if (part.length > 1 && part.startsWith('0')) throw versionError('version segment starts with 0')
    } else if (!/^[0-9A-Za-z-]+$/.test(part)) {
      throw versionError('invalid prerelease string')
    }
  }
}

function checkMetadata(text: string): void {
  if (!text.split('.').every((part) => /^[0-9A-Za-z-]+$/.test(part))) {
    throw versionError('invalid metadata string')
  }
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function versionError(message: string): SemverError {
  return new SemverError('SEMVER_VERSION', message)
}

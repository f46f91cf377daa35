import { compileRegexp, type GoRegexp } from '../regexp/regexp.ts'
import { quote } from '../strconv/quote.ts'
import { SemverError } from './semver-error.ts'
import { comparePrereleases, compareVersions, parseVersion, type SemverVersion } from './version.ts'

const maxLength = 8_192

/** One comparison such as `>=1.2`. */
type Comparison = {
  readonly operator: string
  /** As written, without the operator. */
  readonly text: string
  /** What is left out or `x` counts as 0. */
  readonly version: SemverVersion
  /** Which part is the first that is left out or `x`. */
  readonly open: 'none' | 'major' | 'minor' | 'patch'
}

/** Comparisons that must all hold. */
type Group = { readonly comparisons: readonly Comparison[]; readonly hasPrerelease: boolean }

/** Why a version does not meet a comparison; `undefined` when it does. */
type Verdict = string | undefined
type Check = (version: SemverVersion, comparison: Comparison) => Verdict

const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
// A bar is among the characters by an old oversight, and stays there for what it makes valid.
const part = '[0-9|xX*]+'
const operators = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^'
const versionParts = `v?(${part})(\\.${part})?(\\.${part})?(-${identifiers})?(?:\\+${identifiers})?`
const anyVersion = versionParts.replaceAll(/\((?!\?)/g, '(?:')
const anyComparison = `(?:${operators})\\s*${anyVersion}`

// On RE2's engine, since hostile texts would take a host RegExp exponential time.
const range = once(`\\s*(${anyVersion})\\s+-\\s+(${anyVersion})\\s*`)
const wholeGroup = once(`^\\s*${anyComparison}\\s*(?:(?:\\s+|,\\s*)${anyComparison}\\s*)*$`)
const eachComparison = once(anyComparison)
const oneComparison = once(`^\\s*(${operators})\\s*(${versionParts})\\s*$`)

/**
 * A condition on versions: comparisons that must all hold, separated by spaces or commas, and alternatives separated
 * by `||`. A pre-release meets a group only when a comparison of it names a pre-release.
 *
 * Source: github.com/Masterminds/semver/v3 3.5.0.
 */
export class SemverConstraint {
  readonly #groups: readonly Group[]

  constructor(groups: readonly Group[]) {
    this.#groups = groups
  }

  /** Whether `version` meets it. */
  check(version: SemverVersion): boolean {
    return this.#groups.some(({ comparisons, hasPrerelease }) => {
      if (version.prerelease !== '' && !hasPrerelease) return false
      return comparisons.every((it) => checks.get(it.operator)?.(version, it) === undefined)
    })
  }

  /** Why `version` does not meet it, in the words of the original; nothing when it does. */
  validate(version: SemverVersion): string[] {
    const reasons: string[] = []
    let prereleaseTold = false
    for (const { comparisons, hasPrerelease } of this.#groups) {
      if (version.prerelease !== '' && !hasPrerelease) {
        if (!prereleaseTold) {
          const shown = quote(version.toString())
          reasons.push(
            `${shown} is a prerelease version and the constraint is only looking for release versions`,
          )
        }
        prereleaseTold = true
        continue
      }
      const verdicts = comparisons.flatMap((it) => checks.get(it.operator)?.(version, it) ?? [])
      if (verdicts.length === 0) return []
      reasons.push(...verdicts)
    }
    return reasons
  }

  toString(): string {
    return this.#groups
      .map(({ comparisons }) => comparisons.map((it) => it.operator + it.text).join(' '))
      .join(' || ')
  }
}

/** Reads a constraint of at most 8,192 characters. @throws {SemverError} */
export function parseConstraint(text: string): SemverConstraint {
  if (text.length > maxLength) {
    throw new SemverError('SEMVER_CONSTRAINT', `constraint string is too long (max ${maxLength} characters)`)
  }
  return new SemverConstraint(rewriteRanges(text).split('||').map(parseGroup))
}

/** `1.2 - 1.4` is `>= 1.2, <= 1.4`. */
function rewriteRanges(text: string): string {
  return range()
    .findAll(text)
    .reduce(
      (result, [whole = '', low = '', high = '']) => result.replace(whole, () => `>= ${low}, <= ${high} `),
      text,
    )
}

function parseGroup(text: string): Group {
  if (!wholeGroup().test(text)) throw improper(text)
  const comparisons = eachComparison()
    .findAll(text)
    .map(([it = '']) => parseComparison(it))
  return { comparisons, hasPrerelease: comparisons.some((it) => it.version.prerelease !== '') }
}

function parseComparison(text: string): Comparison {
  const match = oneComparison().find(text)
  if (!match) throw improper(text)
  const [, operator = '', written = '', major = '', minor = '', patch = '', prerelease = ''] = match
  let open: Comparison['open'] = 'none'
  let complete = written
  if (isOpen(major)) {
    open = 'major'
    complete = `0.0.0${prerelease}`
  } else if (isOpen(minor)) {
    open = 'minor'
    complete = `${major}.0.0${prerelease}`
  } else if (isOpen(patch)) {
    open = 'patch'
    complete = `${major}${minor}.0${prerelease}`
  }
  try {
    return { operator, text: written, version: parseVersion(complete), open }
  } catch (error) {
    if (!(error instanceof SemverError)) throw error
    throw new SemverError('SEMVER_CONSTRAINT', 'constraint parser error')
  }
}

function isOpen(written: string): boolean {
  return /^\.?[xX*]?$/.test(written)
}

/** Compiles at the first use: importing this module must cost nothing. */
function once(pattern: string): () => GoRegexp {
  let compiled: GoRegexp | undefined
  return () => (compiled ??= compileRegexp(pattern))
}

function improper(text: string): SemverError {
  return new SemverError('SEMVER_CONSTRAINT', `improper constraint: ${quote(text)}`)
}

const checks: ReadonlyMap<string, Check> = new Map([
  ['', equal],
  ['=', equal],
  ['!=', notEqual],
  ['>', greater],
  ['<', less],
  ['>=', atLeast],
  ['=>', atLeast],
  ['<=', atMost],
  ['=<', atMost],
  ['~', tilde],
  ['~>', tilde],
  ['^', caret],
])

function equal(candidate: SemverVersion, wanted: Comparison): Verdict {
  if (wanted.open !== 'none') return tilde(candidate, wanted)
  return compareVersions(candidate, wanted.version) === 0
    ? undefined
    : say(candidate, 'is not equal to', wanted)
}

function notEqual(candidate: SemverVersion, wanted: Comparison): Verdict {
  const { version: of, open } = wanted
  if (open !== 'none') {
    if (of.major !== candidate.major) return undefined
    if (of.minor !== candidate.minor && open !== 'minor') return undefined
    if (open === 'minor') return say(candidate, 'is equal to', wanted)
    if (of.patch !== candidate.patch && open !== 'patch') return undefined
    if (open === 'patch') {
      return comparePrereleases(candidate.prerelease, of.prerelease) === 0
        ? say(candidate, 'is equal to', wanted)
        : undefined
    }
  }
  return compareVersions(candidate, of) === 0 ? say(candidate, 'is equal to', wanted) : undefined
}

/** `>11` means 12 or higher, `>11.1` means 11.2 or higher. */
function greater(candidate: SemverVersion, wanted: Comparison): Verdict {
  const { version: of, open } = wanted
  let holds = compareVersions(candidate, of) > 0
  if (open !== 'none') {
    if (candidate.major !== of.major) holds = candidate.major > of.major
    else if (open === 'minor') holds = false
    else if (open === 'patch') holds = candidate.minor > of.minor
  }
  return holds ? undefined : say(candidate, 'is less than or equal to', wanted)
}

function less(candidate: SemverVersion, wanted: Comparison): Verdict {
  return compareVersions(candidate, wanted.version) < 0
    ? undefined
    : say(candidate, 'is greater than or equal to', wanted)
}

function atLeast(candidate: SemverVersion, wanted: Comparison): Verdict {
  return compareVersions(candidate, wanted.version) >= 0 ? undefined : say(candidate, 'is less than', wanted)
}

function atMost(candidate: SemverVersion, wanted: Comparison): Verdict {
  const { version: of, open } = wanted
  let holds = compareVersions(candidate, of) <= 0
  if (open !== 'none') {
    holds =
      candidate.major < of.major ||
      (candidate.major === of.major && (open === 'minor' || candidate.minor <= of.minor))
  }
  return holds ? undefined : say(candidate, 'is greater than', wanted)
}

/** `~1.2.3` is `>=1.2.3 <1.3.0`, `~1` is `>=1.0.0 <2.0.0`, `~*` is anything. */
function tilde(candidate: SemverVersion, wanted: Comparison): Verdict {
  const { version: of, open } = wanted
  if (compareVersions(candidate, of) < 0) return say(candidate, 'is less than', wanted)
  const isZero = of.major === 0n && of.minor === 0n && of.patch === 0n
  if (isZero && open !== 'minor' && open !== 'patch') return undefined
  if (candidate.major !== of.major) return say(candidate, 'does not have same major version as', wanted)
  if (candidate.minor !== of.minor && open !== 'minor') {
    return say(candidate, 'does not have same major and minor version as', wanted)
  }
  return undefined
}

/** `^1.2.3` is `>=1.2.3 <2.0.0`, `^0.2.3` is `>=0.2.3 <0.3.0`, `^0.0.3` is `=0.0.3`, `^0` is `<1.0.0`. */
function caret(candidate: SemverVersion, wanted: Comparison): Verdict {
  const { version: of, open } = wanted
  if (compareVersions(candidate, of) < 0) return say(candidate, 'is less than', wanted)
  if (candidate.major !== of.major) return say(candidate, 'does not have same major version as', wanted)
  if (of.major > 0n || open === 'minor') return undefined
  if (of.minor > 0n || open === 'patch') {
    if (candidate.minor === of.minor) return undefined
    const reason = say(candidate, 'does not have same minor version as', wanted)
    return `${reason}. Expected minor versions to match when constraint major version is 0`
  }
  if (candidate.minor > 0n) return say(candidate, 'does not have same minor version as', wanted)
  if (candidate.patch === of.patch) return undefined
  const reason = say(candidate, 'does not equal', wanted)
  return `${reason}. Expect version and constraint to equal when major and minor versions are 0`
}

function say(candidate: SemverVersion, relation: string, { text }: Comparison): string {
  return `${quote(candidate.toString())} ${relation} ${quote(text)}`
}

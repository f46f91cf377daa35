import {
  compareGoStrings,
  compareVersions,
  GoError,
  parseConstraint,
  parseFloat64,
  SemverError,
  type SemverVersion,
  tryParseFluxVersion,
} from '@sluice/go'
import { ImageError } from '../image-error.ts'

/** How a policy sees texts: what it makes of one, and which of two is the later. */
export type Ordering<Value> = {
  /**
   * What is compared of a text; nothing when the text does not count.
   *
   * @throws {ImageError} `IMAGE_NO_TAG` for a text that spoils the whole list.
   */
  readonly read: (text: string) => Value | undefined
  /** Above 0 when `a` is later than `b`. */
  readonly compare: (a: Value, b: Value) => number
  /** Why a text is not read, in a few words. */
  readonly refusal: (text: string) => string
  /** What the latest is, such as `the highest version in 1.x`. */
  readonly latest: string
}

/** The highest version within a range; what is no version does not count. @throws {ImageError} for a bad range */
export function semverOrdering(range: string): Ordering<SemverVersion> {
  const constraint = parseRange(range)
  return {
    read: (text) => {
      const version = readVersion(text)
      return version && constraint.check(version) ? version : undefined
    },
    compare: compareVersions,
    refusal: (text) => (readVersion(text) ? `not within ${range}` : 'no semantic version'),
    latest: `the highest version within ${range}`,
  }
}

/** The last in alphabetical order, or with `desc` the first; bytes count, so capitals come before small letters. */
export function alphabeticalOrdering(order: string | undefined): Ordering<string> {
  const isDescending = readOrder(order) === 'DESC'
  return {
    read: (text) => text,
    compare: isDescending ? (a, b) => compareGoStrings(b, a) : compareGoStrings,
    refusal: () => '',
    latest: `the ${isDescending ? 'first' : 'last'} in alphabetical order`,
  }
}

/** The largest number, or with `desc` the smallest. */
export function numericalOrdering(order: string | undefined): Ordering<number> {
  const isDescending = readOrder(order) === 'DESC'
  return {
    read: numberOf,
    compare: isDescending ? (a, b) => b - a : (a, b) => a - b,
    refusal: () => 'no number',
    latest: `the ${isDescending ? 'smallest' : 'largest'} number`,
  }
}

/** Most tags that are no versions show it at once; the others cost an exception each. */
function readVersion(text: string): SemverVersion | undefined {
  return /^v?[0-9]/.test(text) ? tryParseFluxVersion(text) : undefined
}

function readOrder(order: string | undefined): 'ASC' | 'DESC' {
  const wanted = (order === undefined || order === '' ? 'ASC' : order).toUpperCase()
  if (wanted === 'ASC' || wanted === 'DESC') return wanted
  const message = `invalid order argument provided: '${wanted}', must be one of: ASC, DESC`
  throw new ImageError('IMAGE_POLICY_INVALID', message)
}

function parseRange(range: string): ReturnType<typeof parseConstraint> {
  try {
    return parseConstraint(range)
  } catch (cause) {
    if (!(cause instanceof SemverError)) throw cause
    throw new ImageError('IMAGE_POLICY_INVALID', cause.message)
  }
}

function numberOf(text: string): number {
  try {
    return parseFloat64(text)
  } catch (cause) {
    if (!(cause instanceof GoError)) throw cause
    throw new ImageError('IMAGE_NO_TAG', `failed to parse invalid numeric value '${text}'`)
  }
}

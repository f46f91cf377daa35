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

/** Picks the latest of some texts, of which there is at least one. @throws {ImageError} `IMAGE_NO_TAG` */
export type Latest = (texts: readonly string[]) => string

/** The highest version within a range; what is no version does not count. @throws {ImageError} for a bad range */
export function semverLatest(range: string): Latest {
  const constraint = parseRange(range)
  return (texts) => {
    let latest: SemverVersion | undefined
    for (const text of texts) {
      const version = tryParseFluxVersion(text)
      if (!version || !constraint.check(version)) continue
      if (!latest || compareVersions(version, latest) > 0) latest = version
    }
    if (latest) return latest.original
    throw new ImageError('IMAGE_NO_TAG', 'unable to determine latest version from provided list')
  }
}

/** The last in alphabetical order, or with `desc` the first; bytes count, so capitals come before small letters. */
export function alphabeticalLatest(order: string | undefined): Latest {
  const descending = isDescending(order)
  return (texts) =>
    texts.reduce((best, text) => (compareGoStrings(text, best) < 0 === descending ? text : best))
}

/** The largest number, or with `desc` the smallest; of equal ones the later. @throws {ImageError} for what is none */
export function numericalLatest(order: string | undefined): Latest {
  const descending = isDescending(order)
  return (texts) => {
    let latest = ''
    let latestValue = 0
    for (const [index, text] of texts.entries()) {
      const value = numberOf(text)
      const isOlder = descending ? value > latestValue : value < latestValue
      if (index > 0 && isOlder) continue
      latest = text
      latestValue = value
    }
    return latest
  }
}

function isDescending(order: string | undefined): boolean {
  const wanted = (order === undefined || order === '' ? 'ASC' : order).toUpperCase()
  if (wanted === 'ASC' || wanted === 'DESC') return wanted === 'DESC'
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

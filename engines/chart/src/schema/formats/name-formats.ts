import { goByteLength, quoteRune } from '@sluice/go'

/** Source: RFC 6901, section 3. */
export function jsonPointerProblem(text: string): string | undefined {
  if (text === '') return undefined
  if (!text.startsWith('/')) return 'not starting with /'
  return /~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined
}

/** Source: draft-handrews-relative-json-pointer-01, section 3. */
export function relativePointerProblem(text: string): string | undefined {
  const digits = /^\d*/.exec(text)?.[0] ?? ''
  if (digits === '') return 'must start with non-negative integer'
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero'
  const rest = text.slice(digits.length)
  return rest === '#' ? undefined : jsonPointerProblem(rest)
}

const uuidLengths = [8, 4, 4, 4, 12]

/** Source: RFC 4122, section 3. */
export function uuidProblem(text: string): string | undefined {
  const groups = text.split('-')
  if (groups.length !== uuidLengths.length) return `must have ${uuidLengths.length} elements`
  for (const [index, group] of groups.entries()) {
    const length = uuidLengths[index] ?? 0
    if (goByteLength(group) !== length) return `element ${index + 1} must be ${length} characters long`
    const strange = firstOther(group, /[0-9a-fA-F]/)
    if (strange !== undefined) return `non-hex character ${quotedCharacter(strange)}`
  }
  return undefined
}

const numberNames = ['major', 'minor', 'patch']

/** Source: https://semver.org/spec/v2.0.0.html */
export function semverProblem(text: string): string | undefined {
  const [beforeBuild, build] = cut(text, '+')
  const [core, preRelease] = cut(beforeBuild, '-')
  return (
    (build === undefined ? undefined : buildProblem(build)) ??
    (preRelease === undefined ? undefined : preReleaseProblem(preRelease)) ??
    coreProblem(core)
  )
}

function buildProblem(build: string): string | undefined {
  if (build === '') return 'build is empty'
  for (const identifier of build.split('.')) {
    if (identifier === '') return 'build identifier is empty'
    const strange = firstOther(identifier, /[0-9A-Za-z-]/)
    if (strange !== undefined) return `invalid character ${quotedCharacter(strange)} in build identifier`
  }
  return undefined
}

function preReleaseProblem(preRelease: string): string | undefined {
  for (const identifier of preRelease.split('.')) {
    if (identifier === '') return 'pre-release identifier is empty'
    const strange = firstOther(identifier, /[0-9A-Za-z-]/)
    if (strange !== undefined) {
      return `invalid character ${quotedCharacter(strange)} in pre-release identifier`
    }
    if (/^0\d+$/.test(identifier)) return 'pre-release numeric identifier starts with zero'
  }
  return undefined
}

function coreProblem(core: string): string | undefined {
  const numbers = core.split('.')
  if (numbers.length !== numberNames.length) return 'versionCore must have 3 numbers separated by dot'
  for (const [index, number] of numbers.entries()) {
    const name = numberNames[index]
    if (number === '') return `${name} is empty`
    if (number.length > 1 && number.startsWith('0')) return `${name} starts with zero`
    if (!/^\d*$/.test(number)) return `${name} contains non-digit`
  }
  return undefined
}

function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** The first character of a text that is not of a class. */
export function firstOther(text: string, allowed: RegExp): string | undefined {
  for (const character of text) if (!allowed.test(character)) return character
  return undefined
}

export function quotedCharacter(character: string): string {
  return quoteRune(character.codePointAt(0) ?? 0)
}

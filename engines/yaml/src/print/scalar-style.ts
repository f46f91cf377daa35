import { isBase60, resolveType } from '../read/resolve.ts'
import { charSet, isBlankOrEnd, isBreak } from '../scan/characters.ts'

/** How a string is printed. */
export type PrintStyle = 'plain' | 'single' | 'double' | 'literal'

/** What the characters of a text allow. */
type Analysis = {
  readonly multiline: boolean
  readonly plainAllowed: boolean
  readonly singleAllowed: boolean
  readonly blockAllowed: boolean
}

const neverFirst = charSet('#,[]{}&*!|>\'"%@`')
const obviouslyPlain = /^[A-Za-z_/][\x21-\x7e]*$/

/**
 * The style that go-yaml prints a string in.
 *
 * @param isKey whether it is a key on one line with its value, where only one line is possible
 */
export function styleOf(text: string, isKey: boolean): PrintStyle {
  if (text === '') return 'double'
  if (obviouslyPlain.test(text) && text.charCodeAt(text.length - 1) !== 58) {
    return resolveType(text) === 'str' ? 'plain' : 'double'
  }
  const { multiline, plainAllowed, singleAllowed, blockAllowed } = analyze(text)
  if (isKey && multiline) return 'double'
  if (text.includes('\n')) return blockAllowed && !isKey ? 'literal' : 'double'
  if (resolveType(text) !== 'str' || isBase60(text)) return 'double'
  if (plainAllowed) return 'plain'
  return singleAllowed ? 'single' : 'double'
}

/** Whether a text has line breaks of any kind. */
export function isMultiline(text: string): boolean {
  return /[\n\r\x85\u2028\u2029]/.test(text)
}

/** Source: go.yaml.in/yaml/v2 2.4.4, emitterc.go, yaml_emitter_analyze_scalar. */
function analyze(text: string): Analysis {
  const indicators = hasBlockIndicators(text)
  const last = text.charCodeAt(text.length - 1)
  const first = text.charCodeAt(0)
  let lineBreaks = false
  let special = false
  let breakSpace = false
  let spaceBreak = false
  let previous = 0
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit === 32) {
      if (isBreak(previous)) breakSpace = true
    } else if (isBreak(unit)) {
      lineBreaks = true
      if (previous === 32) spaceBreak = true
    }
    if (!isPrintable(unit)) special = true
    previous = unit
  }
  const edges = first === 32 || last === 32 || isBreak(first) || isBreak(last)
  return {
    multiline: lineBreaks,
    plainAllowed: !edges && !breakSpace && !spaceBreak && !special && !lineBreaks && !indicators,
    singleAllowed: !breakSpace && !spaceBreak && !special,
    blockAllowed: last !== 32 && !spaceBreak && !special,
  }
}

function hasBlockIndicators(text: string): boolean {
  if (text.startsWith('---') || text.startsWith('...')) return true
  const first = text.charCodeAt(0)
  if (neverFirst.has(first)) return true
  const second = text.length > 1 ? text.charCodeAt(1) : 0
  if ((first === 63 || first === 58 || first === 45) && isBlankUnit(second)) return true
  for (let i = 1; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit === 58 && (i + 1 === text.length || isBlankUnit(text.charCodeAt(i + 1)))) return true
    if (unit === 35 && isBlankOrEnd(text.charCodeAt(i - 1))) return true
  }
  return false
}

/** Space, tab or the end. */
function isBlankUnit(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 0
}

/** Characters that go-yaml v2 prints as they are; those beyond U+FFFF are not among them. */
export function isPrintable(unit: number): boolean {
  if (unit <= 0x7e) return unit >= 0x20 || unit === 10
  if (unit < 0xa0) return false
  return unit < 0xd800 || (unit > 0xdfff && unit < 0xfffe && unit !== 0xfeff)
}

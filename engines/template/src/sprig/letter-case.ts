import { isAsciiOnly } from '@sluice/go'

const space = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/
const letter = /^\p{L}$/u
const digit = /^\p{Nd}$/u
const upper = /^\p{Lu}$/u
const lower = /^\p{Ll}$/u
/** Letters whose title case is not their upper case. */
const titles: ReadonlyMap<string, string> = new Map([
  ['Ǆ', 'ǅ'],
  ['ǅ', 'ǅ'],
  ['ǆ', 'ǅ'],
  ['Ǉ', 'ǈ'],
  ['ǈ', 'ǈ'],
  ['ǉ', 'ǈ'],
  ['Ǌ', 'ǋ'],
  ['ǋ', 'ǋ'],
  ['ǌ', 'ǋ'],
  ['Ǳ', 'ǲ'],
  ['ǲ', 'ǲ'],
  ['ǳ', 'ǲ'],
])

/** Small Greek letters with an iota below, whose capitals JavaScript takes apart. */
const iotaCapitals: ReadonlyMap<string, string> = new Map(
  Array.from('ᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾳῃῳ', (small, index) => [
    small,
    Array.from('ᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾼῌῼ')[index] ?? small,
  ]),
)

/** Go's unicode.IsSpace. */
export function isSpace(char: string): boolean {
  return space.test(char)
}

export function isUpper(char: string): boolean {
  return upper.test(char)
}

export function isLower(char: string): boolean {
  return lower.test(char)
}

export function isLetter(char: string): boolean {
  return letter.test(char)
}

export function isDigit(char: string): boolean {
  return digit.test(char)
}

/** Go's unicode.ToUpper: one character for one, unlike JavaScript's. */
export function upperChar(char: string): string {
  const mapped = char.toUpperCase()
  return isOneChar(mapped) ? mapped : (iotaCapitals.get(char) ?? char)
}

/** Go's unicode.ToLower. */
export function lowerChar(char: string): string {
  if (char === 'İ') return 'i'
  const mapped = char.toLowerCase()
  return isOneChar(mapped) ? mapped : char
}

/** Go's unicode.ToTitle. Georgian letters have an upper case that titles do not use. */
export function titleChar(char: string): string {
  const special = titles.get(char)
  if (special !== undefined) return special
  return char >= 'ა' && char <= 'ჿ' ? char : upperChar(char)
}

export function upperText(text: string): string {
  return isAsciiOnly(text) ? text.toUpperCase() : Array.from(charsOf(text), upperChar).join('')
}

export function lowerText(text: string): string {
  return isAsciiOnly(text) ? text.toLowerCase() : Array.from(charsOf(text), lowerChar).join('')
}

/** The text with U+FFFD for each byte that is no UTF-8: what Go changes rune by rune loses such bytes. */
export function charsOf(text: string): string {
  return text.replaceAll(/[\ud800-\udfff]/gu, '\ufffd')
}

/** Go's strings.Title: in ASCII all but letters, digits and underscores separates words, elsewhere only space. */
export function titleText(text: string): string {
  let startsWord = true
  let out = ''
  for (const char of charsOf(text)) {
    out += startsWord ? titleChar(char) : char
    startsWord = separates(char)
  }
  return out
}

function separates(char: string): boolean {
  if (char <= '\u007f') return !/^[0-9A-Za-z_]$/.test(char)
  return !isLetter(char) && !isDigit(char) && isSpace(char)
}

/** Turns the case of each letter; a letter that begins a word gets its title case. Source: goutils SwapCase. */
export function swapCase(text: string): string {
  let startsWord = true
  let out = ''
  for (const char of charsOf(text)) {
    if (isUpper(char) || titles.get(char) === char) {
      out += lowerChar(char)
      startsWord = false
    } else if (isLower(char)) {
      out += startsWord ? titleChar(char) : upperChar(char)
      startsWord = false
    } else {
      out += char
      startsWord = isSpace(char)
    }
  }
  return out
}

/** Makes the first letter of each word small. Source: goutils Uncapitalize. */
export function untitleText(text: string): string {
  let startsWord = true
  let out = ''
  for (const char of charsOf(text)) {
    if (isSpace(char)) {
      out += char
      startsWord = true
    } else {
      out += startsWord ? lowerChar(char) : char
      startsWord = false
    }
  }
  return out
}

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isSpace(text[from] ?? '')) from += 1
  while (to > from && isSpace(text[to - 1] ?? '')) to -= 1
  return text.slice(from, to)
}

function isOneChar(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)
}

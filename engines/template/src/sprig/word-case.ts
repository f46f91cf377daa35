import { isLetter, isSpace, isUpper, lowerChar, upperChar } from './letter-case.ts'

/**
 * `FirstName` from `first_name`. Underscores, hyphens and spaces that lead, double or end stay.
 *
 * Source: huandu/xstrings 1.5.0, ToPascalCase.
 */
export function pascalCase(text: string): string {
  const chars = Array.from(text)
  const start = chars.findIndex((char) => !isConnector(char))
  // The last connector of a text without words is written twice.
  if (start < 0) return text + (chars.at(-1) ?? '')
  let out = chars.slice(0, start).join('')
  let previous = upperChar(chars[start] ?? '')
  let inCapitals = isUpper(chars[start] ?? '')
  for (const char of chars.slice(start + 1)) {
    let current = char
    if (isConnector(previous)) {
      if (isConnector(char)) {
        out += previous
      } else {
        inCapitals = isUpper(char)
        current = upperChar(char)
      }
    } else {
      if (inCapitals && isUpper(char)) current = lowerChar(char)
      else inCapitals = false
      out += previous
    }
    previous = current
  }
  return out + previous
}

type WordKind = 'none' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punctuation' | 'other'
type Word = { readonly kind: WordKind; readonly text: string }

const noWord: Word = { kind: 'none', text: '' }

/**
 * `first_name` from `FirstName`, or with another connector. A number belongs to the word before it unless small
 * letters follow.
 *
 * Source: huandu/xstrings 1.5.0, ToSnakeCase and ToKebabCase.
 */
export function connectedCase(text: string, connector: string): string {
  const words = splitWords(text)
  let at = 0
  let out = ''
  let word = words[0] ?? noWord
  const next = (): Word => {
    at += 1
    return words[at] ?? noWord
  }
  const writeRun = (): void => {
    while (word.kind === 'alphabet' || word.kind === 'number') {
      out += lowered(word, connector)
      word = next()
    }
  }
  while (at < words.length - 1) {
    const previous = word
    if (previous.kind !== 'connector') out += lowered(previous, connector)
    word = next()
    if (previous.kind === 'number') {
      writeRun()
      if (!endsWord(word)) out += connector
    } else if (previous.kind === 'connector') {
      out += lowered(previous, connector)
    } else if (previous.kind !== 'punctuation') {
      if (word.kind !== 'number') {
        if (!endsWord(word)) out += connector
      } else if (at < words.length - 1) {
        const number = word
        word = next()
        const lettersFollow = word.kind === 'alphabet'
        if (lettersFollow) out += connector
        out += number.text
        if (lettersFollow) writeRun()
        if (!endsWord(word)) out += connector
      }
    }
  }
  return out + lowered(word, connector)
}

/** Whether no connector goes before this word. */
function endsWord({ kind }: Word): boolean {
  return kind === 'none' || kind === 'connector' || kind === 'punctuation'
}

function lowered({ kind, text }: Word, connector: string): string {
  if (kind !== 'upper' && kind !== 'connector') return text
  return Array.from(text, (char) =>
    isConnector(char) ? connector : isUpper(char) ? lowerChar(char) : char,
  ).join('')
}

function splitWords(text: string): readonly Word[] {
  const chars = Array.from(text)
  const words: Word[] = []
  for (let at = 0; at < chars.length; ) {
    const kind = kindOf(chars[at] ?? '')
    const end = kind === 'upper' ? endOfUpper(chars, at) : endOfRun(chars, at, kind)
    words.push({ kind, text: chars.slice(at, end).join('') })
    at = end
  }
  return words
}

function endOfRun(chars: readonly string[], from: number, kind: WordKind): number {
  let end = from + 1
  while (end < chars.length && kindOf(chars[end] ?? '') === kind) end += 1
  return end
}

/** `HTTPStatus` is `HTTP` and `Status`. */
function endOfUpper(chars: readonly string[], from: number): number {
  const second = chars[from + 1] ?? ''
  if (!isUpper(second)) return isAlphabet(second) ? endOfRun(chars, from + 1, 'alphabet') : from + 1
  const end = endOfRun(chars, from, 'upper')
  return end < chars.length && isAlphabet(chars[end] ?? '') ? end - 1 : end
}

function kindOf(char: string): WordKind {
  if (isConnector(char)) return 'connector'
  if (/^\p{P}$/u.test(char)) return 'punctuation'
  if (isUpper(char)) return 'upper'
  if (isAlphabet(char)) return 'alphabet'
  return /^\p{N}$/u.test(char) ? 'number' : 'other'
}

function isConnector(char: string): boolean {
  return char === '-' || char === '_' || isSpace(char)
}

/** Letters other than those of Chinese writing. */
function isAlphabet(char: string): boolean {
  const isHan =
    (char >= '\u3400' && char <= '\u4d85') ||
    (char >= '\u4e00' && char <= '\u9fcc') ||
    ((char.codePointAt(0) ?? 0) >= 0x20000 && (char.codePointAt(0) ?? 0) <= 0x2b81d)
  return isLetter(char) && !isHan
}

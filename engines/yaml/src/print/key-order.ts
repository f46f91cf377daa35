const letter = /\p{L}/u
const digit = /\p{Nd}/u

/**
 * The order of keys in go-yaml's output: letters after everything else, runs of digits by their number, otherwise
 * by code point. `a2` comes before `a10`.
 *
 * Source: go.yaml.in/yaml/v2 2.4.4, sorter.go; v3 has the same.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return compareAt(a, b, startOfCharacter(a, i))
  }
  return a.length - b.length
}

/** Sorts the keys of a mapping in place; most mappings are small and nearly sorted already. */
export function sortKeys(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i += 1) {
    if (compareKeys(keys[i - 1] ?? '', keys[i] ?? '') > 0) return keys.toSorted(compareKeys)
  }
  return keys
}

/** Compares the characters at offset `at`, before which both texts are equal. */
function compareAt(left: string, right: string, at: number): number {
  const x = left.codePointAt(at) ?? 0
  const y = right.codePointAt(at) ?? 0
  const xLetter = isLetter(x)
  const yLetter = isLetter(y)
  if (xLetter && yLetter) return x - y
  if (xLetter || yLetter) return yLetter ? -1 : 1
  // Zeros within a number count as digits of it, leading ones do not.
  const inNumber = (x === 48 || y === 48) && followsDigits(left, at)
  const a = digitRun(left, at, inNumber)
  const b = digitRun(right, at, inNumber)
  if (a.number !== b.number) return a.number < b.number ? -1 : 1
  if (a.length !== b.length) return a.length - b.length
  return x - y
}

function startOfCharacter(text: string, at: number): number {
  const isTrailing = (text.charCodeAt(at) & 0xfc00) === 0xdc00
  return isTrailing && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at
}

function followsDigits(text: string, at: number): boolean {
  for (let start = at; start > 0; ) {
    start = startOfCharacter(text, start - 1)
    const code = text.codePointAt(start) ?? 0
    if (!isDigit(code)) return false
    if (code !== 48) return true
  }
  return false
}

/** The digits from offset `at` on: how many they are, and their number after a 1 if they go on `inNumber`. */
function digitRun(text: string, at: number, inNumber: boolean): { number: bigint; length: number } {
  let number = inNumber ? 1n : 0n
  let length = 0
  for (let i = at; ; length += 1) {
    const code = text.codePointAt(i) ?? 0
    if (!isDigit(code)) return { number, length }
    // Go's int64 wraps around.
    number = BigInt.asIntN(64, number * 10n + BigInt(code - 48))
    i += code > 0xffff ? 2 : 1
  }
}

function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
  return letter.test(String.fromCodePoint(code))
}

function isDigit(code: number): boolean {
  if (code < 128) return code >= 48 && code <= 57
  return digit.test(String.fromCodePoint(code))
}

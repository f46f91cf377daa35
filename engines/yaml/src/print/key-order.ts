const letter = /\p{L}/u
const digit = /\p{Nd}/u
/** Keys of plain words compare by their units alone. */
const plainWord = /^[A-Za-z]*$/

/**
 * The order of keys in go-yaml's output: letters after everything else, runs of digits by their number, otherwise
 * by code point. `a2` comes before `a10`.
 *
 * Source: go.yaml.in/yaml/v2 2.4.4, sorter.go.
 */
export function compareKeys(a: string, b: string): number {
  if (plainWord.test(a) && plainWord.test(b)) return a < b ? -1 : a > b ? 1 : 0
  const left = Array.from(a)
  const right = Array.from(b)
  const length = Math.min(left.length, right.length)
  for (let i = 0; i < length; i += 1) {
    const x = left[i] ?? ''
    const y = right[i] ?? ''
    if (x !== y) return compareAt(left, right, i)
  }
  return left.length - right.length
}

/** Sorts the keys of a mapping in place; most mappings are small and nearly sorted already. */
export function sortKeys(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i += 1) {
    if (compareKeys(keys[i - 1] ?? '', keys[i] ?? '') > 0) return keys.toSorted(compareKeys)
  }
  return keys
}

function compareAt(left: readonly string[], right: readonly string[], at: number): number {
  const x = left[at] ?? ''
  const y = right[at] ?? ''
  const xLetter = letter.test(x)
  const yLetter = letter.test(y)
  if (xLetter && yLetter) return byCodePoint(x, y)
  if (xLetter || yLetter) return yLetter ? -1 : 1
  // Zeros within a number count as digits of it, leading ones do not.
  const inNumber = (x === '0' || y === '0') && followsDigits(left, at)
  const a = digitRun(left, at, inNumber)
  const b = digitRun(right, at, inNumber)
  if (a.number !== b.number) return a.number < b.number ? -1 : 1
  if (a.end !== b.end) return a.end - b.end
  return byCodePoint(x, y)
}

function followsDigits(runes: readonly string[], at: number): boolean {
  for (let i = at - 1; i >= 0 && digit.test(runes[i] ?? ''); i -= 1) {
    if (runes[i] !== '0') return true
  }
  return false
}

function digitRun(runes: readonly string[], at: number, inNumber: boolean): { number: bigint; end: number } {
  let number = inNumber ? 1n : 0n
  let end = at
  for (; digit.test(runes[end] ?? ''); end += 1) {
    // Go's int64 wraps around.
    number = BigInt.asIntN(64, number * 10n + BigInt((runes[end]?.codePointAt(0) ?? 0) - 48))
  }
  return { number, end }
}

function byCodePoint(x: string, y: string): number {
  return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0)
}

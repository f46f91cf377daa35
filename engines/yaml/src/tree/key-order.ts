const letter = /\p{L}/u

/**
 * Orders keys as go-yaml does: letters after all else, numbers within them by their value.
 *
 * Source: go-yaml v2.4.4, sorter.go; v3 has the same.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return compareAt(a, b, i)
  }
  return a.length - b.length
}

function compareAt(a: string, b: string, at: number): number {
  const x = a.codePointAt(at) ?? 0
  const y = b.codePointAt(at) ?? 0
  const xLetter = isLetter(x)
  const yLetter = isLetter(y)
  if (xLetter && yLetter) return x - y
  if (xLetter || yLetter) return yLetter ? -1 : 1
  // After a number that is not all zeros, a zero continues it.
  const continued = (x === 48 || y === 48) && continuesNumber(a, at) ? 1n : 0n
  const xNumber = numberAt(a, at, continued)
  const yNumber = numberAt(b, at, continued)
  if (xNumber.value !== yNumber.value) return xNumber.value < yNumber.value ? -1 : 1
  return xNumber.end === yNumber.end ? x - y : xNumber.end - yNumber.end
}

function continuesNumber(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0 && isDigit(text.charCodeAt(i)); i -= 1) {
    if (text.charCodeAt(i) !== 48) return true
  }
  return false
}

function numberAt(text: string, at: number, start: bigint): { value: bigint; end: number } {
  let end = at
  while (isDigit(text.charCodeAt(end))) end += 1
  const digits = text.slice(at, end)
  const value =
    digits === '' ? start : BigInt.asIntN(64, start * 10n ** BigInt(digits.length) + BigInt(digits))
  return { value, end }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
  return letter.test(String.fromCodePoint(code))
}

const ascii = /^[\p{ASCII}]*$/u

/** Go's strings.ToUpper: each character by itself, `ß` stays. */
export function goToUpper(text: string): string {
  return ascii.test(text) ? text.toUpperCase() : Array.from(text, upperRune).join('')
}

/** Go's strings.ToLower: each character by itself, a final sigma is no exception. */
export function goToLower(text: string): string {
  return ascii.test(text) ? text.toLowerCase() : Array.from(text, lowerRune).join('')
}

/** The upper case of one character where that is one character. */
export function upperRune(rune: string): string {
  const upper = rune.toUpperCase()
  if (isOneRune(upper)) return upper
  // Small Greek letters with an iota below have a capital that Unicode's full mapping takes apart.
  const code = rune.charCodeAt(0)
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8)
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9)
  return rune
}

/** The lower case of one character; that of U+0130 is a plain `i`. */
export function lowerRune(rune: string): string {
  const lower = rune.toLowerCase()
  return isOneRune(lower) ? lower : lower.slice(0, 1)
}

function isOneRune(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)
}

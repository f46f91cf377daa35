const plain = /^[\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\x5b\x5d-\x7e]*$/
const html = /[<>&]/g

/**
 * A JSON string as Go's encoder writes it. What is no character (a byte that is not UTF-8, a lone surrogate) becomes
 * U+FFFD; U+2028 and U+2029 are escaped, and `<`, `>` and `&` too when `escapeHtml`.
 */
export function jsonString(text: string, escapeHtml: boolean): string {
  if (plain.test(text)) return `"${text}"`
  let result = JSON.stringify(text)
  if (escapeHtml) result = result.replaceAll(html, unicodeEscape)
  return result
    .replaceAll(/[\u2028\u2029]/g, unicodeEscape)
    .replaceAll(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, '$1\\ufffd')
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

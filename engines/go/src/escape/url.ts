import { goStringBytes } from '../byte-string.ts'

const plain = /^[A-Za-z0-9\-_.~]*$/
const unreserved = /[A-Za-z0-9\-_.~]/

/** Escapes text for a URL's query. Source: https://pkg.go.dev/net/url#QueryEscape */
export function queryEscape(text: string): string {
  return plain.test(text) ? text : escapeBytes(text).replaceAll('%20', '+')
}

function escapeBytes(text: string): string {
  let out = ''
  for (const byte of goStringBytes(text)) {
    const char = String.fromCharCode(byte)
    out +=
      byte < 0x80 && unreserved.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

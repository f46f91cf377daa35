const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const lineLength = 70

/** Base64 in lines of 70 digits, each but a single one ended by a break, as kyaml writes it. */
export function encodeBase64Lines(bytes: Uint8Array): string {
  const text = encodeBase64(bytes)
  // Go counts the lines before it cuts: a full single line is broken as well.
  if (text.length < lineLength) return text
  const lines: string[] = []
  for (let i = 0; i < text.length; i += lineLength) lines.push(`${text.slice(i, i + lineLength)}\n`)
  return lines.join('')
}

function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]]
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    parts.push(digit(bits >> 18), digit(bits >> 12))
    parts.push(b === undefined ? '=' : digit(bits >> 6), c === undefined ? '=' : digit(bits))
  }
  return parts.join('')
}

function digit(bits: number): string {
  return digits.charAt(bits & 63)
}

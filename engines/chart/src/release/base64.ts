const form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** Arguments that one call takes safely. */
const chunkBytes = 8_192

export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    binary += String.fromCharCode(...bytes.subarray(at, at + chunkBytes))
  }
  return btoa(binary)
}

/** The bytes, or `undefined` when the text is not base64. Line breaks may stand in it. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/[\r\n]/g, '')
  if (!form.test(digits)) return undefined
  return Uint8Array.from(atob(digits), (unit) => unit.charCodeAt(0))
}

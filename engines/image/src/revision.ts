const modulus = 65_521
// So many bytes can be added before the sums could leave the range of exact integers by far.
const chunkLength = 3_800

/**
 * The checksum that Flux gives a list of tags: Adler-32 of the list as Go prints it in JSON, in decimal.
 *
 * Source: fluxcd/image-reflector-controller 1.2, internal/database; RFC 1950, section 8.
 * @param tags in descending order, as the list is kept.
 */
export function tagsRevision(tags: readonly string[]): string {
  return String(adler32(new TextEncoder().encode(goJson(tags))))
}

/** Go escapes these in JSON, too. */
function goJson(tags: readonly string[]): string {
  return JSON.stringify(tags).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function adler32(bytes: Uint8Array): number {
  let low = 1
  let high = 0
  for (let start = 0; start < bytes.length; start += chunkLength) {
    for (const byte of bytes.subarray(start, start + chunkLength)) {
      low += byte
      high += low
    }
    low %= modulus
    high %= modulus
  }
  return high * 65_536 + low
}

import { bytesGoString, goStringBytes, isAsciiOnly } from '@sluice/go'

/** A text as one character a byte, for functions that cut texts by bytes. ASCII stays as it is. */
export function toByteText(text: string): string {
  if (isAsciiOnly(text)) return text
  let out = ''
  for (const byte of goStringBytes(text)) out += String.fromCharCode(byte)
  return out
}

/** The inverse of {@link toByteText}. */
export function fromByteText(text: string): string {
  if (isAsciiOnly(text)) return text
  return bytesGoString(Uint8Array.from(text, (char) => char.charCodeAt(0)))
}

const gzip = 'application/x-gzip'
const plainText = 'text/plain; charset=utf-8'

/** Beginnings of files in Latin-1, with `?` for any byte. Source: https://mimesniff.spec.whatwg.org, as Go has it. */
const signatures: readonly (readonly [beginning: string, type: string])[] = [
  ['%PDF-', 'application/pdf'],
  ['%!PS-Adobe-', 'application/postscript'],
  ['\xfe\xff', 'text/plain; charset=utf-16be'],
  ['\xff\xfe', 'text/plain; charset=utf-16le'],
  ['\xef\xbb\xbf', plainText],
  ['\0\0\x01\0', 'image/x-icon'],
  ['\0\0\x02\0', 'image/x-icon'],
  ['BM', 'image/bmp'],
  ['GIF87a', 'image/gif'],
  ['GIF89a', 'image/gif'],
  ['RIFF????WEBPVP', 'image/webp'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['FORM????AIFF', 'audio/aiff'],
  ['ID3', 'audio/mpeg'],
  ['OggS\0', 'application/ogg'],
  ['MThd\0\0\0\x06', 'audio/midi'],
  ['RIFF????AVI ', 'video/avi'],
  ['RIFF????WAVE', 'audio/wave'],
  ['\x1aE\xdf\xa3', 'video/webm'],
  ['\0\x01\0\0', 'font/ttf'],
  ['OTTO', 'font/otf'],
  ['ttcf', 'font/collection'],
  ['wOFF', 'font/woff'],
  ['wOF2', 'font/woff2'],
  ['\x1f\x8b\x08', gzip],
  ['PK\x03\x04', 'application/zip'],
  ['Rar!\x1a\x07\0', 'application/x-rar-compressed'],
  ['Rar!\x1a\x07\x01\0', 'application/x-rar-compressed'],
  ['\0asm', 'application/wasm'],
]

const htmlTags = '!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--'
const html = new RegExp(`^[\\t\\n\\f\\r ]*<(?:${htmlTags})[ >]`, 'i')
const xml = /^[\t\n\f\r ]*<\?xml/

/** What kind of file begins with `data`. Source: https://pkg.go.dev/net/http#DetectContentType */
export function contentTypeOf(data: Uint8Array): string {
  const text = String.fromCharCode(...data.subarray(0, 512))
  if (html.test(text)) return 'text/html; charset=utf-8'
  if (xml.test(text)) return 'text/xml; charset=utf-8'
  const found = signatures.find(([beginning]) => beginsWith(text, beginning))
  if (found) return found[1]
  return isBinary(text) ? 'application/octet-stream' : plainText
}

export function isGzip(data: Uint8Array): boolean {
  return data[0] === 0x1f && data[1] === 0x8b && data[2] === 0x08
}

/** Whether there are control characters that no text has: all but blanks and escape. */
function isBinary(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && !'\t\n\f\r\x1b'.includes(text.charAt(i))) return true
  }
  return false
}

function beginsWith(text: string, beginning: string): boolean {
  for (let i = 0; i < beginning.length; i += 1) {
    if (beginning[i] !== '?' && beginning[i] !== text[i]) return false
  }
  return true
}

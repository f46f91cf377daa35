import { YamlError } from '../yaml-error.ts'

const form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The text that a `!!binary` scalar holds; bytes that are not UTF-8 become U+FFFD each. @throws {YamlError} */
export function decodeBinary(text: string): string {
  const digits = text.replaceAll(/[\r\n]/g, '')
  if (!form.test(digits)) {
    throw new YamlError('YAML_INVALID_VALUE', 'yaml: !!binary value contains invalid base64 data')
  }
  const bytes = Uint8Array.from(atob(digits), (it) => it.charCodeAt(0))
  let result = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    result += length === 0 ? '\ufffd' : decoder.decode(bytes.subarray(at, at + length))
    at += Math.max(length, 1)
  }
  return result
}

// Without ignoreBOM a leading U+FEFF would be dropped.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Length of the well formed UTF-8 sequence at `at`, 0 when there is none. */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0
  const second = bytes[at + 1] ?? 0
  if (first === 0xe0 && second < 0xa0) return 0
  if (first === 0xed && second > 0x9f) return 0
  if (first === 0xf0 && second < 0x90) return 0
  if (first === 0xf4 && second > 0x8f) return 0
  for (let next = at + 1; next < at + length; next += 1) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0
  }
  return length
}

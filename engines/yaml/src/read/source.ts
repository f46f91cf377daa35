import { YamlError } from '../yaml-error.ts'
import { sequenceLength } from './binary.ts'

/** Text to scan, and what is wrong with its characters, if anything. */
export type Source = {
  readonly text: string
  /** The first character that YAML forbids; the text ends before it. `offset` is in bytes as far as it matters. */
  readonly bad?: { readonly offset: number; readonly error: YamlError }
}

/** go-yaml reads its input in chunks of this many bytes; a bad character spoils its whole chunk. */
const chunkBytes = 512
const forbidden = /[^\t\n\r -~\x85\xa0-\ufffd]/
const strictDecoder = new TextDecoder('utf-8', { fatal: true })
const decoder = new TextDecoder('utf-8')

/** Decodes `input` (UTF-8, or UTF-16 with a byte order mark), drops the mark, and looks for forbidden characters. */
export function openSource(input: string | Uint8Array): Source {
  if (typeof input !== 'string') return openBytes(input)
  const text = input.charCodeAt(0) === 0xfeff ? input.slice(1) : input
  const at = text.search(forbidden)
  if (at < 0) return { text }
  return {
    text: text.slice(0, at),
    bad: { offset: at, error: badCharacter('control characters are not allowed', text.slice(0, at)) },
  }
}

/** The error that Go would give: of the characters if it read their chunk before it found the error of syntax. */
export function earlierError({ bad }: Source, syntax: unknown, scannedTo: number): unknown {
  if (!bad || !(syntax instanceof YamlError)) return syntax
  return scannedTo < Math.floor(bad.offset / chunkBytes) * chunkBytes ? syntax : bad.error
}

function openBytes(bytes: Uint8Array): Source {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return openSource(new TextDecoder('utf-16le').decode(bytes))
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return openSource(new TextDecoder('utf-16be').decode(bytes))
  try {
    return openSource(strictDecoder.decode(bytes))
  } catch {
    return openInvalid(bytes)
  }
}

function openInvalid(bytes: Uint8Array): Source {
  let at = 0
  for (let length = sequenceLength(bytes, at); length > 0; length = sequenceLength(bytes, at)) at += length
  const text = decoder.decode(bytes.subarray(0, at))
  const before = openSource(text)
  return before.bad
    ? before
    : { text, bad: { offset: at, error: badCharacter(whatIsWrong(bytes, at), text) } }
}

/** Why no character begins at `at`. */
function whatIsWrong(bytes: Uint8Array, at: number): string {
  const first = bytes[at] ?? 0
  const length = [0xc0, 0xe0, 0xf0].reduce((sum, least) => sum + (first >= least ? 1 : 0), 1)
  if (length === 1 || first >= 0xf8) return 'invalid leading UTF-8 octet'
  if (at + length > bytes.length) return 'incomplete UTF-8 octet sequence'
  for (let next = at + 1; next < at + length; next += 1) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet'
  }
  const second = bytes[at + 1] ?? 0
  const overlong = first < 0xc2 || (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90)
  return overlong ? 'invalid length of a UTF-8 sequence' : 'invalid Unicode character'
}

function badCharacter(message: string, before: string): YamlError {
  const lines = before.split('\n')
  return new YamlError('YAML_SYNTAX', `yaml: ${message}`, {
    line: lines.length,
    column: (lines.at(-1) ?? '').length + 1,
  })
}

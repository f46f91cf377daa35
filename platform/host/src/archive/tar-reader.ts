import { ArchiveError } from './archive-error.ts'

/** An entry that was read. `content` shares memory with the archive. Devices, pipes and sockets are left out. */
export type ReadTarEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly hard: boolean }

export type TarBounds = {
  /** Entries, those that are left out included. */
  readonly maxEntries?: number
}

const blockBytes = 512
/** Longest extended header or long name; Go's archive/tar has the same bound. */
const maxSpecialBytes = 1 << 20
const maxPathBytes = 4096

const decoder = new TextDecoder()

/** What an extended header says about the entry after it. */
type Extended = { path?: string; linkpath?: string; size?: number }

/**
 * The entries of a tar archive (V7, USTAR, PAX, GNU long names), in their order.
 *
 * @throws {ArchiveError} when the archive is cut off or damaged, or a path is absolute or leaves the archive.
 */
export function* readTar(
  archive: Uint8Array,
  { maxEntries = 1_000_000 }: TarBounds = {},
): Generator<ReadTarEntry> {
  let extended: Extended = {}
  let count = 0
  for (let at = 0; at + blockBytes <= archive.length; ) {
    const block = archive.subarray(at, at + blockBytes)
    at += blockBytes
    // One empty block ends an archive as two do: some writers leave out the second.
    if (isEmpty(block)) return
    verifyChecksum(block)
    count += 1
    if (count > maxEntries) throw tooLarge(`archive has more than ${maxEntries} entries`)

    const type = String.fromCharCode(block[156] ?? 0)
    const sizeBytes = hasContent(type) ? (extended.size ?? numberAt(block, 124, 12)) : 0
    if (at + sizeBytes > archive.length) throw damaged('unexpected EOF')
    const content = archive.subarray(at, at + sizeBytes)
    at += Math.ceil(sizeBytes / blockBytes) * blockBytes

    const special = readSpecial(type, content, extended)
    if (special) {
      extended = special
      continue
    }
    const entry = toEntry(type, { block, content, extended })
    extended = {}
    if (entry) yield entry
  }
}

/** The extended header that this entry adds to, or nothing when it is an ordinary entry. */
function readSpecial(type: string, content: Uint8Array, extended: Extended): Extended | undefined {
  if (!'xgLK'.includes(type)) return undefined
  if (content.length > maxSpecialBytes) throw tooLarge('extended header of the archive is too large')
  switch (type) {
    case 'x':
      return { ...extended, ...readPax(content) }
    case 'L':
      return { ...extended, path: textOf(content) }
    case 'K':
      return { ...extended, linkpath: textOf(content) }
    default:
      // Global headers carry comments (git archive) and defaults that no archive of ours needs.
      return extended
  }
}

type Raw = { readonly block: Uint8Array; readonly content: Uint8Array; readonly extended: Extended }

function toEntry(type: string, { block, content, extended }: Raw): ReadTarEntry | undefined {
  const raw = extended.path ?? headerPath(block)
  const path = cleanPath(raw)
  switch (type) {
    case '0':
    case '\0':
    case '7':
      // Before POSIX a slash at the end of a regular file's name made it a directory.
      if (raw.endsWith('/')) return { kind: 'directory', path }
      return { kind: 'file', path, mode: numberAt(block, 100, 8) & 0o7777, content }
    case '5':
      return { kind: 'directory', path }
    case '1':
    case '2':
      return { kind: 'link', path, target: extended.linkpath ?? fieldAt(block, 157, 100), hard: type === '1' }
    case 'S':
      throw damaged('sparse files in archives are not supported')
    default:
      return undefined
  }
}

function hasContent(type: string): boolean {
  return !'123456'.includes(type)
}

function headerPath(block: Uint8Array): string {
  const name = fieldAt(block, 0, 100)
  // GNU's older format keeps times where USTAR has the prefix; its magic ends in two spaces.
  const isUstar = fieldAt(block, 257, 6) === 'ustar' && block[263] === 0x30
  const prefix = isUstar ? fieldAt(block, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** The path without `.` and empty parts. The root itself is `''`. */
function cleanPath(path: string): string {
  if (path.length > maxPathBytes) throw tooLarge('path in archive is too long')
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (path.startsWith('/') || path.includes('\0') || parts.includes('..')) {
    throw new ArchiveError('ARCHIVE_UNSAFE', `tar contained invalid name error ${JSON.stringify(path)}`)
  }
  return parts.join('/')
}

function readPax(content: Uint8Array): Extended {
  const extended: Extended = {}
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const digits = space < 0 ? '' : decoder.decode(content.subarray(at, space))
    const length = /^\d{1,7}$/.test(digits) ? Number(digits) : 0
    const end = at + length
    if (length < digits.length + 3 || end > content.length || content[end - 1] !== 0x0a) {
      throw damaged('archive/tar: invalid tar header')
    }
    const record = decoder.decode(content.subarray(space + 1, end - 1))
    const equals = record.indexOf('=')
    const key = record.slice(0, equals)
    const value = record.slice(equals + 1)
    if (key === 'path' || key === 'linkpath') extended[key] = value
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw damaged('archive/tar: invalid tar header')
      extended.size = Number(value)
    }
    at = end
  }
  return extended
}

function verifyChecksum(block: Uint8Array): void {
  let unsigned = 0
  let signed = 0
  for (let i = 0; i < blockBytes; i += 1) {
    const byte = i >= 148 && i < 156 ? 0x20 : (block[i] ?? 0)
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const want = numberAt(block, 148, 8)
  // Old Sun tars summed signed bytes.
  if (want !== unsigned && want !== signed) throw damaged('archive/tar: invalid tar header')
}

/** An octal number, or a binary one when the first bit is set (GNU). */
function numberAt(block: Uint8Array, at: number, length: number): number {
  const first = block[at] ?? 0
  if (first & 0x80) {
    let value = first & 0x7f
    for (let i = 1; i < length; i += 1) value = value * 256 + (block[at + i] ?? 0)
    if (first & 0x40 || !Number.isSafeInteger(value)) throw damaged('archive/tar: invalid tar header')
    return value
  }
  const text = fieldAt(block, at, length).trim()
  if (text === '') return 0
  if (!/^[0-7]+$/.test(text)) throw damaged('archive/tar: invalid tar header')
  return Number.parseInt(text, 8)
}

function fieldAt(block: Uint8Array, at: number, length: number): string {
  return textOf(block.subarray(at, at + length))
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

function isEmpty(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0)
}

function damaged(message: string): ArchiveError {
  return new ArchiveError('ARCHIVE_DAMAGED', message)
}

function tooLarge(message: string): ArchiveError {
  return new ArchiveError('ARCHIVE_TOO_LARGE', message)
}

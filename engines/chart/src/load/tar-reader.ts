import { ChartError } from './chart-error.ts'

/** A regular file (or hard link, with no data) of a tar archive, or a directory. */
export type TarEntry = {
  /** As written in the archive. */
  readonly name: string
  readonly kind: 'file' | 'directory' | 'other'
  readonly mode: number
  readonly data: Uint8Array
}

const blockBytes = 512
const decoder = new TextDecoder()

/**
 * Reads the entries of a tar archive in order: ustar with prefixes, PAX paths and sizes, GNU long names.
 *
 * Sizes are checked against what is there before anything is cut out, so a lying header costs nothing.
 * Source: POSIX.1-2017, pax interchange format; https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * @throws {ChartError} `CHART_ARCHIVE` with Go's text `unexpected EOF` or `archive/tar: invalid tar header`.
 */
export function* readTar(archive: Uint8Array): Generator<TarEntry> {
  let at = 0
  let pax: PaxRecords = {}
  let longName: string | undefined
  while (at + blockBytes <= archive.length) {
    const header = archive.subarray(at, at + blockBytes)
    at += blockBytes
    // Two empty blocks end an archive; what follows them does not count.
    if (header.every((byte) => byte === 0)) return
    checkSum(header)
    const size = pax.sizeBytes ?? octal(header.subarray(124, 136))
    const type = String.fromCharCode(header[156] ?? 0)
    const hasData = type !== '1' && type !== '2' && type !== '5'
    const length = hasData ? size : 0
    if (at + length > archive.length) throw new ChartError('CHART_ARCHIVE', 'unexpected EOF')
    const data = archive.subarray(at, at + length)
    at += Math.ceil(length / blockBytes) * blockBytes
    if (type === 'x') {
      pax = paxRecords(data)
      continue
    }
    if (type === 'L') {
      longName = text(data)
      continue
    }
    if (type === 'g' || type === 'K') continue
    const name = pax.path ?? longName ?? nameOf(header)
    pax = {}
    longName = undefined
    yield { name, kind: kindOf(type, name), mode: octal(header.subarray(100, 108)), data }
  }
  if (at < archive.length) throw new ChartError('CHART_ARCHIVE', 'unexpected EOF')
}

type PaxRecords = { readonly path?: string; readonly sizeBytes?: number }

function kindOf(type: string, name: string): TarEntry['kind'] {
  if (type === '5') return 'directory'
  // Old archives mark directories by their name alone.
  if ((type === '\0' || type === '0') && name.endsWith('/')) return 'directory'
  return type === '\0' || type === '0' || type === '1' || type === '7' ? 'file' : 'other'
}

function nameOf(header: Uint8Array): string {
  const name = text(header.subarray(0, 100))
  const isUstar = text(header.subarray(257, 263)).startsWith('ustar')
  const prefix = isUstar ? text(header.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function paxRecords(data: Uint8Array): PaxRecords {
  let path: string | undefined
  let sizeBytes: number | undefined
  let at = 0
  while (at < data.length) {
    const space = data.indexOf(0x20, at)
    const length = Number(decoder.decode(data.subarray(at, Math.max(at, space))))
    if (space < 0 || !Number.isInteger(length) || length <= 0 || at + length > data.length) {
      throw new ChartError('CHART_ARCHIVE', 'archive/tar: invalid tar header')
    }
    const record = decoder.decode(data.subarray(space + 1, at + length - 1))
    const equals = record.indexOf('=')
    const key = record.slice(0, equals)
    if (key === 'path') path = record.slice(equals + 1)
    if (key === 'size') sizeBytes = Number(record.slice(equals + 1))
    at += length
  }
  return { ...(path === undefined ? {} : { path }), ...(sizeBytes === undefined ? {} : { sizeBytes }) }
}

function checkSum(header: Uint8Array): void {
  const stored = octal(header.subarray(148, 156))
  let sum = 0
  for (let i = 0; i < blockBytes; i += 1) sum += i >= 148 && i < 156 ? 0x20 : (header[i] ?? 0)
  if (sum !== stored) throw new ChartError('CHART_ARCHIVE', 'archive/tar: invalid tar header')
}

/** Octal digits, or a big-endian number when the first bit is set (GNU's base-256). */
function octal(field: Uint8Array): number {
  if ((field[0] ?? 0) >= 0x80) {
    let value = (field[0] ?? 0) & 0x7f
    for (const byte of field.subarray(1)) value = value * 256 + byte
    if (!Number.isSafeInteger(value)) throw new ChartError('CHART_ARCHIVE', 'archive/tar: invalid tar header')
    return value
  }
  const digits = text(field).trim()
  if (!/^[0-7]*$/.test(digits)) throw new ChartError('CHART_ARCHIVE', 'archive/tar: invalid tar header')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0)
  return decoder.decode(end < 0 ? field : field.subarray(0, end))
}

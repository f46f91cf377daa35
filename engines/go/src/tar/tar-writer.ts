/** An entry to be written. `path` is relative with forward slashes and has no slash at its end. */
export type TarEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }

const blockBytes = 512
const nameBytes = 100
const prefixBytes = 155
/** The size field holds eleven octal digits. */
const maxSizeBytes = 8 ** 11 - 1

const encoder = new TextEncoder()
const zeros = new Uint8Array(2 * blockBytes)

/**
 * A tar archive of `entries` in their order, as chunks.
 *
 * Bytes are those of Go's archive/tar for a header with owner 0, no owner names and the time 0: USTAR where the path
 * fits, else a PAX record before it. Source: https://pkg.go.dev/archive/tar#Format, and pax(1) for the layout.
 */
export function* writeTar(entries: Iterable<TarEntry>): Generator<Uint8Array> {
  for (const entry of entries) {
    yield* headersOf(entry)
    if (entry.kind === 'file' && entry.content.length > 0) {
      yield entry.content
      yield padding(entry.content.length)
    }
  }
  yield zeros
}

function* headersOf(entry: TarEntry): Generator<Uint8Array> {
  const sizeBytes = entry.kind === 'file' ? entry.content.length : 0
  const type = entry.kind === 'file' ? '0' : '5'
  const path = encoder.encode(entry.path)
  const split = splitPath(entry.path, path.length)
  if (split && sizeBytes <= maxSizeBytes) {
    yield header({ ...split, mode: entry.mode, sizeBytes, type })
    return
  }
  const records = [paxRecord('path', entry.path)]
  if (sizeBytes > maxSizeBytes) records.push(paxRecord('size', String(sizeBytes)))
  const data = encoder.encode(records.join(''))
  yield header({ name: paxHeaderName(entry.path), prefix: '', mode: 0, sizeBytes: data.length, type: 'x' })
  yield data
  yield padding(data.length)
  const name = asciiOnly(entry.path).slice(0, nameBytes)
  yield header({ name, prefix: '', mode: entry.mode, sizeBytes: Math.min(sizeBytes, maxSizeBytes), type })
}

/** Name and prefix of a USTAR header, or nothing when the path does not fit into one. */
function splitPath(path: string, length: number): { name: string; prefix: string } | undefined {
  // Go writes every path with a NUL or a byte above 127 as a PAX record.
  if (length !== path.length || path.includes('\0')) return undefined
  if (length <= nameBytes) return { name: path, prefix: '' }
  const slash = path.lastIndexOf('/', prefixBytes)
  const name = path.slice(slash + 1)
  return slash > 0 && name !== '' && name.length <= nameBytes
    ? { name, prefix: path.slice(0, slash) }
    : undefined
}

type Header = {
  readonly name: string
  readonly prefix: string
  readonly mode: number
  readonly sizeBytes: number
  readonly type: string
}

function header({ name, prefix, mode, sizeBytes, type }: Header): Uint8Array {
  const block = new Uint8Array(blockBytes)
  put(block, 0, name)
  octal(block, 100, { digits: 7, value: mode })
  octal(block, 108, { digits: 7, value: 0 })
  octal(block, 116, { digits: 7, value: 0 })
  octal(block, 124, { digits: 11, value: sizeBytes })
  octal(block, 136, { digits: 11, value: 0 })
  block[156] = type.charCodeAt(0)
  put(block, 257, 'ustar\u000000')
  // A PAX header itself has no device numbers.
  if (type !== 'x') {
    octal(block, 329, { digits: 7, value: 0 })
    octal(block, 337, { digits: 7, value: 0 })
  }
  put(block, 345, prefix)
  block.fill(0x20, 148, 156)
  let sum = 0
  for (const byte of block) sum += byte
  octal(block, 148, { digits: 6, value: sum })
  block[154] = 0
  return block
}

function put(block: Uint8Array, at: number, text: string): void {
  block.set(encoder.encode(text), at)
}

function octal(block: Uint8Array, at: number, { digits, value }: { digits: number; value: number }): void {
  put(block, at, value.toString(8).padStart(digits, '0'))
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = encoder.encode(` ${key}=${value}\n`).length
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

function paxHeaderName(path: string): string {
  const slash = path.lastIndexOf('/')
  const name = `${path.slice(0, slash + 1)}PaxHeaders.0/${path.slice(slash + 1)}`
  return asciiOnly(name).slice(0, nameBytes).replace(/\/+$/, '')
}

function asciiOnly(text: string): string {
  return Array.from(text)
    .filter((char) => char > '\0' && char < '\u0080')
    .join('')
}

function padding(length: number): Uint8Array {
  return zeros.subarray(0, (blockBytes - (length % blockBytes)) % blockBytes)
}

import { GitError } from '../git-error.ts'

/** A packet of Git's wire protocol. Source: https://git-scm.com/docs/protocol-common#_pkt_line_format */
export type Packet =
  | { readonly kind: 'data'; readonly payload: Uint8Array }
  | { readonly kind: 'flush' | 'delimiter' | 'end' | 'eof' }

export type PacketReader = {
  /** The next packet; `eof` when the stream is over. @throws {GitError} on a malformed length. */
  readonly next: () => Promise<Packet>
  /** All that is left, not split into packets: a pack without side band. */
  readonly rest: () => AsyncIterable<Uint8Array>
  /** Lets go of the stream; what little is left of it is read, so that its connection can serve again. */
  readonly close: () => Promise<void>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const maxPacketBytes = 65_520
const maxDrainedBytes = 64 * 1024
const specialKinds = ['flush', 'delimiter', 'end'] as const

/** Encodes lines as packets; `flush` and `delimiter` stand for themselves. */
export function encodePackets(
  lines: readonly (string | Uint8Array | { readonly special: 'flush' | 'delimiter' })[],
): Uint8Array {
  const parts = lines.map((line) => {
    if (typeof line === 'object' && 'special' in line) {
      return encoder.encode(line.special === 'flush' ? '0000' : '0001')
    }
    const payload = typeof line === 'string' ? encoder.encode(`${line}\n`) : line
    return Buffer.concat([encoder.encode((payload.length + 4).toString(16).padStart(4, '0')), payload])
  })
  return Buffer.concat(parts)
}

/** The text of a packet without its line feed. */
export function textOf(payload: Uint8Array): string {
  const end = payload.at(-1) === 0x0a ? payload.length - 1 : payload.length
  return decoder.decode(payload.subarray(0, end))
}

/** Splits a byte stream into packets, reading no further than asked. */
export function readPackets(stream: AsyncIterable<Uint8Array>): PacketReader {
  const source = stream[Symbol.asyncIterator]()
  let buffer: Uint8Array = new Uint8Array(0)
  let ended = false

  return {
    next: async () => {
      if (!(await fill(4))) {
        if (buffer.length > 0) throw new GitError('GIT_PROTOCOL', 'unexpected EOF')
        return { kind: 'eof' }
      }
      const length = parseLength(buffer)
      if (length < 4) {
        take(4)
        const kind = specialKinds[length]
        if (kind === undefined) throw invalidLength()
        return { kind }
      }
      if (!(await fill(length))) throw new GitError('GIT_PROTOCOL', 'unexpected EOF')
      return { kind: 'data', payload: take(length).subarray(4) }
    },
    rest: async function* () {
      if (buffer.length > 0) yield take(buffer.length)
      for (let chunk = await pull(); chunk; chunk = await pull()) yield chunk
    },
    close: async () => {
      let left = maxDrainedBytes
      for (let chunk = await pull(); chunk && left > 0; chunk = await pull()) left -= chunk.length
      if (!ended) await source.return?.()
      ended = true
    },
  }

  async function pull(): Promise<Uint8Array | undefined> {
    if (ended) return undefined
    const { done, value } = await source.next()
    if (done) ended = true
    return done ? undefined : value
  }

  /** Whether the buffer holds at least `length` bytes now. */
  async function fill(length: number): Promise<boolean> {
    if (buffer.length >= length) return true
    const chunks = [buffer]
    let have = buffer.length
    while (have < length) {
      const chunk = await pull()
      if (!chunk) break
      chunks.push(chunk)
      have += chunk.length
    }
    buffer = Buffer.concat(chunks, have)
    return have >= length
  }

  function take(length: number): Uint8Array {
    const taken = buffer.subarray(0, length)
    buffer = buffer.subarray(length)
    return taken
  }
}

function parseLength(buffer: Uint8Array): number {
  const digits = decoder.decode(buffer.subarray(0, 4))
  if (!/^[0-9a-f]{4}$/i.test(digits)) throw invalidLength()
  const length = Number.parseInt(digits, 16)
  if (length > maxPacketBytes) throw invalidLength()
  return length
}

function invalidLength(): GitError {
  return new GitError('GIT_PROTOCOL', 'invalid pkt-len found')
}

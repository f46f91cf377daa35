const roundConstants = makeConstants()
const initialState = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]

/**
 * SHA-256 of a text in UTF-8, as hexadecimal digits. Written out because engines have no cryptography of the host's;
 * it names content there and guards nothing.
 *
 * Source: FIPS 180-4.
 */
export function sha256Hex(text: string): string {
  const message = pad(new TextEncoder().encode(text))
  const state = Uint32Array.from(initialState)
  const words = new Uint32Array(64)
  const view = new DataView(message.buffer)
  for (let block = 0; block < message.length; block += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(block + i * 4)
    extend(words)
    compress(state, words)
  }
  return [...state].map((it) => it.toString(16).padStart(8, '0')).join('')
}

function pad(bytes: Uint8Array): Uint8Array {
  const length = Math.ceil((bytes.length + 9) / 64) * 64
  const padded = new Uint8Array(length)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(length - 8, Math.floor(bytes.length / 0x20000000))
  view.setUint32(length - 4, bytes.length << 3)
  return padded
}

function extend(words: Uint32Array): void {
  for (let i = 16; i < 64; i += 1) {
    const a = words[i - 15] ?? 0
    const b = words[i - 2] ?? 0
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10)
    words[i] = (words[i - 16] ?? 0) + s0 + (words[i - 7] ?? 0) + s1
  }
}

function compress(state: Uint32Array, words: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < 64; i += 1) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const t1 = (h + s1 + choice + (roundConstants[i] ?? 0) + (words[i] ?? 0)) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + s0 + majority) | 0
  }
  for (const [i, it] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] ?? 0) + it
}

function rotate(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits))
}

/** The first 32 bits of the fractions of the cube roots of the first 64 primes. */
function makeConstants(): Uint32Array {
  const constants: number[] = []
  for (let candidate = 2; constants.length < 64; candidate += 1) {
    let isPrime = true
    for (let i = 2; i * i <= candidate; i += 1) isPrime &&= candidate % i !== 0
    if (isPrime) constants.push(Math.floor((Math.cbrt(candidate) % 1) * 2 ** 32))
  }
  return Uint32Array.from(constants)
}

import {
  createPrivateKey,
  createPublicKey,
  generatePrimeSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { CryptoError } from '@sluice/ports'

const publicExponent = 65_537n
/** As far as the primes must lie apart, in bits less than they have. Source: FIPS 186-5, A.1.3, step 5.4. */
const closenessBits = 100
const probe = new Uint8Array(32)

/**
 * A private RSA key of two primes of OpenSSL's generator. OpenSSL's own `generateKeyPair` gives such keys too, but
 * searches for primes in a way that costs three times the CPU (decision 0340).
 *
 * Source: FIPS 186-5, A.1.3 for what the primes must satisfy; RFC 8017 §3.2 for the parts of the key.
 * @param bits length of the modulus, even
 * @throws {CryptoError} when the key does not verify what it signs
 */
export function generateRsaKey(bits: number): KeyObject {
  for (;;) {
    const [p, q] = [prime(bits / 2), prime(bits / 2)]
    const jwk = privateParts(p > q ? { p, q } : { p: q, q: p }, bits)
    if (jwk) return checkedKey(jwk)
  }
}

/** With the two upper bits set, so that the product of two has exactly twice the bits. */
function prime(bits: number): bigint {
  for (;;) {
    const candidate = generatePrimeSync(bits, { bigint: true })
    // The exponent is a prime: it has no factor in common with what it does not divide.
    if ((candidate - 1n) % publicExponent !== 0n) return candidate
  }
}

type PrivateParts = { readonly [part in 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi']: string }

/** Parts of the key as a JWK has them; none when the primes do not suit each other. `p` is the larger one. */
function privateParts(
  { p, q }: { readonly p: bigint; readonly q: bigint },
  bits: number,
): PrivateParts | undefined {
  const half = BigInt(bits / 2)
  const n = p * q
  const order = ((p - 1n) * (q - 1n)) / greatestCommonDivisor(p - 1n, q - 1n)
  const d = inverse(publicExponent, order)
  const isApart = p - q > 1n << (half - BigInt(closenessBits))
  if (!isApart || d <= 1n << half || n >> BigInt(bits - 1) !== 1n) return undefined
  return {
    n: base64Url(n),
    e: base64Url(publicExponent),
    d: base64Url(d),
    p: base64Url(p),
    q: base64Url(q),
    dp: base64Url(d % (p - 1n)),
    dq: base64Url(d % (q - 1n)),
    qi: base64Url(inverse(q, p)),
  }
}

/** The key as OpenSSL takes it; a wrong part would show as a signature that is none. */
function checkedKey(parts: PrivateParts): KeyObject {
  const key = createPrivateKey({ key: { kty: 'RSA', ...parts }, format: 'jwk' })
  if (!verify('sha256', probe, createPublicKey(key), sign('sha256', probe, key))) {
    throw new CryptoError('CRYPTO_INVALID_INPUT', 'a new RSA key does not verify what it signs')
  }
  return key
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a, b]
  while (right !== 0n) [left, right] = [right, left % right]
  return left
}

/** By the extended algorithm of Euclid; the two must have no factor in common. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [remainder, nextRemainder] = [modulus, value % modulus]
  let [factor, nextFactor] = [0n, 1n]
  while (nextRemainder !== 0n) {
    const quotient = remainder / nextRemainder
    ;[remainder, nextRemainder] = [nextRemainder, remainder - quotient * nextRemainder]
    ;[factor, nextFactor] = [nextFactor, factor - quotient * nextFactor]
  }
  return factor < 0n ? factor + modulus : factor
}

function base64Url(value: bigint): string {
  const digits = value.toString(16)
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').toString('base64url')
}

import type { GoFunction } from '@sluice/go'
import type { Crypto, HashAlgorithm } from '@sluice/ports'
import { define, type FunctionMap } from '../functions.ts'
import { bytesOf } from './cast.ts'

/** Sprig's checksums. Source: Masterminds/sprig 3.3.0, crypto.go. */
export function hashFunctions(crypto: Crypto): FunctionMap {
  const sum = (algorithm: HashAlgorithm): GoFunction =>
    define(['string'], (text) => hexText(crypto.hash(algorithm, bytesOf(text))))
  return new Map<string, GoFunction>([
    ['sha1sum', sum('sha1')],
    ['sha256sum', sum('sha256')],
    ['sha512sum', sum('sha512')],
    ['adler32sum', define(['string'], (text) => String(adler32(bytesOf(text))))],
  ])
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function adler32(bytes: Uint8Array): number {
  const modulus = 65_521
  let low = 1
  let high = 0
  for (const byte of bytes) {
    low = (low + byte) % modulus
    high = (high + low) % modulus
  }
  return high * 65_536 + low
}

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto'
import { type Crypto, CryptoError, type KeyKind, type KeyPair } from '@sluice/ports'
import { encodeBase64, hashSync } from 'bcryptjs'
import { createCertificate, toPem } from './certificates.ts'
import { derElements, derInteger, derSequence } from './der.ts'
import { generateRsaKey } from './rsa-key.ts'

// scrypt needs 128·N·r bytes; past this a template could exhaust the machine.
const scryptMemoryBytes = 256 * 1024 * 1024
const bcryptSaltLength = 16

/** Cryptography of node:crypto behind the synchronous port. */
export const nodeCrypto: Crypto = {
  hash: (algorithm, data) => createHash(algorithm).update(data).digest(),
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  randomBytes: (length) => randomBytes(length),
  bcrypt: (password, cost) => {
    const rounds = Math.min(31, Math.max(4, cost))
    const salt = encodeBase64(randomBytes(bcryptSaltLength), bcryptSaltLength)
    return hashSync(password, `$2a$${String(rounds).padStart(2, '0')}$${salt}`)
  },
  scrypt: (password, salt, { n, r, p, length }) =>
    checked('cannot derive a key with scrypt', () =>
      scryptSync(password, salt, length, { N: n, r, p, maxmem: scryptMemoryBytes }),
    ),
  aesCbc: (direction, data, { key, iv }) =>
    checked(`cannot ${direction}`, () => {
      const algorithm = `aes-${key.length * 8}-cbc`
      const cipher =
        direction === 'encrypt' ? createCipheriv(algorithm, key, iv) : createDecipheriv(algorithm, key, iv)
      return Buffer.concat([cipher.update(data), cipher.final()])
    }),
  generateKey,
  createCertificate,
}

function generateKey(kind: KeyKind, { rsaBits = 2048 }: { readonly rsaBits?: number } = {}): KeyPair {
  const privateKey = generate(kind, rsaBits)
  return {
    privateKey: privatePem(kind, privateKey),
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  }
}

function generate(kind: KeyKind, rsaBits: number): KeyObject {
  switch (kind) {
    case 'rsa':
      return generateRsaKey(rsaBits)
    case 'ecdsa':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey
    case 'dsa':
      return generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey
  }
}

function privatePem(kind: KeyKind, key: KeyObject): string {
  switch (kind) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString()
    case 'ecdsa':
      return key.export({ type: 'sec1', format: 'pem' }).toString()
    case 'ed25519':
      return key.export({ type: 'pkcs8', format: 'pem' }).toString()
    case 'dsa':
      return toPem('DSA PRIVATE KEY', traditionalDsa(key))
  }
}

/** The sequence (0, p, q, g, y, x) that OpenSSL writes for a DSA key; node:crypto exports only PKCS#8. */
function traditionalDsa(key: KeyObject): Buffer {
  const pkcs8 = inside(key.export({ type: 'pkcs8', format: 'der' }))
  const [p, q, g] = derElements(inside(pkcs8[1]).at(1)?.content ?? new Uint8Array())
  const x = derElements(pkcs8[2]?.content ?? new Uint8Array())[0]
  const spki = inside(
    createPublicKey(createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' }))).export({
      type: 'spki',
      format: 'der',
    }),
  )
  const y = derElements((spki[1]?.content ?? new Uint8Array()).subarray(1))[0]
  return derSequence(
    derInteger(Uint8Array.of(0)),
    ...[p, q, g, y, x].map((it) => derInteger(it?.content ?? new Uint8Array())),
  )
}

function inside(
  value: Uint8Array | { readonly content: Uint8Array } | undefined,
): ReturnType<typeof derElements> {
  if (value instanceof Uint8Array) return derElements(derElements(value)[0]?.content ?? new Uint8Array())
  return derElements(value?.content ?? new Uint8Array())
}

function checked(message: string, run: () => Uint8Array): Uint8Array {
  try {
    return run()
  } catch (cause) {
    throw new CryptoError('CRYPTO_INVALID_INPUT', message, { cause })
  }
}

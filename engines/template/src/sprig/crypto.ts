import { type Budget, bytesGoString, GoError, type GoFunction } from '@sluice/go'
import { type Crypto, CryptoError, type Random } from '@sluice/ports'
import { define, defineWithBudget, type FunctionMap } from '../functions.ts'
import { bytesOf } from './cast.ts'
import { derivePassword } from './derive-password.ts'
import { decodeBase64, encodeBase64 } from './encoding.ts'

const blockBytes = 16
const keyBytes = 32
const bcryptCost = 10
const bcryptMaxBytes = 72

/** Sprig's passwords and ciphers. Source: Masterminds/sprig 3.3.0, crypto.go. */
export function cryptoFunctions({
  crypto,
  random,
}: {
  readonly crypto: Crypto
  readonly random: Random
}): FunctionMap {
  return new Map<string, GoFunction>([
    ['bcrypt', define(['string'], (password) => bcrypt(crypto, password))],
    [
      'htpasswd',
      define(['string', 'string'], (user, password) =>
        user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(crypto, password)}`,
      ),
    ],
    [
      'derivePassword',
      define(
        ['uint32', 'string', 'string', 'string', 'string'],
        (...[counter, template, password, user, site]) =>
          derivePassword(crypto, { counter: Number(counter.value), template, password, user, site }),
      ),
    ],
    [
      'encryptAES',
      define(['string', 'string'], (password, text) => encrypt({ crypto, random }, password, text)),
    ],
    ['decryptAES', define(['string', 'string'], (password, text) => decrypt(crypto, password, text))],
    [
      'randBytes',
      defineWithBudget(['int'], (budget, count) => randomBytes(budget, random, Number(count.value))),
    ],
  ])
}

function bcrypt(crypto: Crypto, password: string): string {
  const failure = 'failed to encrypt string with bcrypt: '
  if (bytesOf(password).length > bcryptMaxBytes) return `${failure}bcrypt: password length exceeds 72 bytes`
  try {
    return crypto.bcrypt(password, bcryptCost)
  } catch (cause) {
    if (cause instanceof CryptoError && cause.code === 'CRYPTO_INVALID_INPUT') return failure + cause.message
    throw cause
  }
}

/** The key is the password, cut or filled with zeros. */
function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(keyBytes)
  key.set(bytesOf(password).subarray(0, keyBytes))
  return key
}

function encrypt(
  { crypto, random }: { readonly crypto: Crypto; readonly random: Random },
  password: string,
  text: string,
): string {
  if (text === '') return ''
  const iv = random.bytes(blockBytes)
  const encrypted = crypto.aesCbc('encrypt', bytesOf(text), { key: keyOf(password), iv })
  return encodeBase64(Uint8Array.of(...iv, ...encrypted))
}

function decrypt(crypto: Crypto, password: string, text: string): string {
  if (text === '') return ''
  const key = keyOf(password)
  const bytes = decodeBase64(text)
  if (bytes.length < blockBytes) {
    throw new GoError(`runtime error: slice bounds out of range [:16] with capacity ${bytes.length}`)
  }
  const iv = bytes.subarray(0, blockBytes)
  const encrypted = bytes.subarray(blockBytes)
  if (encrypted.length % blockBytes !== 0) throw new GoError('crypto/cipher: input not full blocks')
  if (encrypted.length === 0) throw new GoError('runtime error: index out of range [-1]')
  const plain = decryptBlocks(crypto, encrypted, { key, iv })
  const end = plain.length - (plain.at(-1) ?? 0)
  if (end < 0) throw new GoError(`runtime error: slice bounds out of range [:${end}]`)
  return bytesGoString(plain.subarray(0, end))
}

/**
 * Decrypts without looking at the padding, which Sprig takes as it is. The port wants valid padding, so a block of it
 * is put behind: encrypting nothing, chained to the last block, makes just that.
 */
function decryptBlocks(
  crypto: Crypto,
  encrypted: Uint8Array,
  { key, iv }: { readonly key: Uint8Array; readonly iv: Uint8Array },
): Uint8Array {
  const last = encrypted.subarray(-blockBytes)
  const padding = crypto.aesCbc('encrypt', new Uint8Array(), { key, iv: last })
  const padded = new Uint8Array(encrypted.length + padding.length)
  padded.set(encrypted)
  padded.set(padding, encrypted.length)
  return crypto.aesCbc('decrypt', padded, { key, iv })
}

function randomBytes(budget: Budget, random: Random, count: number): string {
  if (count < 0) throw new GoError('runtime error: makeslice: len out of range')
  budget.spend(2 * count)
  return encodeBase64(random.bytes(count))
}

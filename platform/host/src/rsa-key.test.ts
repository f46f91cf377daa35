import { createPublicKey, privateDecrypt, publicEncrypt } from 'node:crypto'
import { expect, test } from 'vitest'
import { generateRsaKey } from './rsa-key.ts'

test.for([512, 1024, 2048])('a key of %d bits has all parts right', (bits) => {
  const key = generateRsaKey(bits)
  const parts = key.export({ format: 'jwk' })
  const [n, e, d, p, q, dp, dq, qi] = (['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const).map((part) =>
    BigInt(`0x${Buffer.from(parts[part] ?? '', 'base64url').toString('hex')}`),
  ) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]
  expect(key.asymmetricKeyDetails).toEqual({ modulusLength: bits, publicExponent: 65_537n })
  expect(n.toString(2)).toHaveLength(bits)
  expect(p * q).toBe(n)
  expect(p > q).toBe(true)
  expect((e * d) % (p - 1n)).toBe(1n)
  expect((e * d) % (q - 1n)).toBe(1n)
  expect([dp, dq]).toEqual([d % (p - 1n), d % (q - 1n)])
  expect((qi * q) % p).toBe(1n)
})

test('what the public key encrypts the private key decrypts', () => {
  const key = generateRsaKey(2048)
  const secret = Buffer.from('hello')
  expect(privateDecrypt(key, publicEncrypt(createPublicKey(key), secret))).toEqual(secret)
})

test('two keys have no prime in common', () => {
  const [one, other] = [generateRsaKey(512), generateRsaKey(512)].map((key) => key.export({ format: 'jwk' }))
  expect(new Set([one?.p, one?.q, other?.p, other?.q]).size).toBe(4)
})

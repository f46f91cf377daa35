import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import ssh from 'ssh2'
import { describe, expect, test } from 'vitest'
import { isKeyEncrypted } from '../index.ts'
import { readableKey } from './private-key.ts'

const keys: Readonly<Record<string, KeyObject>> = {
  'ssh-rsa': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'ecdsa-sha2-nistp256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'ecdsa-sha2-nistp384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'ecdsa-sha2-nistp521': generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  'ssh-ed25519': generateKeyPairSync('ed25519').privateKey,
}

const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const encrypted = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'word' }).toString()

describe.each(Object.entries(keys))('a key in PKCS #8: %s', (type, key) => {
  test('is read and signs', () => {
    const parsed = ssh.utils.parseKey(readableKey(pkcs8(key)).privateKey)
    if (parsed instanceof Error) throw parsed
    expect(parsed.type).toBe(type)
    const signature = parsed.sign('text')
    if (signature instanceof Error) throw signature
    expect(parsed.verify('text', signature)).toBe(true)
  })

  test('is read with its passphrase, and says that it needs one', async () => {
    const { privateKey } = readableKey(encrypted(key), 'word')
    expect(privateKey).toBe(readableKey(pkcs8(key)).privateKey)
    expect(() => readableKey(encrypted(key), 'wrong')).toThrow('the private key cannot be read')
    expect(await isKeyEncrypted(encrypted(key))).toBe(true)
    expect(await isKeyEncrypted(pkcs8(key))).toBe(false)
  })
})

test('other forms are let be, and kinds that SSH has not are refused', () => {
  const openSsh = '-----BEGIN OPENSSH PRIVATE KEY-----\n'
  expect(readableKey(openSsh, 'word')).toEqual({ privateKey: openSsh, passphrase: 'word' })
  expect(() => readableKey(pkcs8(generateKeyPairSync('x25519').privateKey))).toThrow('x25519')
})

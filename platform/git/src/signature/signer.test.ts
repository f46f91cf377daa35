import { generateKeyPairSync } from 'node:crypto'
import { errorChain } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { publicKeyOf } from '../ssh/ssh-identity.ts'
import { pgpSigner } from './pgp-signer.ts'
import { verifySshSignature } from './ssh-signature.ts'
import { sshSigner } from './ssh-signer.ts'

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const payload = Buffer.from('tree 1\n\nmessage\n')
const failure = (work: Promise<unknown>): Promise<string> => work.then(() => '', errorChain)

const keys = {
  ed25519: generateKeyPairSync('ed25519'),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}

describe('sshSigner', () => {
  test.each(Object.entries(keys))('signs with %s what verifies', async (_kind, { privateKey }) => {
    const identity = privateKey.export(pkcs8).toString()
    const sign = await sshSigner(identity)
    // Numbers of an ECDSA signature are sometimes shorter or need a zero before them.
    for (let round = 0; round < 8; round += 1) {
      const content = Buffer.concat([payload, Buffer.from(`${round}`)])
      const signature = await sign(content, { now: 0 })
      const authorized = [await publicKeyOf(identity)]
      expect(verifySshSignature(signature, content, authorized)).toMatch(/^SHA256:/)
      expect(() => verifySshSignature(signature, payload, authorized)).toThrow('unable to verify')
    }
  })

  test('wants the passphrase of an encrypted key', async () => {
    const identity = keys.ed25519.privateKey
      .export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'pass' })
      .toString()
    const sign = await sshSigner(identity, 'pass')
    expect(await sign(payload, { now: 0 })).toMatch(/^-----BEGIN SSH SIGNATURE-----\n/)
    await expect(sshSigner(identity)).rejects.toMatchObject({ code: 'GIT_KEY_ENCRYPTED' })
    expect(await failure(sshSigner(identity, 'nope'))).toBe('x509: decryption password incorrect')
  })

  test.each([
    ['no key', 'not a key', 'ssh: no key found'],
    [
      'a public key',
      keys.p256.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'ssh: no key found',
    ],
    [
      'a short RSA key',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pkcs8).toString(),
      'RSA key size 1024 bits is below the minimum supported by NewSSHSigner; must be at least 2048',
    ],
  ])('refuses %s', async (_name, identity, message) => {
    expect(await failure(sshSigner(identity))).toBe(message)
  })
})

describe('pgpSigner', () => {
  test('says what is wrong with a key without repeating it', async () => {
    const { armor, enums, generateKey, readPrivateKey } = await import('openpgp')
    const options = { userIDs: { name: 'Ann' }, date: new Date(0) }
    const open = await generateKey(options)
    const locked = await generateKey({ ...options, passphrase: 'pass' })
    expect(await codeOf(open.privateKey)).toBe('ok')
    expect(await codeOf(locked.privateKey, 'pass')).toBe('ok')
    expect(await codeOf(locked.privateKey)).toBe('GIT_KEY_ENCRYPTED')
    expect(await codeOf(locked.privateKey, 'nope')).toBe('GIT_KEY_PASSPHRASE')
    expect(await codeOf(open.publicKey)).toBe('GIT_KEY_INVALID')
    expect(await codeOf('nothing')).toBe('GIT_KEY_INVALID')
    expect(await codeOf(open.privateKey.replace(/[A-Z]{4}/, 'AAAA'))).toBe('GIT_KEY_INVALID')
    const packets = await Promise.all(
      [open, locked].map(async ({ privateKey }) =>
        (await readPrivateKey({ armoredKey: privateKey })).write(),
      ),
    )
    expect(await codeOf(armor(enums.armor.privateKey, Buffer.concat(packets)), 'pass')).toBe(
      'GIT_KEY_AMBIGUOUS',
    )
  })
})

function codeOf(armored: string, passphrase?: string): Promise<unknown> {
  return pgpSigner(armored, passphrase).then(
    () => 'ok',
    (error: { code?: string }) => error.code,
  )
}

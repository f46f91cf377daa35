import type { X509Certificate } from 'node:crypto'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SignatureCheck, type SignedArtifact, verifySignature } from '../src/index.ts'
import { readCbor } from '../src/notation/cbor.ts'
import { isTrustedIdentity, policyFor } from '../src/notation/trust-policy.ts'
import {
  makeSigner,
  type Signer,
  type SignerOptions,
  type SignOptions,
  signCose,
  signJws,
} from './notation-signer.ts'
import { type SignedRegistry, startRegistry } from './signed-registry.ts'

const now = Date.UTC(2026, 0, 1)
const signatureType = 'application/vnd.cncf.notary.signature'
let registry: SignedRegistry
const signers = new Map<string, Signer>()
/** Keys are slow to make. */
const signerWith = (options: SignerOptions = {}): Signer => {
  const key = JSON.stringify(options)
  const signer = signers.get(key) ?? makeSigner(now, options)
  signers.set(key, signer)
  return signer
}

beforeAll(async () => {
  registry = await startRegistry()
})
afterAll(() => registry.close())

const policyOf = (change: object = {}, level = 'strict', override?: object): string =>
  JSON.stringify({
    version: '1.0',
    trustPolicies: [
      {
        name: 'all',
        registryScopes: ['*'],
        signatureVerification: { level, ...(override ? { override } : {}) },
        trustStores: ['ca:certs'],
        trustedIdentities: ['*'],
        ...change,
      },
    ],
  })
const checkFor = (signer: Signer, trustPolicy = policyOf()): SignatureCheck => ({
  kind: 'notation',
  trustPolicy,
  certificates: [Buffer.from(signer.chain.at(-1) ?? '')],
})
const verify = (artifact: SignedArtifact, check: SignatureCheck, at = now): Promise<string> =>
  verifySignature(artifact, check, { now: at }).then(String, errorChain)

const envelopes = { jws: [signJws, 'application/jose+json'], cose: [signCose, 'application/cose'] } as const

type Way = Partial<SignOptions> & { readonly tamper?: (content: Buffer) => Buffer; readonly digest?: string }

async function signed(
  form: keyof typeof envelopes,
  signer: Signer,
  { tamper, ...way }: Way = {},
): Promise<SignedArtifact> {
  const artifact = await registry.artifact()
  const [sign, mediaType] = envelopes[form]
  const target = { digest: way.digest ?? artifact.digest, size: artifact.size }
  const content = sign(signer, { target, ...way })
  await registry.attach(artifact, {
    content: tamper?.(content) ?? content,
    mediaType,
    artifactType: signatureType,
  })
  return artifact
}

describe.each(['jws', 'cose'] as const)('a signature in the form of %s', (form) => {
  test.for(['ecdsa', 'rsa'] as const)('with a key of the kind %s is verified', async (kind) => {
    const signer = signerWith({ kind })
    expect(await verify(await signed(form, signer), checkFor(signer))).toBe('verified')
  })

  test('that is valid yet is verified', async () => {
    const signer = signerWith()
    const artifact = await signed(form, signer, { expiry: now / 1000 + 60 })
    expect(await verify(artifact, checkFor(signer))).toBe('verified')
    expect(await verify(artifact, checkFor(signer), now + 61_000)).toContain(
      'digital signature has expired on',
    )
    expect(await verify(artifact, checkFor(signer, policyOf({}, 'permissive')), now + 61_000)).toBe(
      'verified',
    )
  })

  test('of an authority for signing counts at the time that it names', async () => {
    const signer = signerWith({ notAfter: now - 1000 })
    const scheme = 'notary.x509.signingAuthority'
    const policy = policyOf({ trustStores: ['signingAuthority:certs'] })
    const artifact = await signed(form, signer, { scheme, authenticTime: now / 1000 - 3600 })
    expect(await verify(artifact, checkFor(signer, policy))).toBe('verified')
    const timeless = await signed(form, signer, { scheme })
    expect(await verify(timeless, checkFor(signer, policy))).toContain('the signing authority names no time')
    expect(await verify(artifact, checkFor(signer))).toContain('not produced by a trusted signer')
  })

  test.for([
    [
      'for another artifact',
      {},
      { digest: `sha256:${'0'.repeat(64)}` },
      'the signature is for another artifact',
    ],
    ['that was changed', {}, { tamper: (it: Buffer) => flip(it) }, /the signature is not valid|malformed/],
    ['with a certificate of the past', { notAfter: now - 1000 }, {}, 'was not valid when it was used'],
    [
      'with a certificate for servers',
      { usages: ['digitalSignature', 'serverAuth'] },
      {},
      'not for signing code',
    ],
    ['with a certificate for other things', { usages: ['keyEncipherment'] }, {}, 'not for signatures'],
    ['with an authority for a signer', { isCa: true }, {}, 'that of an authority'],
    ['of an unknown scheme', {}, { scheme: 'other' }, 'the signing scheme is unknown'],
    [
      'with a header that must be understood',
      {},
      { critical: ['plugin'] },
      'the critical header "plugin" is not understood',
    ],
    ['that is nothing', {}, { tamper: () => Buffer.from('x') }, 'malformed'],
    ['that goes on', {}, { tamper: (it: Buffer) => Buffer.concat([it, Buffer.from('x')]) }, 'malformed'],
  ] as const)('%s is not', async ([, options, way, want]) => {
    const signer = signerWith(options)
    const message = await verify(await signed(form, signer, way), checkFor(signer))
    expect(message).toMatch(
      /^signature verification failed for all the signatures associated with registry\.test/,
    )
    expect(message).toMatch(want)
  })

  test('of a stranger is not, unless nobody insists', async () => {
    const artifact = await signed(form, signerWith())
    const stranger = signerWith({ kind: 'rsa' })
    expect(await verify(artifact, checkFor(stranger))).toContain(
      'signature is not produced by a trusted signer',
    )
    expect(await verify(artifact, checkFor(stranger, policyOf({}, 'audit')))).toBe('ignored')
    const override = policyOf({}, 'strict', { authenticity: 'skip' })
    expect(await verify(artifact, checkFor(stranger, override))).toBe('ignored')
  })
})

test('another algorithm than that of the key is refused', async () => {
  const signer = signerWith()
  const artifact = await signed('jws', signer, { algorithm: 'none' })
  expect(await verify(artifact, checkFor(signer))).toContain(
    'algorithm of the signature does not go with its key',
  )
})

test('an artifact without a signature is not verified, unless the policy skips it', async () => {
  const artifact = await registry.artifact()
  expect(await verify(artifact, checkFor(signerWith()))).toBe(
    `no signature is associated with "${artifact.place}@${artifact.digest}"`,
  )
  expect(await verify(artifact, checkFor(signerWith(), policyOf({}, 'skip')))).toBe('ignored')
})

function flip(content: Buffer): Buffer {
  const changed = Buffer.from(content)
  const at = changed.length - 10
  changed[at] = changed[at] === 65 ? 66 : 65
  return changed
}

describe('trust policies', () => {
  const scoped = JSON.stringify({
    version: '1.0',
    trustPolicies: ['*', 'a.test/b'].map((scope) => ({
      name: scope,
      registryScopes: [scope],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:x'],
      trustedIdentities: ['*'],
    })),
  })
  test.for([
    ['a.test/b', 'a.test/b'],
    ['a.test/b/c', '*'],
  ] as const)('%s is under %s', ([place, want]) => {
    expect(policyFor(scoped, place).name).toBe(want)
  })

  test.for([
    ['{', 'trust policy document is not valid JSON'],
    ['{"version":"2"}', "trust policy document has an unsupported version '2'"],
    ['{"version":"1.0","trustPolicies":[]}', 'trust policy document has no statements'],
    [policyOf({ registryScopes: ['x'] }), "artifact 'a' has no applicable trust policy statement"],
    [policyOf({}, 'lax'), "trust policy statement 'all' has an unknown level 'lax'"],
    [
      policyOf({ trustStores: [] }),
      "trust policy statement 'all' is missing trust stores or trusted identities",
    ],
    [
      policyOf({}, 'strict', { integrity: 'skip' }),
      "trust policy statement 'all' overrides 'integrity', which cannot be",
    ],
  ] as const)('%s is refused', ([text, want]) => {
    expect(() => policyFor(text, 'a')).toThrow(want)
  })

  test.for([
    ['*', true],
    ['x509.subject: C=US, ST=WA, O=Team', true],
    ['x509.subject: CN=me, C=US, ST=WA, O=Team', true],
    ['x509.subject: C=US, ST=WA, O=Other', false],
    ['x509.subject: C=US, O=Team', false],
    ['C=US, ST=WA, O=Team', false],
  ] as const)('identity %s: %s', ([identity, want]) => {
    const certificate = { subject: 'C=US\nST=WA\nO=Team\nCN=me' } as X509Certificate
    expect(isTrustedIdentity([identity], certificate)).toBe(want)
  })
})

test.for([
  '',
  'ff',
  '1a00ffff',
  '5f',
  '9b7fffffffffffffff',
  'bb00000000ffffffff',
  `${'81'.repeat(100)}00`,
  'a200000000',
  '61ff',
  'f7',
])('CBOR %s is refused', (hex) => {
  expect(() => readCbor(Buffer.from(hex, 'hex'))).toThrow('malformed COSE envelope')
})

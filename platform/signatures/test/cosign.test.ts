import { generateKeyPairSync, sign } from 'node:crypto'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SignatureCheck, type SignedArtifact, verifySignature } from '../src/index.ts'
import { type SignedRegistry, startRegistry } from './signed-registry.ts'
import { issuer, type Signing, type Sigstore, startSigstore, subject } from './sigstore-signer.ts'

let registry: SignedRegistry
let sigstore: Sigstore
let stranger: Sigstore

beforeAll(async () => {
  ;[registry, sigstore, stranger] = await Promise.all([startRegistry(), startSigstore(), startSigstore()])
})
afterAll(() => registry.close())

const payloadFor = (digest: string): Uint8Array =>
  Buffer.from(JSON.stringify({ critical: { image: { 'docker-manifest-digest': digest }, type: 'cosign' } }))
const statementFor = (digest: string, predicateType = 'https://sigstore.dev/cosign/sign/v1'): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: digest.replace('sha256:', '') } }],
      predicateType,
    }),
  )
const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'
const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

const keyless = (change: Partial<Extract<SignatureCheck, { kind: 'keyless' }>> = {}): SignatureCheck => ({
  kind: 'keyless',
  trustedRoot: sigstore.trustedRoot,
  identities: [{ issuer: `^${issuer}$`, subject: '^https://github\\.com/team/.*$' }],
  ...change,
})
const verify = (artifact: SignedArtifact, check: SignatureCheck): Promise<string> =>
  verifySignature(artifact, check, { now: 0 }).then(String, errorChain)

type Way = {
  readonly by?: Sigstore
  readonly digest?: string
  readonly tamper?: (bundle: string) => string
} & Signing

/** Signs as cosign did up to version 2. */
async function signOld(
  artifact: SignedArtifact,
  { by = sigstore, tamper = (it) => it, ...way }: Way = {},
): Promise<void> {
  const payload = payloadFor(way.digest ?? artifact.digest)
  const { signature, certificate, entry } = await by.signPayload(payload, way)
  const { body, integratedTime, logIndex, logID } = entry
  const bundle = JSON.stringify({
    SignedEntryTimestamp: entry.verification.signedEntryTimestamp,
    Payload: { body, integratedTime, logIndex, logID },
  })
  await registry.attach(artifact, {
    content: payload,
    mediaType: simpleSigning,
    annotations: {
      'dev.cosignproject.cosign/signature': signature,
      'dev.sigstore.cosign/certificate': certificate,
      'dev.sigstore.cosign/bundle': tamper(bundle),
    },
  })
}

/** Signs as cosign does since version 3. */
async function signNew(
  artifact: SignedArtifact,
  { by = sigstore, tamper = (it) => it, ...way }: Way = {},
): Promise<void> {
  const bundle = await by.signStatement(statementFor(way.digest ?? artifact.digest), way)
  await registry.attach(artifact, {
    content: Buffer.from(tamper(JSON.stringify(bundle))),
    mediaType: bundleMediaType,
    artifactType: bundleMediaType,
  })
}

describe.each([
  ['a tag', signOld],
  ['a bundle', signNew],
] as const)('by an identity, in %s', (_, signWith) => {
  test('is verified', async () => {
    const artifact = await registry.artifact()
    await signWith(artifact)
    expect(await verify(artifact, keyless())).toBe('verified')
    expect(await verify(artifact, keyless({ identities: [] }))).toBe('verified')
  })

  const another = `sha256:${'0'.repeat(64)}`
  test.for([
    [
      'another subject',
      { subject: 'https://gitlab.com/team' },
      {},
      'none of the expected identities matched',
    ],
    [
      'another issuer',
      {},
      { identities: [{ issuer: '^https://accounts', subject: '.*' }] },
      `got subjects [${subject}] with issuer ${issuer}`,
    ],
    ['no such expression', {}, { identities: [{ issuer: '(', subject: '.*' }] }, 'malformed identity'],
    ['no such root', {}, { trustedRoot: '{' }, 'the trusted root cannot be read'],
    ['another artifact', { digest: another }, {}, `invalid or missing digest in claim: ${another}`],
    ['what the log has not seen', { logged: Buffer.from('other') }, {}, 'the signature cannot be verified'],
    [
      'a log entry that was changed',
      {
        tamper: (it: string) =>
          it.replace(
            /("integratedTime":"?\d+)(\d)/,
            (_match, rest, last) => `${rest}${(Number(last) + 1) % 10}`,
          ),
      },
      {},
      'the signature cannot be verified',
    ],
    [
      'no log entry',
      {
        tamper: (it: string) =>
          it.replace(/"tlogEntries":\[.*?\}\]/, '"tlogEntries":[]').replace('"Payload"', '"Other"'),
      },
      {},
      'the signature cannot be verified',
    ],
  ] as const)('with %s is not', async ([, way, change, want]) => {
    const artifact = await registry.artifact()
    await signWith(artifact, way)
    expect(await verify(artifact, keyless(change))).toContain(want)
  })

  test('of a stranger is not', async () => {
    const artifact = await registry.artifact()
    await signWith(artifact, { by: stranger })
    expect(await verify(artifact, keyless())).toContain('Failed to verify certificate chain')
  })
})

test('an artifact without a signature is not verified', async () => {
  const artifact = await registry.artifact()
  const want = 'no signatures found'
  expect(await verify(artifact, keyless())).toBe(want)
  expect(await verify(artifact, { kind: 'cosign', publicKeys: [] })).toBe(want)
})

test('a statement that is no signature does not count', async () => {
  const artifact = await registry.artifact()
  const bundle = await sigstore.signStatement(statementFor(artifact.digest, 'https://slsa.dev/provenance/v1'))
  const content = Buffer.from(JSON.stringify(bundle))
  await registry.attach(artifact, { content, mediaType: bundleMediaType, artifactType: bundleMediaType })
  expect(await verify(artifact, keyless())).toContain('no signatures found')
})

test.for(['not JSON', '[]', '{"mediaType":"x"}', '{"dsseEnvelope":{"payload":1}}'])(
  'a bundle that is %s is none',
  async (text) => {
    const artifact = await registry.artifact()
    await registry.attach(artifact, {
      content: Buffer.from(text),
      mediaType: bundleMediaType,
      artifactType: bundleMediaType,
    })
    expect(await verify(artifact, keyless())).toMatch(/no signatures found|is no JSON object/)
  },
)

describe('by a key', () => {
  const refusals = {
    ec: 'invalid signature when validating ASN.1 encoded signature',
    rsa: 'crypto/rsa: verification error',
    ed25519: 'failed to verify signature',
  }
  test.for(['ec', 'rsa', 'ed25519'] as const)('of the kind %s, in a tag or a bundle', async (kind) => {
    const options = { namedCurve: 'P-256', modulusLength: 2048 }
    const { publicKey, privateKey } = generateKeyPairSync(kind as 'ec', options)
    const hash = kind === 'ed25519' ? null : 'sha256'
    const check = {
      kind: 'cosign',
      publicKeys: ['no key', publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    } as const
    const old = await registry.artifact()
    const payload = payloadFor(old.digest)
    const signature = sign(hash, payload, privateKey).toString('base64')
    const annotations = { 'dev.cosignproject.cosign/signature': signature }
    await registry.attach(old, { content: payload, mediaType: simpleSigning, annotations })
    expect(await verify(old, check)).toBe('verified')

    const fresh = await registry.artifact()
    const statement = statementFor(fresh.digest)
    const payloadType = 'application/vnd.in-toto+json'
    const signed = Buffer.concat([Buffer.from(`DSSEv1 28 ${payloadType} ${statement.length} `), statement])
    const sig = sign(hash, signed, privateKey).toString('base64')
    const dsseEnvelope = {
      payload: Buffer.from(statement).toString('base64'),
      payloadType,
      signatures: [{ sig }],
    }
    const content = Buffer.from(JSON.stringify({ mediaType: bundleMediaType, dsseEnvelope }))
    await registry.attach(fresh, { content, mediaType: bundleMediaType, artifactType: bundleMediaType })
    expect(await verify(fresh, check)).toBe('verified')
    const { publicKey: other } = generateKeyPairSync(kind as 'ec', options)
    const publicKeys = [other.export({ type: 'spki', format: 'pem' }).toString()]
    for (const artifact of [old, fresh]) {
      expect(await verify(artifact, { kind: 'cosign', publicKeys })).toBe(
        `no matching signatures: ${refusals[kind]}`,
      )
    }
  })
})

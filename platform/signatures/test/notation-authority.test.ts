import { createHttp } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type SignatureCheck, type SignedArtifact, verifySignature } from '../src/index.ts'
import { makeSigner, type Signer, type SignOptions, signCose, signJws } from './notation-signer.ts'
import { type Authority, hasOpenssl, startAuthority } from './openssl-authority.ts'
import { type SignedRegistry, startRegistry } from './signed-registry.ts'

const http = createHttp()
const { signal } = new AbortController()
let registry: SignedRegistry
let authority: Authority
// OpenSSL dates what it makes.
const now = Date.now()

beforeAll(async () => {
  registry = await startRegistry()
  if (hasOpenssl) authority = await startAuthority()
})
afterAll(async () => {
  await registry.close()
  if (hasOpenssl) authority.close()
  await http.close()
})
afterEach(() => {
  if (!hasOpenssl) return
  authority.setDown([])
  authority.asked.length = 0
})

const timestamp = (signature: Buffer): Buffer => authority.timestamp(signature)

type PolicyOptions = {
  readonly level?: string
  readonly stores?: readonly string[]
  readonly verifyTimestamp?: string
}

const checkOf = (
  roots: readonly string[],
  { level = 'strict', stores = ['ca:certs'], verifyTimestamp }: PolicyOptions = {},
): SignatureCheck => ({
  kind: 'notation',
  trustPolicy: JSON.stringify({
    version: '1.0',
    trustPolicies: [
      {
        name: 'all',
        registryScopes: ['*'],
        signatureVerification: { level, ...(verifyTimestamp && { verifyTimestamp }) },
        trustStores: stores,
        trustedIdentities: ['*'],
      },
    ],
  }),
  certificates: roots.map((it) => Buffer.from(it)),
})

const forms = { jws: [signJws, 'application/jose+json'], cose: [signCose, 'application/cose'] } as const

async function signed(
  signer: Signer,
  options: Omit<SignOptions, 'target'> = {},
  form: keyof typeof forms = 'jws',
): Promise<SignedArtifact> {
  const artifact = await registry.artifact()
  const [sign, mediaType] = forms[form]
  const content = sign(signer, { target: { digest: artifact.digest, size: artifact.size }, ...options })
  await registry.attach(artifact, {
    content,
    mediaType,
    artifactType: 'application/vnd.cncf.notary.signature',
  })
  return artifact
}

const verify = (artifact: SignedArtifact, check: SignatureCheck, at = Date.now() + 1000): Promise<string> =>
  verifySignature(artifact, check, { now: at, network: { http, signal } }).then(String, errorChain)

describe.skipIf(!hasOpenssl)('revocation (needs openssl)', () => {
  test.for([
    [['ocsp'], ['GET ocsp']],
    [['crl'], ['GET crl']],
    [['ocsp', 'crl'], ['GET ocsp']],
  ] as const)('by %j is looked at before a signature counts', async ([names, asked]) => {
    const signer = authority.newSigner({ names })
    const artifact = await signed(signer)
    const check = checkOf([authority.root])
    expect(await verify(artifact, check)).toBe('verified')
    expect(authority.asked).toEqual(asked)
    authority.revoke(signer)
    expect(await verify(artifact, check)).toMatch(
      /: signing certificate with subject "CN=signer-\d+,ST=B,O=team,C=DE" is revoked$/,
    )
    // Those who only log it, and those who do not ask.
    for (const level of ['permissive', 'audit']) {
      expect(await verify(artifact, checkOf([authority.root], { level }))).toBe('verified')
    }
  })

  test('is unknown when nobody answers, which does for a policy that only logs', async () => {
    const artifact = await signed(authority.newSigner({ names: ['ocsp', 'crl'] }))
    authority.setDown(['ocsp', 'crl'])
    expect(await verify(artifact, checkOf([authority.root]))).toMatch(/ revocation status is unknown$/)
    expect(authority.asked).toEqual(['GET ocsp', 'GET crl'])
    expect(await verify(artifact, checkOf([authority.root], { level: 'permissive' }))).toBe('verified')
    authority.setDown(['ocsp'])
    expect(await verify(artifact, checkOf([authority.root]))).toBe('verified')
    expect(
      await verifySignature(artifact, checkOf([authority.root]), { now: Date.now() + 1000 }).then(
        String,
        errorChain,
      ),
    ).toMatch(/ revocation status is unknown$/)
  })

  test('an answer of the past counts for nothing', async () => {
    const artifact = await signed(authority.newSigner({ names: ['crl'] }))
    const later = Date.now() + 47 * 3_600_000
    expect(await verify(artifact, checkOf([authority.root]), later)).toBe('verified')
    const ocsp = await signed(authority.newSigner({ names: ['ocsp'] }))
    expect(await verify(ocsp, checkOf([authority.root]), later)).toMatch(/ revocation status is unknown$/)
  })

  test('strangers are not asked about', async () => {
    const artifact = await signed(authority.newSigner({ names: ['ocsp'] }))
    const { chain } = makeSigner(now)
    expect(await verify(artifact, checkOf([chain[1] ?? '']))).toContain('not produced by a trusted signer')
    expect(authority.asked).toEqual([])
  })
})

describe.skipIf(!hasOpenssl).each(['jws', 'cose'] as const)('timestamps in %s (need openssl)', (form) => {
  const stores = ['ca:certs', 'tsa:certs']

  test('let a signature count after its certificate has ended', async () => {
    const signer = makeSigner(now, { notAfter: now + 3_600_000 })
    const artifact = await signed(signer, { timestamp }, form)
    const roots = [signer.chain[1] ?? '', authority.root]
    const later = now + 7_200_000
    expect(await verify(artifact, checkOf(roots, { stores }), later)).toBe('verified')
    expect(await verify(artifact, checkOf(roots), later)).toContain('was not valid when it was used')
  })

  test('are asked for always, or when the certificate has ended', async () => {
    const signer = makeSigner(now, { notAfter: now + 3_600_000 })
    const artifact = await signed(signer, {}, form)
    const roots = [signer.chain[1] ?? '', authority.root]
    const missing = 'no timestamp countersignature was found in the signature envelope'
    const afterwards = checkOf(roots, { stores, verifyTimestamp: 'afterCertExpiry' })
    expect(await verify(artifact, checkOf(roots, { stores }))).toContain(missing)
    expect(await verify(artifact, afterwards)).toBe('verified')
    expect(await verify(artifact, afterwards, now + 7_200_000)).toContain(missing)
    expect(await verify(artifact, checkOf(roots, { stores, verifyTimestamp: 'never' }))).toContain(
      'has an unknown verifyTimestamp',
    )
  })

  test.for([
    [
      'over another signature',
      () => authority.timestamp(Buffer.from('other')),
      'it is for another signature',
    ],
    ['that is nothing', () => Buffer.from('x'), 'a structure of X.509 is malformed'],
    ['that was cut', (it: Buffer) => timestamp(it).subarray(0, -3), 'malformed'],
    ['that was changed', (it: Buffer) => changed(timestamp(it)), /countersignature|malformed/],
  ] as const)('%s count for nothing', async ([, make, want]) => {
    const signer = makeSigner(now)
    const artifact = await signed(signer, { timestamp: make }, form)
    const roots = [signer.chain[1] ?? '', authority.root]
    expect(await verify(artifact, checkOf(roots, { stores }))).toMatch(want)
  })

  test('of an authority that nobody trusts count for nothing', async () => {
    const signer = makeSigner(now)
    const artifact = await signed(signer, { timestamp }, form)
    expect(await verify(artifact, checkOf([signer.chain[1] ?? ''], { stores }))).toContain(
      'it is not by a trusted authority',
    )
  })

  test('before the certificate began count for nothing', async () => {
    const signer = makeSigner(now + 172_800_000)
    const artifact = await signed(signer, { timestamp }, form)
    const roots = [signer.chain[1] ?? '', authority.root]
    expect(await verify(artifact, checkOf(roots, { stores }), now + 172_800_000)).toContain(
      'was not valid when it was used',
    )
  })
})

function changed(token: Buffer): Buffer {
  const copy = Buffer.from(token)
  const at = copy.length - 5
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

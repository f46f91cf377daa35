import { constants, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { X509Certificate as CertificateFields } from '@sigstore/core'
import { SignatureError } from '../signature-error.ts'
import type { SignatureEnvelope } from './envelope.ts'

const codeSigning = '1.3.6.1.5.5.7.3.3'
const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}
const moduli: Readonly<Record<number, string>> = { 2048: 'PS256', 3072: 'PS384', 4096: 'PS512' }

/**
 * The certificates of a signature, once they are known to be a chain for signing code and the signature to be by the first.
 *
 * Source: Notary Project, signature-specification, certificate requirements.
 * @throws {SignatureError}
 */
export function verifiedChain(envelope: SignatureEnvelope): readonly X509Certificate[] {
  const chain = envelope.certificates.map(readCertificate)
  checkChain(chain)
  const [signer] = chain
  if (!signer || !isSigned(envelope, signer.publicKey)) throw new SignatureError('the signature is not valid')
  return chain
}

/** The certificates of a PEM text, or of DER. @throws {SignatureError} */
export function readCertificates(content: Uint8Array): readonly X509Certificate[] {
  const text = new TextDecoder().decode(content)
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  return blocks ? blocks.map((block) => readCertificate(Buffer.from(block))) : [readCertificate(content)]
}

/** Whether all certificates were valid at a time. */
export function expiredAt(chain: readonly X509Certificate[], time: number): X509Certificate | undefined {
  return chain.find(({ validFrom, validTo }) => time < Date.parse(validFrom) || time > Date.parse(validTo))
}

function readCertificate(content: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(content)
  } catch {
    throw new SignatureError('a certificate cannot be read')
  }
}

function checkChain(chain: readonly X509Certificate[]): void {
  const [signer, ...authorities] = chain
  if (!signer) throw new SignatureError('there are no certificates')
  for (const [index, certificate] of chain.entries()) {
    // The last one vouches for itself.
    const issuer = chain[index + 1] ?? certificate
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      throw new SignatureError('the certificates are no chain')
    }
  }
  checkSigner(signer)
  for (const [index, authority] of authorities.entries()) checkAuthority(authority, index)
}

function checkSigner(signer: X509Certificate): void {
  const { extKeyUsage, extBasicConstraints } = fieldsOf(signer)
  // Node's name for the extended key usage.
  const usages: readonly string[] | undefined = signer.keyUsage
  if (signer.ca || extBasicConstraints?.isCA) {
    throw new SignatureError('the signing certificate is that of an authority')
  }
  if (!extKeyUsage?.digitalSignature) {
    throw new SignatureError('the signing certificate is not for signatures')
  }
  if (usages && usages.length > 0 && !usages.includes(codeSigning)) {
    throw new SignatureError('the signing certificate is not for signing code')
  }
}

/** @param below certificates between this one and the signer's. */
function checkAuthority(authority: X509Certificate, below: number): void {
  const { extBasicConstraints } = fieldsOf(authority)
  if (!authority.ca || !extBasicConstraints?.isCA) throw new SignatureError('an issuer is no authority')
  const { pathLenConstraint } = extBasicConstraints
  if (pathLenConstraint !== undefined && pathLenConstraint < BigInt(below)) {
    throw new SignatureError('there are more certificates than their authority allows')
  }
}

function fieldsOf({ raw }: X509Certificate): CertificateFields {
  try {
    return CertificateFields.parse(raw)
  } catch {
    throw new SignatureError('a certificate cannot be read')
  }
}

/** The algorithm is that of the key, whatever the signature says. */
function isSigned({ algorithm, signed, signature }: SignatureEnvelope, key: KeyObject): boolean {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  const expected = key.asymmetricKeyType === 'rsa' ? moduli[modulusLength] : curves[namedCurve]
  if (expected === undefined || algorithm !== expected) {
    throw new SignatureError('the algorithm of the signature does not go with its key')
  }
  const hash = `sha${expected.slice(2)}`
  return expected.startsWith('PS')
    ? verify(
        hash,
        signed,
        {
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        },
        signature,
      )
    : verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

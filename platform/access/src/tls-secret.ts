import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { HttpTls } from '@sluice/ports'
import { type Secret, SecretError, secretText } from './secret.ts'

/** A Secret has no certificates, or one half of a pair. */
export class TlsIncompleteError extends SecretError {
  override readonly name: string = 'TlsIncompleteError'
}

export type TlsOptions = {
  /** Whether what the machine trusts is trusted beside the Secret's authority. Default: `false`. */
  readonly trustsHostRoots?: boolean
}

/**
 * Certificates of a Secret: `ca.crt`, `tls.crt` with `tls.key`, or their older names.
 *
 * Source: FEATURES of Flux 2.9, §10; fluxcd/pkg runtime/secrets.
 * @throws {TlsIncompleteError} when a part of a pair is missing, or all of it.
 * @throws {SecretError} when what is there is no certificate or key.
 */
export function tlsFromSecret(secret: Secret, { trustsHostRoots = false }: TlsOptions = {}): HttpTls {
  const ca = secretText(secret, 'ca.crt') ?? secretText(secret, 'caFile')
  const certificate = secretText(secret, 'tls.crt') ?? secretText(secret, 'certFile')
  const key = secretText(secret, 'tls.key') ?? secretText(secret, 'keyFile')
  const fail = (why: string): SecretError => new TlsIncompleteError(`secret '${secret.reference}' ${why}`)
  if (certificate !== undefined && key === undefined) throw fail("contains 'tls.crt' but missing 'tls.key'")
  if (certificate === undefined && key !== undefined) throw fail("contains 'tls.key' but missing 'tls.crt'")
  if (ca === undefined && certificate === undefined) {
    throw fail("must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'")
  }
  if (certificate !== undefined && key !== undefined) checkPair(certificate, key)
  if (ca !== undefined && !hasCertificate(ca)) throw new SecretError('failed to parse CA certificate')
  return {
    ...(ca === undefined ? {} : { ca, ...(trustsHostRoots && { trustsHostRoots }) }),
    ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
  }
}

/** Says what Go's crypto/tls says of a pair that is none. */
function checkPair(certificate: string, key: string): void {
  const message = 'failed to parse TLS certificate and key'
  const invalid = (why: string): SecretError => new SecretError(`${message}: tls: ${why}`)
  if (!pemBlock.test(certificate)) throw invalid('failed to find any PEM data in certificate input')
  if (!pemBlock.test(key)) throw invalid('failed to find any PEM data in key input')
  let isPair: boolean
  try {
    isPair = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch {
    // The error of OpenSSL may repeat what it could not read.
    throw invalid('failed to parse private key')
  }
  if (!isPair) throw invalid('private key does not match public key')
}

const pemBlock = /-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----/

function hasCertificate(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  return blocks.some((block) => {
    try {
      return new X509Certificate(block).raw.length > 0
    } catch {
      // As in Go, what is no certificate is passed over.
      return false
    }
  })
}

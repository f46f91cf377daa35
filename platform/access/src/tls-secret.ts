import type { HttpTls } from '@sluice/ports'
import { type Secret, SecretError, secretText } from './secret.ts'

/**
 * Certificates of a Secret: `ca.crt`, `tls.crt` with `tls.key`, or their older names.
 *
 * Source: FEATURES of Flux 2.9, §10; fluxcd/pkg runtime/secrets.
 * @throws {SecretError} when a part of a pair is missing, or all of it.
 */
export function tlsFromSecret(secret: Secret): HttpTls {
  const ca = secretText(secret, 'ca.crt') ?? secretText(secret, 'caFile')
  const certificate = secretText(secret, 'tls.crt') ?? secretText(secret, 'certFile')
  const key = secretText(secret, 'tls.key') ?? secretText(secret, 'keyFile')
  const fail = (why: string): SecretError => new SecretError(`secret '${secret.reference}' ${why}`)
  if (certificate !== undefined && key === undefined) throw fail("contains 'tls.crt' but missing 'tls.key'")
  if (certificate === undefined && key !== undefined) throw fail("contains 'tls.key' but missing 'tls.crt'")
  if (ca === undefined && certificate === undefined) {
    throw fail("must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'")
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
  }
}

import type { HttpTls } from '@sluice/ports'
import { type Secret, SecretError, secretText } from './secret.ts'
import { TlsIncompleteError, tlsFromSecret } from './tls-secret.ts'

/** Ways to identify oneself to a server over HTTP. */
export type AuthMethods = {
  readonly basic?: { readonly username: string; readonly password: string }
  readonly tls?: HttpTls
}

/**
 * All that one Secret has: a name and a password, certificates, both.
 *
 * Source: fluxcd/pkg runtime/secrets, AuthMethodsFromSecret.
 * @throws {SecretError} when one half of a login is missing, or what is there is no certificate.
 */
export function authMethodsFromSecret(secret: Secret): AuthMethods {
  const tls = tlsIn(secret)
  return { ...basicIn(secret), ...(tls && { tls }) }
}

function basicIn(secret: Secret): Pick<AuthMethods, 'basic'> {
  const [hasName, hasPassword] = [secret.data.has('username'), secret.data.has('password')]
  if (!hasName && !hasPassword) return {}
  if (hasName && hasPassword) {
    const text = (key: string): string => secretText(secret, key) ?? ''
    return { basic: { username: text('username'), password: text('password') } }
  }
  const [present, missing] = hasName ? ['username', 'password'] : ['password', 'username']
  throw new SecretError(
    `secret '${secret.reference}': malformed basic auth - has '${present}' but missing '${missing}'`,
  )
}

function tlsIn(secret: Secret): HttpTls | undefined {
  try {
    return tlsFromSecret(secret, { trustsHostRoots: true })
  } catch (error) {
    if (error instanceof TlsIncompleteError) return undefined
    throw error
  }
}

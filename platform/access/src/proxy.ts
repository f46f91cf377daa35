import type { HttpProxy } from '@sluice/ports'
import { type Secret, SecretError, secretText } from './secret.ts'

const schemes = ['http', 'https', 'socks5']
const maxAddressLength = 2048

/** The proxy that a Secret describes with `address`, `username` and `password`. Source: fluxcd/pkg runtime/secrets. */
export function proxyFromSecret(secret: Secret): HttpProxy {
  const address = secretText(secret, 'address')
  if (!secret.data.has('address')) {
    throw new SecretError(`secret '${secret.reference}': key 'address' not found`)
  }
  if (address === undefined) throw new SecretError(`secret '${secret.reference}': proxy address is empty`)
  checkAddress(address, secret.reference)
  const username = secretText(secret, 'username')
  const password = secretText(secret, 'password')
  return {
    url: address,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}

function checkAddress(address: string, reference: string): void {
  const fail = (why: string): SecretError => new SecretError(`secret '${reference}': ${why}`)
  if (address.length > maxAddressLength) {
    throw fail(`proxy URL exceeds maximum length of ${maxAddressLength} characters`)
  }
  // The address may carry a password, so it is not repeated.
  if (!URL.canParse(address)) throw fail('failed to parse proxy address')
  const scheme = new URL(address).protocol.slice(0, -1)
  if (!schemes.includes(scheme)) {
    throw fail(`proxy URL must use one of the supported schemes (${schemes.join(', ')}), got '${scheme}'`)
  }
}

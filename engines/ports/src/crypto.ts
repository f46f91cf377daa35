import { ToolkitError } from './errors.ts'

export type HashAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'md5'
export type KeyKind = 'rsa' | 'ecdsa' | 'ed25519' | 'dsa'

/** A key pair in PEM: `privateKey` in the key's traditional form (as Sprig prints it), `publicKey` as SPKI. */
export type KeyPair = { readonly privateKey: string; readonly publicKey: string }

/** A certificate to be made. Times in milliseconds since the epoch. */
export type CertificateRequest = {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly ipAddresses?: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
  readonly isCa: boolean
  readonly usages: readonly (
    | 'digitalSignature'
    | 'keyEncipherment'
    | 'certSign'
    | 'serverAuth'
    | 'clientAuth'
  )[]
  readonly serialNumber: Uint8Array
  /** PEM of the subject's private key. */
  readonly privateKey: string
  /** Signer; absent for a self-signed certificate. */
  readonly issuer?: { readonly certificate: string; readonly privateKey: string }
}

/**
 * Cryptography for the engines, synchronous because engines are. The host's comes from node:crypto.
 * Every function throws {@link CryptoError} on malformed keys or data.
 */
export interface Crypto {
  hash(algorithm: HashAlgorithm, data: Uint8Array): Uint8Array
  hmac(algorithm: HashAlgorithm, key: Uint8Array, data: Uint8Array): Uint8Array
  randomBytes(length: number): Uint8Array
  /** `cost` is log2 of the rounds; the result is the modular crypt form `$2a$…`. */
  bcrypt(password: string, cost: number): string
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    options: { readonly n: number; readonly r: number; readonly p: number; readonly length: number },
  ): Uint8Array
  aesCbc(
    direction: 'encrypt' | 'decrypt',
    data: Uint8Array,
    options: { readonly key: Uint8Array; readonly iv: Uint8Array },
  ): Uint8Array
  /** RSA keys have 2048 bits unless more are asked for. */
  generateKey(kind: KeyKind, options?: { readonly rsaBits?: 2048 | 3072 | 4096 }): KeyPair
  /** PEM of the certificate. */
  createCertificate(request: CertificateRequest): string
}

/** A key, password or ciphertext could not be used, or the host has no cryptography. */
export class CryptoError extends ToolkitError {
  override readonly name = 'CryptoError'

  constructor(code: 'CRYPTO_UNAVAILABLE' | 'CRYPTO_INVALID_INPUT', message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** The port where there is no cryptography, such as a browser: every call says so. */
export const noCrypto: Crypto = {
  hash: unavailable,
  hmac: unavailable,
  randomBytes: unavailable,
  bcrypt: unavailable,
  scrypt: unavailable,
  aesCbc: unavailable,
  generateKey: unavailable,
  createCertificate: unavailable,
}

function unavailable(): never {
  throw new CryptoError('CRYPTO_UNAVAILABLE', 'cryptographic functions are not available here')
}

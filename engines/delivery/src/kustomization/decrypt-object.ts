import { type JsonObject, type KubeObject, ToolkitError } from '@sluice/ports'
import { annotations, disabledValue } from '@sluice/toolkit'
import { DeliveryError } from '../delivery-error.ts'
import { type Decrypter, encryptedFormat, formatForPath, isEncryptedObject } from './decryption.ts'

/**
 * The object decrypted: as a whole when it is a SOPS document, else, for a Secret, each value that is one. The very same
 * object when nothing is encrypted or it asks to be left alone.
 *
 * @throws {DeliveryError} that names the object and the value.
 */
export function decryptObject(object: KubeObject, decrypter: Decrypter): KubeObject {
  const { name = '', namespace = '', annotations: own = {} } = object.metadata
  if (own[annotations.decrypt]?.toLowerCase() === disabledValue) return object
  if (isEncryptedObject(object)) {
    return attempt(
      `failed to decrypt and format '${namespace}/${name}' ${object.kind} data`,
      () => decrypter.decryptObject(object as unknown as JsonObject) as unknown as KubeObject,
    )
  }
  return object.kind === 'Secret' ? decryptValues(object, decrypter) : object
}

function decryptValues(secret: KubeObject, decrypter: Decrypter): KubeObject {
  const { name = '', namespace = '' } = secret.metadata
  const { data } = secret as { readonly data?: Readonly<Record<string, unknown>> | null }
  if (typeof data !== 'object' || data === null) return secret
  const plain = Object.entries(data).flatMap(([key, value]) => {
    const bytes = typeof value === 'string' ? fromBase64(value) : undefined
    const input = bytes && encryptedFormat(bytes)
    if (!bytes || !input) return []
    const text = attempt(`failed to decrypt and format '${namespace}/${name}' Secret field '${key}'`, () =>
      decrypter.decrypt(bytes, { input, output: formatForPath(key) }),
    )
    return [[key, toBase64(text)] as const]
  })
  return plain.length === 0 ? secret : { ...secret, data: { ...data, ...Object.fromEntries(plain) } }
}

function attempt<T>(message: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    // A key that has to be fetched first is no failure of the object's.
    if (cause instanceof ToolkitError && cause.code === 'SOPS_KEYS_NEEDED') throw cause
    throw new DeliveryError('DECRYPTION_FAILED', message, { cause })
  }
}

/** `undefined` for what is not base64: the build or the server will say so. */
function fromBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/[\r\n]/g, '')
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined
  return Uint8Array.from(atob(compact), (unit) => unit.charCodeAt(0))
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  }
  return btoa(binary)
}

import { GoError } from '@sluice/go'
import { decodeBase64 } from './encoding.ts'

const block = /-----BEGIN ([^\n-]+)-----\r?\n(?:[^\n]*: [^\n]*\n)*([A-Za-z0-9+/=\s]*?)-----END \1-----/

/** The first PEM block of a text; nothing when there is none. */
export function decodePem(text: string): { readonly type: string; readonly bytes: Uint8Array } | undefined {
  const [, type, body = ''] = block.exec(text) ?? []
  if (type === undefined) return undefined
  try {
    return { type, bytes: decodeBase64(body.replaceAll(/\s/g, '')) }
  } catch (cause) {
    if (cause instanceof GoError) return undefined
    throw cause
  }
}

/** @throws {GoError} with Sprig's words when a text holds no private key */
export function checkPrivateKey(text: string): void {
  const found = decodePem(text)
  if (!found) throw new GoError('no PEM data in input')
  if (found.type === 'PRIVATE KEY') return
  if (!found.type.endsWith(' PRIVATE KEY')) {
    throw new GoError(`no private key data in PEM block of type ${found.type}`)
  }
  if (!['RSA', 'EC', 'DSA'].includes(found.type.replace(/ PRIVATE KEY$/, ''))) {
    throw new GoError(`invalid private key type ${found.type}`)
  }
}

import type { JsonObject } from '@sluice/ports'

/** How a document is written, in the words of SOPS. */
export type SopsFormat = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

/**
 * Decrypts SOPS documents with the keys of one Kustomization.
 *
 * Keys may have to be asked for outside. A call that needs one which is not there throws; the caller gets the key and
 * builds again.
 */
export interface Decrypter {
  /** The plain text, after its integrity was checked. */
  decrypt(data: Uint8Array, formats: { readonly input: SopsFormat; readonly output: SopsFormat }): Uint8Array
  /** Checks that nobody changed an encrypted document. */
  verify(data: Uint8Array, format: SopsFormat): void
  /**
   * A resource with its values decrypted and the part `sops` removed. Its integrity cannot be checked any more: a build
   * changes names and labels, which the checksum covers.
   */
  decryptObject(object: JsonObject): JsonObject
}

const markers: Readonly<Record<SopsFormat, string>> = {
  yaml: 'mac: ENC[',
  json: '"mac": "ENC[',
  binary: '"mac": "ENC[',
  dotenv: 'sops_mac=ENC[',
  ini: '[sops]',
}

const decoder = new TextDecoder('utf-8')

/** Whether the bytes look like a document of SOPS in this format. */
export function isEncrypted(data: Uint8Array, format: SopsFormat): boolean {
  return decoder.decode(data).includes(markers[format])
}

/** The format of bytes that look encrypted, or `undefined`. A binary document is one in JSON. */
export function encryptedFormat(data: Uint8Array): SopsFormat | undefined {
  const text = decoder.decode(data)
  return (['json', 'dotenv', 'ini', 'yaml'] as const).find((format) => text.includes(markers[format]))
}

/** The format that a file's name promises. */
export function formatForPath(path: string): SopsFormat {
  if (path.endsWith('.dockerconfigjson') || path.endsWith('.json')) return 'json'
  if (path.endsWith('.yaml') || path.endsWith('.yml')) return 'yaml'
  if (path.endsWith('.env')) return 'dotenv'
  return path.endsWith('.ini') ? 'ini' : 'binary'
}

/** Whether the object is a SOPS document itself. */
export function isEncryptedObject(object: object): boolean {
  const { sops } = object as { readonly sops?: { readonly mac?: unknown } | null }
  return typeof sops === 'object' && sops !== null && Boolean(sops.mac)
}

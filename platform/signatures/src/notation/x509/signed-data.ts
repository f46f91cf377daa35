import { type KeyObject, verify } from 'node:crypto'
import { type DerValue, oidText, partsOf } from './der.ts'

/** Hashes by the algorithms of signatures that have one. Source: RFC 4055, RFC 5758. */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}

const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const rsa = '1.2.840.113549.1.1.1'

/** The hash that an algorithm identifier of a digest names. */
export function digestName(algorithm: DerValue | undefined): string | undefined {
  return digests[oidText(partsOf(algorithm)[0])]
}

export type SignedData = {
  readonly content: Uint8Array
  readonly algorithm: DerValue | undefined
  readonly signature: Uint8Array
  /** For algorithms that name none themselves. */
  readonly hash?: string | undefined
}

/** Whether a signature in X.509's way is by a key. Algorithms that are not known, or weak, count as wrong. */
export function isSignedBy({ content, algorithm, signature, hash }: SignedData, key: KeyObject): boolean {
  const oid = oidText(partsOf(algorithm)[0])
  const known = oid === rsa ? hash : hashes[oid]
  const isOfKey = (oid.startsWith('1.2.840.113549.1.1.') ? 'rsa' : 'ec') === key.asymmetricKeyType
  return known !== undefined && known !== 'sha1' && isOfKey && verify(known, content, key, signature)
}

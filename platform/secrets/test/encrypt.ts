import { createCipheriv, createHash } from 'node:crypto'
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { createMessage, encrypt, generateKey, readKey } from 'openpgp'

/** A pair of keys for age. */
export type AgePair = { readonly identity: string; readonly recipient: string }

export async function agePair(): Promise<AgePair> {
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** Wraps a data key, or a share of it, for an age recipient. */
export async function wrapForAge(
  key: Uint8Array,
  recipient: string,
): Promise<Readonly<Record<string, string>>> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return { recipient, enc: armor.encode(await encrypter.encrypt(key)) }
}

/** A pair of keys for PGP. */
export async function pgpPair(): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  const { privateKey, publicKey } = await generateKey({ userIDs: [{ name: 'lab' }], format: 'armored' })
  return { privateKey, publicKey }
}

/** Wraps a data key for a PGP key. */
export async function wrapForPgp(
  key: Uint8Array,
  publicKey: string,
): Promise<Readonly<Record<string, string>>> {
  const encryptionKeys = await readKey({ armoredKey: publicKey })
  const message = await createMessage({ binary: key })
  const enc = await encrypt({ message, encryptionKeys, format: 'armored' })
  return { fp: encryptionKeys.getFingerprint().toUpperCase(), enc }
}

/** Splits a key in two, both of which are needed. */
export function splitInTwo(key: Uint8Array): readonly [Uint8Array, Uint8Array] {
  // The slope of the line through the secret; a constant one suffices here.
  const slopes = key.map((_, at) => (at * 37 + 11) & 0xff)
  return [
    Uint8Array.from([...key.map((byte, at) => byte ^ (slopes[at] ?? 0)), 1]),
    Uint8Array.from([...key.map((byte, at) => byte ^ double(slopes[at] ?? 0)), 2]),
  ]
}

function double(byte: number): number {
  return ((byte << 1) & 0xff) ^ (byte & 0x80 ? 0x1b : 0)
}

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

export type Encryption = {
  readonly key: Uint8Array
  /** The part `sops` besides what is computed: keys and rules. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly isEncrypted?: (path: readonly string[]) => boolean
  readonly macOnlyEncrypted?: boolean
}

const lastModified = '2026-01-02T03:04:05Z'

/** An object as `sops` encrypts it. */
export function encryptObject(
  object: Readonly<Record<string, Plain>>,
  { key, metadata, isEncrypted = () => true, macOnlyEncrypted = false }: Encryption,
): Readonly<Record<string, unknown>> {
  const hash = createHash('sha512')
  if (macOnlyEncrypted) hash.update(createHash('sha256').update('sops').digest())
  const walk = (value: Plain, path: readonly string[]): unknown => {
    if (value === null) return null
    if (Array.isArray(value)) return value.map((item) => walk(item as Plain, path))
    if (typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, walk(item, [...path, name])]),
      )
    }
    const chosen = isEncrypted(path)
    if (chosen || !macOnlyEncrypted) hash.update(textOf(value))
    return chosen ? encryptValue(value, key, `${path.join(':')}:`) : value
  }
  const encrypted = walk(object, []) as Readonly<Record<string, unknown>>
  const mac = encryptValue(hash.digest('hex').toUpperCase(), key, lastModified)
  return {
    ...encrypted,
    sops: {
      ...metadata,
      lastmodified: lastModified,
      mac,
      version: '3.13.0',
      ...(macOnlyEncrypted && { mac_only_encrypted: true }),
    },
  }
}

export function encryptValue(value: string | number | boolean, key: Uint8Array, path: string): string {
  if (value === '') return ''
  const iv = createHash('sha256')
    .update(`${path}${String(value)}`)
    .digest()
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(path))
  const data = Buffer.concat([cipher.update(textOf(value)), cipher.final()]).toString('base64')
  const tag = cipher.getAuthTag().toString('base64')
  return `ENC[AES256_GCM,data:${data},iv:${iv.toString('base64')},tag:${tag},type:${typeOf(value)}]`
}

function textOf(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
}

function typeOf(value: string | number | boolean): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return typeof value === 'boolean' ? 'bool' : 'str'
}

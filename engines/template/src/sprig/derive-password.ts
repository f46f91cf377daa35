import type { Crypto } from '@sluice/ports'
import { bytesOf } from './cast.ts'

const seed = 'com.lyndir.masterpassword'
const scryptOptions = { n: 32_768, r: 8, p: 2, length: 64 } as const

/** Patterns by kind of password; each letter names a class of characters. */
const templates: ReadonlyMap<string, readonly string[]> = new Map([
  ['maximum', ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno']],
  [
    'long',
    [
      'CvcvnoCvcvCvcv',
      'CvcvCvcvnoCvcv',
      'CvcvCvcvCvcvno',
      'CvccnoCvcvCvcv',
      'CvccCvcvnoCvcv',
      'CvccCvcvCvcvno',
      'CvcvnoCvccCvcv',
      'CvcvCvccnoCvcv',
      'CvcvCvccCvcvno',
      'CvcvnoCvcvCvcc',
      'CvcvCvcvnoCvcc',
      'CvcvCvcvCvccno',
      'CvccnoCvccCvcv',
      'CvccCvccnoCvcv',
      'CvccCvccCvcvno',
      'CvcvnoCvccCvcc',
      'CvcvCvccnoCvcc',
      'CvcvCvccCvccno',
      'CvccnoCvcvCvcc',
      'CvccCvcvnoCvcc',
      'CvccCvcvCvccno',
    ],
  ],
  ['medium', ['CvcnoCvc', 'CvcCvcno']],
  ['short', ['Cvcn']],
  ['basic', ['aaanaaan', 'aannaaan', 'aaannaaa']],
  ['pin', ['nnnn']],
])

const letters = 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz'
const classes: ReadonlyMap<string, string> = new Map([
  ['C', 'BCDFGHJKLMNPQRSTVWXYZ'],
  ['v', 'aeiou'],
  ['c', 'bcdfghjklmnpqrstvwxyz'],
  ['a', letters],
  ['n', '0123456789'],
  ['o', "@&%?,=[]_:-+*$#!'^~;()/."],
  ['x', `${letters}0123456789!@#$%^&*()`],
])

export type PasswordRequest = {
  /** A number of 32 bits. */
  readonly counter: number
  readonly template: string
  readonly password: string
  readonly user: string
  readonly site: string
}

/**
 * The password of a site, derived from a master password.
 *
 * Source: the Master Password algorithm, version 3, as Masterminds/sprig 3.3.0 has it
 */
export function derivePassword(crypto: Crypto, request: PasswordRequest): string {
  const { counter, template, password, user, site } = request
  const patterns = templates.get(template)
  if (!patterns) return `cannot find password template ${template}`
  const key = crypto.scrypt(bytesOf(password), joined(bytesOf(seed), counted(user)), scryptOptions)
  const digest = crypto.hmac('sha256', key, joined(bytesOf(seed), counted(site), number32(counter)))
  const pattern = patterns[(digest[0] ?? 0) % patterns.length] ?? ''
  return Array.from(pattern, (kind, at) => {
    const chars = classes.get(kind) ?? ''
    return chars[(digest[at + 1] ?? 0) % chars.length] ?? ''
  }).join('')
}

/** A text after its length in bytes. */
function counted(text: string): Uint8Array {
  const bytes = bytesOf(text)
  return joined(number32(bytes.length), bytes)
}

function number32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

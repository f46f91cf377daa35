import { createDecipheriv } from 'node:crypto'
import { bytesGoString } from '@sluice/go'
import { SopsError } from '../sops-error.ts'
import type { SopsLeaf } from './tree.ts'

const form = /^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\]$/

/** What an encrypted value was before: its kind, and itself. Comments are no values. */
export type PlainValue = { readonly kind: string; readonly value: SopsLeaf }

/**
 * Decrypts one value. `path` is authenticated with it: a value moved elsewhere does not decrypt.
 *
 * Source: getsops/sops v3 aes/cipher.
 * @throws {SopsError} without any part of the value.
 */
export function decryptValue(text: string, key: Uint8Array, path: string): PlainValue {
  // An empty text is never encrypted.
  if (text === '') return { kind: 'str', value: '' }
  const [, data = '', iv = '', tag = '', kind = ''] = form.exec(text) ?? []
  if (kind === '') {
    throw new SopsError('SOPS_MALFORMED', "Input string <redacted> does not match sops' data format")
  }
  return { kind, value: typed(open({ data, iv, tag }, key, path), kind) }
}

function open(
  { data, iv, tag }: { readonly data: string; readonly iv: string; readonly tag: string },
  key: Uint8Array,
  path: string,
): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), {
      // A shorter tag could be guessed.
      authTagLength: 16,
    })
    decipher.setAAD(Buffer.from(path, 'utf8'))
    decipher.setAuthTag(Buffer.from(tag, 'base64'))
    const plain = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()])
    // A binary file is a text in the eyes of SOPS, whatever its bytes are.
    return bytesGoString(plain)
  } catch {
    // The library's words say nothing that helps, and may change.
    throw new SopsError(
      'SOPS_TAMPERED',
      'Could not decrypt with AES_GCM: cipher: message authentication failed',
    )
  }
}

function typed(plain: string, kind: string): SopsLeaf {
  switch (kind) {
    case 'str':
    case 'bytes':
    case 'time':
    case 'comment':
      return plain
    case 'int': {
      if (!/^[+-]?\d+$/.test(plain)) throw malformed(kind)
      const value = Number(plain)
      return Number.isSafeInteger(value) ? value : BigInt(plain)
    }
    case 'float': {
      const value = Number(plain)
      if (plain.trim() === '' || Number.isNaN(value)) throw malformed(kind)
      return value
    }
    case 'bool':
      if (!/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(plain)) throw malformed(kind)
      return /^[1tT]/.test(plain)
    default:
      throw new SopsError('SOPS_MALFORMED', `Unknown datatype: ${kind}`)
  }
}

function malformed(kind: string): SopsError {
  return new SopsError('SOPS_MALFORMED', `a decrypted value is no valid ${kind}`)
}

import { declare, overload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { bytesType, stringType } from '../../types/cel-type.ts'
import { CelError, type CelValue, noSuchOverload } from '../../values/value.ts'

/** `base64.encode` and `base64.decode`. */
export const encodersLibrary: Library = {
  functions: [
    declare('base64.decode', [overload('base64_decode_string', [stringType], bytesType, decode)]),
    declare('base64.encode', [
      overload('base64_encode_bytes', [bytesType], stringType, (bytes = null) =>
        bytes instanceof Uint8Array ? encodeBase64(bytes) : noSuchOverload,
      ),
    ]),
  ],
}

export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Decodes with or without padding. Line breaks do not count. */
function decode(text: CelValue = null): CelValue {
  if (typeof text !== 'string') return noSuchOverload
  const body = text.replace(/[\r\n]/g, '')
  const padded = padding(body)
  if (padded === undefined) return new CelError(`illegal base64 data at input byte ${firstIllegal(text)}`)
  const binary = atob(padded)
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** The text with its padding, or `undefined` where it is no base64. */
function padding(text: string): string | undefined {
  if (/^[A-Za-z\d+/]*$/.test(text) && text.length % 4 !== 1) {
    return text + '='.repeat((4 - (text.length % 4)) % 4)
  }
  return /^[A-Za-z\d+/]*={1,2}$/.test(text) && text.length % 4 === 0 ? text : undefined
}

/** Where decoding without padding stops. */
function firstIllegal(text: string): number {
  let length = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? ''
    if (character === '\n' || character === '\r') continue
    if (!/[A-Za-z\d+/]/.test(character)) return index
    length++
  }
  return text.length - (length % 4)
}

import { createHash, timingSafeEqual } from 'node:crypto'
import { goStringBytes } from '@sluice/go'
import { SopsError } from '../sops-error.ts'
import { decryptValue } from './encrypted-value.ts'
import type { SopsMetadata } from './metadata.ts'
import { isSelected } from './selection.ts'
import type { SopsLeaf, SopsNode } from './tree.ts'

const maxDepth = 200

/** What a checksum over encrypted values alone begins with: the SHA-256 of `sops`, so that the two kinds never agree. */
const macOnlyEncryptedPrefix = createHash('sha256').update('sops').digest()

/**
 * Decrypts the values of `roots` in place and returns the checksum over the plain ones. `decrypted` gets each leaf by what
 * it was encrypted.
 *
 * Source: getsops/sops v3, Tree.Decrypt.
 */
export function decryptTree(
  roots: readonly SopsNode[],
  key: Uint8Array,
  { decrypted, ...metadata }: SopsMetadata & { readonly decrypted?: Map<string, SopsNode> },
): string {
  const hash = createHash('sha512')
  if (metadata.macOnlyEncrypted) hash.update(macOnlyEncryptedPrefix)

  const visit = (node: SopsNode, path: readonly string[]): void => {
    if (path.length > maxDepth) throw new SopsError('SOPS_MALFORMED', `nested deeper than ${maxDepth}`)
    switch (node.kind) {
      case 'map':
        for (const [name, value] of node.entries) visit(value, [...path, name])
        return
      case 'list':
        for (const item of node.items) visit(item, path)
        return
      case 'leaf':
        visitLeaf(node, path)
    }
  }
  const visitLeaf = (leaf: Extract<SopsNode, { kind: 'leaf' }>, path: readonly string[]): void => {
    if (leaf.value === null) return
    const selected = isSelected(path, metadata.rule)
    if (selected) {
      if (typeof leaf.value !== 'string') {
        throw new SopsError('SOPS_MALFORMED', `the value at ${path.join('.')} is not encrypted`)
      }
      const { value } = leaf
      leaf.value = decryptValue(value, key, `${path.join(':')}:`).value
      decrypted?.set(value, leaf)
    }
    if (selected || !metadata.macOnlyEncrypted) hash.update(goStringBytes(hashedText(leaf.value ?? '')))
  }

  for (const root of roots) visit(root, [])
  return hash.digest('hex').toUpperCase()
}

/**
 * Checks a computed checksum against the one that the document carries, encrypted.
 *
 * @throws {SopsError} `SOPS_TAMPERED` when somebody changed the document.
 */
export function checkMac(mac: string, key: Uint8Array, metadata: SopsMetadata): void {
  const stored = metadata.mac === '' ? '' : String(decryptMac(metadata, key))
  const [expected, actual] = [Buffer.from(stored), Buffer.from(mac)]
  if (expected.length === actual.length && timingSafeEqual(expected, actual)) return
  // Neither checksum is shown: they are over the plain values, which may be easy to guess.
  const why = stored === '' ? 'the document has no MAC' : 'the MAC is that of another document'
  throw new SopsError('SOPS_TAMPERED', `failed to verify sops data integrity: ${why}`)
}

function decryptMac(metadata: SopsMetadata, key: Uint8Array): SopsLeaf {
  try {
    return decryptValue(metadata.mac, key, metadata.lastModified).value
  } catch (cause) {
    throw new SopsError('SOPS_TAMPERED', 'failed to verify sops data integrity', { cause })
  }
}

/** Values as Go prints them for the checksum. */
function hashedText(value: Exclude<SopsLeaf, null>): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'number' ? plainNumber(value) : String(value)
}

/** A number without an exponent, as many digits as tell it from its neighbours. */
export function plainNumber(value: number): string {
  const text = String(value)
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (exponent === undefined) return text
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits.padEnd(point, '0')
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

import { goStringBytes } from '@sluice/go'
import { dotenvStore } from '../stores/dotenv-store.ts'
import { iniStore } from '../stores/ini-store.ts'
import { binaryStore, jsonStore } from '../stores/json-store.ts'
import type { LoadedDocument, SopsFormat, Store } from '../stores/store.ts'
import { yamlStore } from '../stores/yaml-store.ts'
import { checkMac, decryptTree } from './decrypt-tree.ts'
import { readMetadata, type SopsMetadata } from './metadata.ts'
import type { SopsNode } from './tree.ts'

const stores: Readonly<Record<SopsFormat, Store>> = {
  yaml: yamlStore,
  json: jsonStore,
  dotenv: dotenvStore,
  ini: iniStore,
  binary: binaryStore,
}

/** An encrypted document before its key is known. */
export type EncryptedDocument = {
  readonly format: SopsFormat
  readonly loaded: LoadedDocument
  readonly metadata: SopsMetadata
}

/** @throws {SopsError} when the text is no document of this format. */
export function readDocument(data: Uint8Array, format: SopsFormat): EncryptedDocument {
  const loaded = stores[format].load(new TextDecoder().decode(data))
  return { format, loaded, metadata: readMetadata(loaded.metadata) }
}

/**
 * Decrypts a document, in place, and checks that nobody changed it.
 *
 * @returns the plain document in the format asked for.
 * @throws {SopsError} `SOPS_TAMPERED`
 */
export function openDocument(
  { format, loaded, metadata }: EncryptedDocument,
  key: Uint8Array,
  output: SopsFormat,
): Uint8Array {
  const decrypted = new Map<string, SopsNode>()
  const mac = decryptTree(loaded.roots, key, { ...metadata, decrypted })
  checkMac(mac, key, metadata)
  const text =
    format === output && loaded.rewrite ? loaded.rewrite(decrypted) : stores[output].emit(loaded.roots)
  return goStringBytes(text)
}

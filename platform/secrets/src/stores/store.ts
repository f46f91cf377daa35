import type { SopsNode } from '../sops/tree.ts'

/** How a document is written, in the words of SOPS. */
export type SopsFormat = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

/** A document taken apart: its contents without metadata, and the metadata. */
export type LoadedDocument = {
  /** One root a YAML document; all others have one. */
  readonly roots: readonly SopsNode[]
  readonly metadata: SopsNode | undefined
  /** The text, from which YAML is written again with its comments. */
  readonly text: string
}

/** Reads and writes documents of one format. */
export type Store = {
  readonly load: (text: string) => LoadedDocument
  /** The plain document; `loaded` was decrypted in place. */
  readonly emit: (loaded: LoadedDocument) => Uint8Array
}

import type { SopsNode } from '../sops/tree.ts'

/** How a document is written, in the words of SOPS. */
export type SopsFormat = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

/** A document taken apart: its contents without metadata, and the metadata. */
export type LoadedDocument = {
  /** One root a YAML document; all others have one. Values are decrypted in place. */
  readonly roots: readonly SopsNode[]
  readonly metadata: SopsNode | undefined
  /** Writes the document again in its own format, keeping what the tree does not have, such as comments. */
  readonly rewrite?: (decrypted: ReadonlyMap<string, SopsNode>) => string
}

/** Reads and writes documents of one format. */
export type Store = {
  readonly load: (text: string) => LoadedDocument
  /** The plain document. @throws {SopsError} when the format cannot hold it. */
  readonly emit: (roots: readonly SopsNode[]) => string
}

import { createHash } from 'node:crypto'
import { ToolkitError } from '@sluice/ports'
import type { SopsFormat } from '../stores/store.ts'
import { recoverDataKey, type Unwrap } from './data-key.ts'
import { decryptTree } from './decrypt-tree.ts'
import { openDocument, readDocument } from './document.ts'
import { readMetadata, type SopsMetadata } from './metadata.ts'
import { fromPlain, takeEntry, toPlain } from './tree.ts'

/** Data keys have to be fetched before the work can be done: ask {@link SopsSession.fetchKeys}, then do it again. */
export class KeysNeededError extends ToolkitError {
  override readonly name = 'KeysNeededError'

  constructor() {
    super('SOPS_KEYS_NEEDED', 'cannot get sops data key: it was not fetched yet')
  }
}

/** A JSON object. */
type Plain = Readonly<Record<string, unknown>>

/**
 * Decrypts documents without waiting: a data key that is not known yet is remembered as wanted, and the call throws.
 * Data keys are kept for as long as the session is.
 */
export interface SopsSession {
  /** The plain document, its integrity checked. @throws {KeysNeededError | SopsError} */
  decrypt(data: Uint8Array, formats: { readonly input: SopsFormat; readonly output: SopsFormat }): Uint8Array
  /** Checks that nobody changed the document. @throws {KeysNeededError | SopsError} */
  verify(data: Uint8Array, format: SopsFormat): void
  /** The object without its part `sops`. Its checksum is not looked at. @throws {KeysNeededError | SopsError} */
  decryptObject<T extends object>(object: T): T
  /** Fetches the keys that were wanted. One that cannot be had fails the call that needs it, with the reason. */
  fetchKeys(options: { readonly signal: AbortSignal }): Promise<void>
}

type Recovered = { readonly key: Uint8Array } | { readonly error: unknown }

export function sopsSession(unwrap: Unwrap): SopsSession {
  const known = new Map<string, Recovered>()
  const wanted = new Map<string, SopsMetadata>()

  const keyFor = (metadata: SopsMetadata): Uint8Array => {
    const identity = identityOf(metadata)
    const found = known.get(identity)
    if (!found) {
      wanted.set(identity, metadata)
      throw new KeysNeededError()
    }
    if ('error' in found) {
      throw new ToolkitError('SOPS_NO_DATA_KEY', 'cannot get sops data key', { cause: found.error })
    }
    return found.key
  }
  const decrypt: SopsSession['decrypt'] = (data, { input, output }) => {
    const document = readDocument(data, input)
    return openDocument(document, keyFor(document.metadata), output)
  }

  return {
    decrypt,
    verify: (data, format) => {
      decrypt(data, { input: format, output: format })
    },
    decryptObject: <T extends object>(object: T) => {
      const root = fromPlain(object)
      const metadata = readMetadata(takeEntry(root, 'sops'))
      decryptTree([root], keyFor(metadata), metadata)
      return toPlain(root) as Plain as T
    },
    fetchKeys: async ({ signal }) => {
      await Promise.all(
        [...wanted].map(async ([identity, metadata]) => {
          known.set(identity, await recover(metadata, unwrap, signal))
        }),
      )
      wanted.clear()
    },
  }
}

async function recover(metadata: SopsMetadata, unwrap: Unwrap, signal: AbortSignal): Promise<Recovered> {
  try {
    return { key: await recoverDataKey(metadata, unwrap, { signal }) }
  } catch (error) {
    signal.throwIfAborted()
    return { error }
  }
}

/** Documents that were encrypted for the same keys at once share their data key. */
function identityOf({ groups, threshold }: SopsMetadata): string {
  return createHash('sha256')
    .update(JSON.stringify([groups, threshold]))
    .digest('hex')
}

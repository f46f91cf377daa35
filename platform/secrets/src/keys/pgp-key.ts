import type { MasterKey } from '../sops/metadata.ts'
import { SopsError } from '../sops-error.ts'

/** Decrypts with private keys in armour. Without a passphrase only, as Flux has it. */
export async function unwrapWithPgp(
  { enc, fingerprint }: Extract<MasterKey, { kind: 'pgp' }>,
  armoredKeys: readonly string[],
): Promise<Uint8Array> {
  if (armoredKeys.length === 0) {
    throw new SopsError(
      'SOPS_KEY_REFUSED',
      `could not decrypt data key with PGP key: no key for ${fingerprint}`,
    )
  }
  // Loaded on first use: it is large, and most keys are of another kind.
  const openpgp = await import('openpgp')
  try {
    const keys = await Promise.all(
      armoredKeys.map((armoredKeys_) => openpgp.readPrivateKeys({ armoredKeys: armoredKeys_ })),
    )
    const message = await openpgp.readMessage({ armoredMessage: enc })
    const { data } = await openpgp.decrypt({ message, decryptionKeys: keys.flat(), format: 'binary' })
    return data
  } catch (cause) {
    throw new SopsError('SOPS_KEY_REFUSED', 'could not decrypt data key with PGP key', { cause })
  }
}

/**
 * Decryption of SOPS documents, with keys of age, PGP, Vault and the clouds' key services.
 *
 * @example
 * const session = sopsSession(unwrapWith(readKeyRing(data, (name) => `cannot import '${name}'`), { http, clock }))
 * // Work that throws KeysNeededError is done again after this.
 * await session.fetchKeys({ signal })
 */
export { emptyKeyRing, type KeyRing, readKeyRing, unwrapWith } from './keys/key-ring.ts'
export type { Unwrap } from './sops/data-key.ts'
export { KeysNeededError, type SopsSession, sopsSession } from './sops/session.ts'
export { SopsError, type SopsErrorCode } from './sops-error.ts'
export type { SopsFormat } from './stores/store.ts'

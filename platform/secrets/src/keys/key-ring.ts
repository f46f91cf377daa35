import type { Clock, Http } from '@sluice/ports'
import type { Unwrap } from '../sops/data-key.ts'
import { SopsError } from '../sops-error.ts'
import { parseAgeIdentities, unwrapWithAge } from './age-key.ts'
import { type AwsCredentials, parseAwsCredentials, unwrapWithAws } from './aws-key.ts'
import { type AzureCredentials, parseAzureCredentials, unwrapWithAzure } from './azure-key.ts'
import { type GcpCredentials, parseGcpCredentials, unwrapWithGcp } from './gcp-key.ts'
import { unwrapWithPgp } from './pgp-key.ts'
import { unwrapWithVault } from './vault-key.ts'

/** The keys and credentials that one Kustomization may decrypt with. */
export type KeyRing = {
  readonly ageIdentities: readonly string[]
  /** Private keys in armour. */
  readonly pgpKeys: readonly string[]
  readonly vaultToken?: string
  readonly aws?: AwsCredentials
  readonly azure?: AzureCredentials
  readonly gcp?: GcpCredentials
}

export const emptyKeyRing: KeyRing = { ageIdentities: [], pgpKeys: [] }

type Entry = (ring: KeyRing, text: string) => KeyRing

/** Entries of a decryption Secret by name; keys for age and PGP go by the name's ending. */
const entries: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['sops.vault-token', (ring, text) => ({ ...ring, vaultToken: text.trim() })],
  ['sops.aws-kms', (ring, text) => ({ ...ring, aws: parseAwsCredentials(text) })],
  ['sops.azure-kv', (ring, text) => ({ ...ring, azure: parseAzureCredentials(text) })],
  ['sops.gcp-kms', (ring, text) => ({ ...ring, gcp: parseGcpCredentials(text.trim()) })],
])

/**
 * Reads the data of a decryption Secret.
 *
 * @param describe names an entry in an error, such as `failed to import 'x' data from …`.
 * @throws {SopsError}
 */
export function readKeyRing(data: ReadonlyMap<string, string>, describe: (entry: string) => string): KeyRing {
  let ring = emptyKeyRing
  for (const [name, text] of data) {
    const entry = entries.get(name) ?? entryByEnding(name)
    if (!entry) continue
    try {
      ring = entry(ring, text)
    } catch (cause) {
      throw new SopsError('SOPS_MALFORMED', describe(name), { cause })
    }
  }
  return ring
}

function entryByEnding(name: string): Entry | undefined {
  if (name.endsWith('.agekey')) {
    return (ring, text) => ({
      ...ring,
      ageIdentities: [...ring.ageIdentities, ...parseAgeIdentities(text)],
    })
  }
  return name.endsWith('.asc') ? (ring, text) => ({ ...ring, pgpKeys: [...ring.pgpKeys, text] }) : undefined
}

/** Unwraps with the keys of a ring, over the network where a key is a service's. */
export function unwrapWith(ring: KeyRing, services: { readonly http: Http; readonly clock: Clock }): Unwrap {
  return async (key, options) => {
    switch (key.kind) {
      case 'age':
        return await unwrapWithAge(key, ring.ageIdentities)
      case 'pgp':
        return await unwrapWithPgp(key, ring.pgpKeys)
      case 'hc_vault':
        return await unwrapWithVault(
          key,
          { ...services, token: given(ring.vaultToken, 'Vault token') },
          options,
        )
      case 'kms':
        return await unwrapWithAws(
          key,
          { ...services, credentials: given(ring.aws, 'AWS credentials') },
          options,
        )
      case 'gcp_kms':
        return await unwrapWithGcp(
          key,
          { ...services, credentials: given(ring.gcp, 'GCP credentials') },
          options,
        )
      case 'azure_kv':
        return await unwrapWithAzure(
          key,
          { ...services, credentials: given(ring.azure, 'Azure credentials') },
          options,
        )
    }
  }
}

function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new SopsError('SOPS_KEY_REFUSED', `the decryption Secret has no ${what}`)
  return value
}

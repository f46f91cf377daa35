import { type Cluster, isApiError } from '@sluice/cluster'
import type { Decrypter } from '@sluice/delivery'
import { type KubeObject, ToolkitError } from '@sluice/ports'
import { KeysNeededError, readKeyRing, type SopsSession, sopsSession, unwrapWith } from '@sluice/secrets'
import type { Kustomization } from '@sluice/toolkit'
import type { KustomizeDeps } from '../deps.ts'

/** Keys for decryption could not be read. */
export class DecryptionKeysError extends ToolkitError {
  override readonly name = 'DecryptionKeysError'

  constructor(message: string, options?: ErrorOptions) {
    super('DECRYPTION_KEYS_UNAVAILABLE', message, options)
  }
}

type DecryptionDeps = Pick<KustomizeDeps, 'http' | 'clock' | 'options'> & {
  /** Secrets are read from it. */
  readonly cluster: Cluster
}

/** A build asks for keys as it comes upon documents, so it may have to be begun several times. */
const maxPasses = 16

/** What a Kustomization may decrypt with; `undefined` when it asks for no decryption. */
export async function decryptionSession(
  object: Kustomization,
  { cluster, http, clock, options }: DecryptionDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<SopsSession | undefined> {
  const { decryption } = object.spec
  if (!decryption) return undefined
  const { secretRef } = decryption
  const global = options?.sopsAgeSecret
  const data = secretRef
    ? await readSecret(
        { namespace: object.metadata.namespace ?? '', name: secretRef.name },
        { cluster, signal },
      )
    : global && (await readSecret(global, { cluster, signal }))
  const entries = [...(data?.entries ?? [])].filter(([name]) => secretRef || name.endsWith('.agekey'))
  const ring = readKeyRing(
    new Map(entries),
    (name) => `failed to import '${name}' data from sops decryption Secret '${data?.place ?? ''}'`,
  )
  return sopsSession(unwrapWith(ring, { http, clock }))
}

/** Does `work`, again whenever a key had to be fetched first. */
export async function withKeys<T>(
  session: SopsSession | undefined,
  work: (decrypter: Decrypter | undefined) => T,
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  for (let pass = 1; ; pass += 1) {
    try {
      return work(session)
    } catch (error) {
      if (!session || !(error instanceof KeysNeededError) || pass === maxPasses) throw error
    }
    // The next pass needs the keys of this one.
    await session.fetchKeys({ signal })
  }
}

type SecretData = { readonly place: string; readonly entries: readonly (readonly [string, string])[] }

async function readSecret(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<SecretData> {
  const place = `${namespace}/${name}`
  try {
    const resource = await cluster.resourceFor('v1', 'Secret', { signal })
    const { data = {} } = await cluster.get<
      KubeObject & { readonly data?: Readonly<Record<string, string>> }
    >(resource, { namespace, name }, { signal })
    const entries = Object.entries(data).map(
      ([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const,
    )
    return { place, entries }
  } catch (cause) {
    if (isApiError(cause, 'NotFound')) throw cause
    throw new DecryptionKeysError(`cannot get sops decryption Secret '${place}'`, { cause })
  }
}

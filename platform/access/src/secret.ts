import { type Cluster, isMissing, MissingError, type Resource } from '@sluice/cluster'
import { ToolkitError } from '@sluice/ports'

/** A Secret as the source kinds use it. */
export type Secret = {
  /** `namespace/name`, as messages name it. */
  readonly reference: string
  /** The `type` field. */
  readonly type: string
  readonly data: ReadonlyMap<string, Uint8Array>
}

const secrets: Resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }

/** A Secret lacks something. */
export class SecretError extends ToolkitError {
  override readonly name: string = 'SecretError'

  constructor(message: string, options?: ErrorOptions) {
    super('SECRET_INVALID', message, options)
  }
}

/**
 * Reads a Secret.
 *
 * @throws {SecretError} `failed to get secret 'ns/name'`, with the API server's answer as cause.
 */
export async function readSecret(
  cluster: Cluster,
  key: { readonly namespace: string; readonly name: string },
  { signal }: { readonly signal: AbortSignal },
): Promise<Secret> {
  const reference = `${key.namespace}/${key.name}`
  try {
    const object = await cluster.get(secrets, key, { signal })
    const { data, type } = object as { readonly data?: unknown; readonly type?: unknown }
    return { reference, type: typeof type === 'string' ? type : 'Opaque', data: decodeData(data) }
  } catch (cause) {
    throw new SecretError(`failed to get secret '${reference}'`, { cause })
  }
}

/**
 * Reads a Secret that is named beside the one for the login: of a proxy, of certificates.
 *
 * Source: fluxcd/pkg runtime/secrets, which words it so.
 * @throws {MissingError | SecretError} `secret 'ns/name' not found`, or why it cannot be read.
 */
export async function readNamedSecret(
  cluster: Cluster,
  key: { readonly namespace: string; readonly name: string },
  options: { readonly signal: AbortSignal },
): Promise<Secret> {
  try {
    return await readSecret(cluster, key, options)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new MissingError(`secret '${key.namespace}/${key.name}' not found`)
  }
}

/** The text at `key`; absent and empty are the same. */
export function secretText({ data }: Secret, key: string): string | undefined {
  const value = data.get(key)
  return value === undefined || value.length === 0 ? undefined : new TextDecoder().decode(value)
}

function decodeData(data: unknown): ReadonlyMap<string, Uint8Array> {
  if (typeof data !== 'object' || data === null) return new Map()
  return new Map(
    Object.entries(data).map(([key, value]) => [
      key,
      Uint8Array.from(Buffer.from(typeof value === 'string' ? value : '', 'base64')),
    ]),
  )
}

import type { MutableValues } from '@sluice/chart'
import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { composeValues, type ValuesSource } from '@sluice/delivery'
import type { KubeObject } from '@sluice/ports'
import type { HelmRelease, ValuesReference } from '@sluice/toolkit'

const resources: Readonly<Record<ValuesReference['kind'], Resource>> = {
  Secret: { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  ConfigMap: { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
}

type Access = { readonly cluster: Cluster; readonly signal: AbortSignal }

/**
 * The values of a HelmRelease, composed of inline ones and of the Secrets and ConfigMaps of its namespace.
 *
 * @throws {ValuesReferenceError} {@link ApiError}
 */
export async function releaseValues(
  { metadata: { namespace = '' }, spec }: Pick<HelmRelease, 'metadata' | 'spec'>,
  access: Access,
): Promise<MutableValues> {
  const { values, valuesFrom: references = [] } = spec
  // Read ahead, each once, since composing is synchronous.
  const distinct = new Map(references.map((it) => [`${it.kind}/${it.name}`, it]))
  const entries = await Promise.all(
    [...distinct].map(async ([id, it]) => [id, await readSource(namespace, it, access)] as const),
  )
  const sources = new Map(entries)
  return composeValues(
    { namespace, values, references },
    (kind, name) => sources.get(`${kind}/${name}`) ?? { missing: 'not read' },
  )
}

async function readSource(
  namespace: string,
  reference: ValuesReference,
  { cluster, signal }: Access,
): Promise<ValuesSource> {
  const { kind, name } = reference
  try {
    const source = await cluster.get<WithData>(resources[kind], { namespace, name }, { signal })
    return { data: kind === 'Secret' ? decoded(source.data) : encoded(source.data) }
  } catch (error) {
    signal.throwIfAborted()
    // Composing says whether it matters.
    if (isApiError(error, 'NotFound')) return { missing: error.message }
    throw error
  }
}

type WithData = KubeObject & {
  readonly data?: Readonly<Record<string, string>>
}

/** Binary data of a ConfigMap are no values, as in Flux. */
function encoded(data: Readonly<Record<string, string>> = {}): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'utf8')]))
}

function decoded(data: Readonly<Record<string, string>> = {}): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
}

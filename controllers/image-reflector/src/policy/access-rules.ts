import type { Cluster, Resource } from '@sluice/cluster'
import { ToolkitError } from '@sluice/ports'
import type { AccessFrom } from '@sluice/toolkit'

export const namespaces: Resource = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}

/** An object may not refer to another. */
export class AccessDeniedError extends ToolkitError {
  override readonly name = 'AccessDeniedError'

  constructor(message: string, options?: ErrorOptions) {
    super('ACCESS_DENIED', message, options)
  }
}

type Reference = { readonly namespace: string; readonly name: string }

/**
 * Checks the rules of an object that one of the namespace `from` refers to.
 *
 * Source: fluxcd/pkg runtime/acl, HasAccessToRef.
 * @throws {AccessDeniedError} when none of them lets it.
 */
export async function checkAccess(
  from: string,
  { namespace, name }: Reference,
  {
    accessFrom,
    cluster,
    signal,
  }: { readonly accessFrom: AccessFrom | undefined; readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<void> {
  if (from === namespace) return
  const what = `'${namespace}/${name}' can't be accessed due to`
  if (!accessFrom) throw new AccessDeniedError(`${what} missing ACL labels on 'accessFrom'`)
  const { metadata } = await cluster.get(namespaces, { name: from }, { signal, metadataOnly: true })
  const labels = metadata.labels ?? {}
  const isLet = accessFrom.namespaceSelectors.some(({ matchLabels = {} }) =>
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value),
  )
  if (!isLet) throw new AccessDeniedError(`${what} ACL labels mismatch on namespace '${from}'`)
}

import type { Cluster, Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { ClusterAccessError } from '../clusters/cluster-access-error.ts'
import type { BearerToken } from './bearer-token.ts'

export const serviceAccounts: Resource = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}

/** The name of a ServiceAccount. */
export type AccountKey = { readonly namespace: string; readonly name: string }
type TokenRequest = KubeObject & {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string }
}

/**
 * A token of a ServiceAccount for the audiences.
 *
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
export async function requestToken(
  cluster: Cluster,
  { namespace, name }: AccountKey,
  { audiences, signal }: { readonly audiences: readonly string[]; readonly signal: AbortSignal },
): Promise<BearerToken> {
  const request: KubeObject = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name, namespace },
    spec: { audiences },
  }
  const { status } = await cluster.create<TokenRequest>(serviceAccounts, request, {
    signal,
    fieldManager: 'sluice',
    subresource: 'token',
  })
  const expiresAt = Date.parse(status?.expirationTimestamp ?? '')
  if (!status?.token || Number.isNaN(expiresAt)) {
    throw new ClusterAccessError('the API server issued no token')
  }
  return { token: status.token, expiresAt }
}

/**
 * The ServiceAccount that a token is for, by its subject.
 *
 * @throws {ClusterAccessError} when the text is no such token.
 */
export function accountOfToken(token: string): AccountKey {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subjectOf(token)) ?? []
  if (namespace === undefined || name === undefined) {
    throw new ClusterAccessError('invalid subject format in service account token')
  }
  return { namespace, name }
}

function subjectOf(token: string): string {
  const [, payload = ''] = token.trim().split('.')
  let claims: unknown
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  } catch {
    // The cause would quote the token.
    throw new ClusterAccessError('failed to parse service account token')
  }
  const { sub } = (claims ?? {}) as { readonly sub?: unknown }
  return typeof sub === 'string' ? sub : ''
}

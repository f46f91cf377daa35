import type { CloudCall, CloudIdentity } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson, textField } from '../exchange.ts'
import { gcpToken } from '../gcp/gcp-token.ts'
import type { ClusterLogin, ClusterQuestion } from './cluster-login.ts'

const clusterPattern = /^projects\/[^/]{1,200}\/locations\/[^/]{1,200}\/clusters\/[^/]{1,200}$/

/**
 * A login to a GKE cluster: it takes access tokens of Google accounts.
 *
 * Source: https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters/get
 */
export async function gkeLogin(
  { cluster, describe }: ClusterQuestion,
  identity: CloudIdentity,
  call: CloudCall,
): Promise<ClusterLogin> {
  const { token, expiresAt } = await gcpToken(identity, call)
  if (!describe) return { token, expiresAt, endpoints: [] }
  if (!clusterPattern.test(cluster)) {
    throw new CloudError(`invalid GKE cluster ID: '${cluster}'. must match ${clusterPattern.source}`)
  }
  const what = `failed to describe GKE cluster '${cluster}'`
  const url = `https://container.googleapis.com/v1/${cluster.split('/').map(encodeURIComponent).join('/')}`
  const question = { method: 'GET', url, headers: { authorization: `Bearer ${token}` } } as const
  const answer = await askJson(question, call, what)
  const { clusterCaCertificate } = (answer['masterAuth'] ?? {}) as { readonly clusterCaCertificate?: unknown }
  const ca = typeof clusterCaCertificate === 'string' ? clusterCaCertificate : ''
  const address = textField(answer, 'endpoint', what)
  return { token, expiresAt, endpoints: [{ address, ca: Buffer.from(ca, 'base64').toString('utf8') }] }
}

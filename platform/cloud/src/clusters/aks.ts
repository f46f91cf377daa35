import { parseYaml } from '@sluice/yaml'
import { azureToken } from '../azure/azure-token.ts'
import { type CloudCall, type CloudIdentity, variable } from '../cloud-call.ts'
import { CloudError } from '../cloud-error.ts'
import { askJson } from '../exchange.ts'
import type { ClusterEndpoint, ClusterLogin, ClusterQuestion } from './cluster-login.ts'

const clusterPattern =
  /^\/subscriptions\/([^/]{36})\/resourceGroups\/([^/]{1,200})\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]{1,200})$/i
/** The application that stands for all AKS clusters. */
const clusterScope = '6dae42f8-4368-4678-94ff-3960e28e3630/.default'
const apiVersion = '2024-09-01'
const entraDocumentation =
  'https://learn.microsoft.com/en-us/azure/aks/enable-authentication-microsoft-entra-id'

/**
 * A login to an AKS cluster: it takes tokens of Entra ID. Where it is stands in the kubeconfigs that Azure gives out.
 *
 * Source: https://learn.microsoft.com/rest/api/aks/managed-clusters
 */
export async function aksLogin(
  { cluster, describe }: ClusterQuestion,
  identity: CloudIdentity,
  call: CloudCall,
): Promise<ClusterLogin> {
  const { token, expiresAt } = await azureToken(identity, clusterScope, call)
  return { token, expiresAt, endpoints: describe ? await endpointsOf(cluster, identity, call) : [] }
}

async function endpointsOf(
  cluster: string,
  identity: CloudIdentity,
  call: CloudCall,
): Promise<readonly ClusterEndpoint[]> {
  const [, subscription = '', group = '', name = ''] = clusterPattern.exec(cluster) ?? []
  if (subscription === '') {
    throw new CloudError(`invalid AKS cluster ID: '${cluster}'. must match ${clusterPattern.source}`)
  }
  const manager = managerOf(call)
  const { token } = await azureToken(identity, `${manager}/.default`, call)
  const headers = { authorization: `Bearer ${token}` }
  const place = [
    manager,
    `subscriptions/${encodeURIComponent(subscription)}`,
    `resourceGroups/${encodeURIComponent(group)}`,
    `providers/Microsoft.ContainerService/managedClusters/${encodeURIComponent(name)}`,
  ].join('/')
  const query = `?api-version=${apiVersion}`
  const what = 'failed to describe AKS cluster'
  const described = await askJson({ method: 'GET', url: place + query, headers }, call, what)
  const { aadProfile } = (described['properties'] ?? {}) as { readonly aadProfile?: unknown }
  if (!aadProfile) {
    throw new CloudError(
      `AKS cluster ${cluster} does not have Microsoft Entra ID integration enabled. See docs for enabling: ${entraDocumentation}`,
    )
  }
  const url = `${place}/listClusterUserCredential${query}`
  const { kubeconfigs } = await askJson({ method: 'POST', url, headers }, call, 'AKS credentials')
  const endpoints = (Array.isArray(kubeconfigs) ? kubeconfigs : []).flatMap(endpointIn)
  if (endpoints.length === 0) throw new CloudError(`no kubeconfig found for AKS cluster ${cluster}`)
  return endpoints
}

/** The resource manager of the cloud that the environment names. */
function managerOf(call: CloudCall): string {
  const authority = variable(call, 'AZURE_AUTHORITY_HOST') ?? ''
  if (authority.includes('chinacloudapi.cn')) return 'https://management.chinacloudapi.cn'
  if (authority.includes('microsoftonline.us')) return 'https://management.usgovcloudapi.net'
  return 'https://management.azure.com'
}

type Kubeconfig = {
  readonly clusters?: readonly {
    readonly cluster?: { readonly server?: unknown; readonly 'certificate-authority-data'?: unknown }
  }[]
}

function endpointIn(kubeconfig: unknown): readonly ClusterEndpoint[] {
  const { value } = (kubeconfig ?? {}) as { readonly value?: unknown }
  if (typeof value !== 'string') return []
  const { clusters = [] } = (parseYaml(Buffer.from(value, 'base64').toString('utf8')) ?? {}) as Kubeconfig
  const { server, 'certificate-authority-data': ca } = clusters[0]?.cluster ?? {}
  if (typeof server !== 'string') return []
  return [{ address: server, ca: Buffer.from(typeof ca === 'string' ? ca : '', 'base64').toString('utf8') }]
}

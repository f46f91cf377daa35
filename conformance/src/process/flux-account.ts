import type { Cluster } from '@sluice/cluster'

/** A token of a ServiceAccount with the rights that Flux's installation gives to the source controller. */
export async function fluxAccountToken(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const write = { signal, fieldManager: 'flux' }
  const metadata = { name: 'source-controller', namespace: 'flux-system' }
  const [accounts, roles, bindings] = await Promise.all([
    cluster.resourceFor('v1', 'ServiceAccount', { signal }),
    cluster.resourceFor('rbac.authorization.k8s.io/v1', 'ClusterRole', { signal }),
    cluster.resourceFor('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', { signal }),
  ])
  const rbac = 'rbac.authorization.k8s.io'
  const name = 'crd-controller-flux-system'
  await cluster.create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }, write)
  await cluster.create(
    roles,
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules: rulesOfFlux },
    write,
  )
  await cluster.create(
    bindings,
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    write,
  )
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec: {} }
  const options = { ...write, subresource: 'token' }
  const { status } = await cluster.create<{ readonly status: { readonly token: string } }>(
    accounts,
    request,
    options,
  )
  return status.token
}

const reading = ['get', 'list', 'watch']
const all = ['*']
/** Source: the ClusterRole `crd-controller-flux-system` of Flux 2.9. */
const rulesOfFlux = [
  ...[
    'source.toolkit',
    'kustomize.toolkit',
    'helm.toolkit',
    'notification.toolkit',
    'image.toolkit',
    'source.extensions',
  ].map((group) => ({ apiGroups: [`${group}.fluxcd.io`], resources: all, verbs: all })),
  { apiGroups: [''], resources: ['namespaces', 'secrets', 'configmaps', 'serviceaccounts'], verbs: reading },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: [...reading, 'create', 'update', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['configmaps/status'], verbs: ['get', 'update', 'patch'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: [...reading, 'create', 'update', 'patch', 'delete'],
  },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
]

import type { KubeObject } from '@sluice/ports'
import type { PolicyRule } from '../auth/rbac.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const bootstrapping = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const autoupdate = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const aggregateLabel = 'rbac.authorization.k8s.io/aggregate-to-'

const read = ['get', 'list', 'watch']
const write = ['create', 'delete', 'deletecollection', 'patch', 'update']

const rule = (
  apiGroups: readonly string[],
  resources: readonly string[],
  verbs: readonly string[],
): PolicyRule => ({
  verbs,
  apiGroups,
  resources,
})

/** Workloads and configuration, which both who edits and who views sees. */
const visible: readonly (readonly [string, readonly string[]])[] = [
  [
    '',
    [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'serviceaccounts',
      'services',
      'services/status',
    ],
  ],
  [
    'apps',
    [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'statefulsets',
      'statefulsets/scale',
      'statefulsets/status',
    ],
  ],
  ['autoscaling', ['horizontalpodautoscalers', 'horizontalpodautoscalers/status']],
  ['batch', ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status']],
  ['policy', ['poddisruptionbudgets', 'poddisruptionbudgets/status']],
  ['networking.k8s.io', ['ingresses', 'ingresses/status', 'networkpolicies']],
  ['discovery.k8s.io', ['endpointslices']],
]

const viewRules: readonly PolicyRule[] = [
  ...visible.map(([group, resources]) => rule([group], resources, read)),
  rule(
    [''],
    [
      'bindings',
      'events',
      'limitranges',
      'namespaces',
      'namespaces/status',
      'pods/log',
      'pods/status',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
    ],
    read,
  ),
]

const editable = (resources: readonly string[]): string[] =>
  resources.filter((it) => !it.includes('/') || it.endsWith('/scale'))

const editRules: readonly PolicyRule[] = [
  rule(
    [''],
    ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'],
    read,
  ),
  rule([''], ['serviceaccounts'], ['impersonate']),
  rule([''], ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'], write),
  rule([''], ['pods/eviction', 'serviceaccounts/token'], ['create']),
  rule(
    [''],
    [
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
    write,
  ),
  ...visible.slice(1, -1).map(([group, resources]) => rule([group], editable(resources), write)),
  rule(['coordination.k8s.io'], ['leases'], [...write, ...read]),
]

const adminRules: readonly PolicyRule[] = [
  rule(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
  rule(['rbac.authorization.k8s.io'], ['rolebindings', 'roles'], [...write, ...read]),
]

const discoveryPaths = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
]
const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/']
const issuerPaths = [
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/',
  '/openid/v1/jwks',
  '/openid/v1/jwks/',
]

const everything: readonly PolicyRule[] = [
  rule(['*'], ['*'], ['*']),
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Roles and bindings that every cluster has. Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings */
export function defaultRoles(): KubeObject[] {
  return [
    role('cluster-admin', everything),
    role('system:basic-user', [
      rule(['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
      rule(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
    ]),
    role('system:discovery', [{ verbs: ['get'], nonResourceURLs: discoveryPaths }]),
    role('system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: publicPaths }]),
    role('system:service-account-issuer-discovery', [{ verbs: ['get'], nonResourceURLs: issuerPaths }]),
    role('system:aggregate-to-view', viewRules, { [`${aggregateLabel}view`]: 'true' }),
    role('system:aggregate-to-edit', editRules, { [`${aggregateLabel}edit`]: 'true' }),
    role('system:aggregate-to-admin', adminRules, { [`${aggregateLabel}admin`]: 'true' }),
    aggregated('view', 'view', { [`${aggregateLabel}edit`]: 'true' }),
    aggregated('edit', 'edit', { [`${aggregateLabel}admin`]: 'true' }),
    aggregated('admin', 'admin', {}),
    binding('cluster-admin', 'system:masters'),
    binding('system:basic-user', 'system:authenticated'),
    binding('system:discovery', 'system:authenticated'),
    binding('system:public-info-viewer', 'system:authenticated'),
    binding('system:service-account-issuer-discovery', 'system:serviceaccounts'),
  ]
}

function role(
  name: string,
  rules: readonly PolicyRule[],
  labels: Readonly<Record<string, string>> = {},
): KubeObject {
  return {
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...bootstrapping, ...labels }, annotations: autoupdate },
    rules,
  }
}

function aggregated(name: string, of: string, labels: Readonly<Record<string, string>>): KubeObject {
  return {
    ...role(name, [], labels),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${aggregateLabel}${of}`]: 'true' } }] },
  }
}

function binding(name: string, group: string): KubeObject {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: bootstrapping, annotations: autoupdate },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
  }
}

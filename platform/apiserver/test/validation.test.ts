import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiServer, createApiServer } from '../src/index.ts'
import { type Client, inProcessClient } from './in-process-client.ts'

let server: ApiServer
let ask: Client
beforeAll(async () => {
  server = await createApiServer()
  ask = inProcessClient(server)
})
afterAll(() => server.close())

const rbac = 'rbac.authorization.k8s.io/v1'
const paths: Readonly<Record<string, string>> = {
  ClusterRole: `/apis/${rbac}/clusterroles`,
  ClusterRoleBinding: `/apis/${rbac}/clusterrolebindings`,
  ConfigMap: '/api/v1/namespaces/default/configmaps',
  Ingress: '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
  Lease: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
  Pod: '/api/v1/namespaces/default/pods',
  PriorityClass: '/apis/scheduling.k8s.io/v1/priorityclasses',
  Role: `/apis/${rbac}/namespaces/default/roles`,
  RoleBinding: `/apis/${rbac}/namespaces/default/rolebindings`,
  Service: '/api/v1/namespaces/default/services',
  StorageClass: '/apis/storage.k8s.io/v1/storageclasses',
}

function objectOf(kind: string, fields: object, name = 'x'): object {
  const [, root, ...rest] = (paths[kind] ?? '').split('/')
  const apiVersion = root === 'api' ? 'v1' : `${rest[0]}/${rest[1]}`
  return { apiVersion, kind, metadata: { name }, ...fields }
}

const ingressTo = (path: string, pathType: string, service: object): object => ({
  spec: { rules: [{ http: { paths: [{ path, pathType, backend: { service } }] } }] },
})

describe('what is refused', () => {
  test.for<[kind: string, fields: object, problems: string | RegExp]>([
    [
      'Role',
      {
        rules: [
          { apiGroups: [''], resources: ['pods'] },
          { verbs: ['get'], nonResourceURLs: ['/x'] },
        ],
      },
      '[rules[0].verbs: Required value: verbs must contain at least one value, rules[1].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs]',
    ],
    [
      'ClusterRole',
      { rules: [{ verbs: ['get'] }], aggregationRule: {} },
      '[rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource, aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil]',
    ],
    [
      'RoleBinding',
      { roleRef: { kind: 'Thing', name: 'a/b' }, subjects: [{ kind: 'Robot', name: 'r' }, { kind: 'User' }] },
      '[roleRef.kind: Unsupported value: "Thing": supported values: "Role", "ClusterRole", roleRef.name: Invalid value: "a/b": may not contain \'/\', subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group", subjects[1].name: Required value]',
    ],
    [
      'ClusterRoleBinding',
      { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 's' }] },
      '[roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole", subjects[0].namespace: Required value]',
    ],
    [
      'NetworkPolicy',
      {
        spec: {
          podSelector: {},
          ingress: [
            { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] }, podSelector: {} }, {}] },
            { ports: [{ port: 80, endPort: 70 }] },
          ],
          policyTypes: ['Sideways'],
        },
      },
      '[spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`, spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer, spec.ingress[0].from[1]: Required value: must specify a peer, spec.ingress[1].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`, spec.policyTypes: Unsupported value: "Sideways": supported values: "Egress", "Ingress"]',
    ],
    [
      'PodDisruptionBudget',
      { spec: { minAvailable: 1, maxUnavailable: '120%' } },
      '[spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"120%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set, spec.maxUnavailable: Invalid value: "120%": must not be greater than 100%]',
    ],
    [
      'PriorityClass',
      { value: 2_000_000_000 },
      'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    ],
    [
      'StorageClass',
      { provisioner: '', reclaimPolicy: 'Recycle' },
      '[provisioner: Required value, reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"]',
    ],
    [
      'Lease',
      { spec: { leaseDurationSeconds: 0 } },
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ],
    [
      'Ingress',
      ingressTo('/a//b/..', 'Exact', { name: 'S', port: {} }),
      /must not contain '\/\/', .*cannot end with '\/\.\.', .*service\.name: Invalid value: "S": .*backend: Required value: port name or number is required/,
    ],
    [
      'Ingress',
      { spec: { rules: [{ host: '10.0.0.1' }, { host: '*x' }], tls: [{ hosts: ['UPPER'] }] } },
      /tls\[0\]\.hosts\[0\]: Invalid value: "UPPER": .*rules\[0\]\.host: .*not an IP address, .*a wildcard DNS-1123 subdomain/,
    ],
    [
      'ConfigMap',
      { data: { a: 'x'.repeat(1024 * 1024 + 1) } },
      '[]: Too long: may not be more than 1048576 bytes',
    ],
    [
      'Pod',
      {
        spec: {
          containers: [
            {
              name: 'c',
              image: 'x ',
              ports: [
                { containerPort: 1, hostPort: 80 },
                { containerPort: 2, hostPort: 80 },
              ],
              env: [{ name: 'A=B' }],
              envFrom: [{}],
              resources: { requests: { apples: 1 }, limits: { 'example.com/apples': 1 } },
              securityContext: { seccompProfile: { type: 'Localhost' } },
            },
          ],
          volumes: [
            { name: 'v', configMap: { defaultMode: 512, items: [{ key: 'k', path: '../x' }] } },
            { name: 'h', hostPath: { path: '/x', type: 'Cave' } },
          ],
          affinity: {
            podAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: {} }],
            },
          },
          hostAliases: [{ ip: 'here' }],
          dnsPolicy: 'None',
        },
      },
      `[spec.volumes[0].configMap.name: Required value, spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive, spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain '..', spec.volumes[1].hostPath.type: Unsupported value: "Cave": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '=', spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\`, spec.containers[0].resources.requests[apples]: Invalid value: "apples": must be a standard resource type or fully qualified, spec.containers[0].resources.requests[apples]: Invalid value: "apples": must be a standard resource for containers, spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost, spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80", spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100, spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Required value: can not be empty, spec.hostAliases[0].ip: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when \`dnsPolicy\` is None, spec.containers[0].image: Invalid value: "x ": must not have leading or trailing whitespace]`,
    ],
    [
      'Service',
      { spec: { ports: [{ port: 80 }], externalTrafficPolicy: 'Local', internalTrafficPolicy: 'None' } },
      /internalTrafficPolicy: Unsupported value: "None": supported values: "Cluster", "Local"/,
    ],
  ])('%s %j', async ([kind, fields, problems]) => {
    const { code, message } = await ask('POST', paths[kind] ?? '', { body: objectOf(kind, fields) })
    expect(code).toBe(422)
    const [, why = ''] = /^\S+ "x" is invalid: (.*)$/s.exec(message) ?? []
    expect(problems instanceof RegExp ? problems.exec(why)?.[0] && problems : why).toBe(problems)
  })
})

test('addresses and node ports of a service are its own', async () => {
  const spec = { type: 'NodePort', clusterIP: '10.96.5.5', ports: [{ port: 80, nodePort: 30_080 }] }
  expect(
    (await ask('POST', paths['Service'] ?? '', { body: objectOf('Service', { spec }, 'one') })).code,
  ).toBe(201)
  expect(
    (await ask('POST', paths['Service'] ?? '', { body: objectOf('Service', { spec }, 'two') })).message,
  ).toBe(
    'Service "two" is invalid: [spec.clusterIPs: Invalid value: ["10.96.5.5"]: failed to allocate IP 10.96.5.5: provided IP is already allocated, spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated]',
  )
})

test.for<[kind: string, fields: object, change: object, problem: string]>([
  [
    'StorageClass',
    { provisioner: 'x.io/y' },
    { provisioner: 'x.io/z' },
    'provisioner: Forbidden: updates to provisioner are forbidden.',
  ],
  ['PriorityClass', { value: 1 }, { value: 2 }, 'value: Forbidden: may not be changed in an update.'],
])('a %s stays what it is', async ([kind, fields, change, problem]) => {
  const name = 'kept'
  await ask('POST', paths[kind] ?? '', { body: objectOf(kind, fields, name) })
  const { message } = await ask('PATCH', `${paths[kind]}/${name}`, {
    contentType: 'application/merge-patch+json',
    body: change,
  })
  expect(message).toContain(problem)
})

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
  EndpointSlice: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
  IngressClass: '/apis/networking.k8s.io/v1/ingressclasses',
  Ingress: '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
  Job: '/apis/batch/v1/namespaces/default/jobs',
  LimitRange: '/api/v1/namespaces/default/limitranges',
  Lease: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
  Node: '/api/v1/nodes',
  PersistentVolume: '/api/v1/persistentvolumes',
  PersistentVolumeClaim: '/api/v1/namespaces/default/persistentvolumeclaims',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
  Pod: '/api/v1/namespaces/default/pods',
  PriorityClass: '/apis/scheduling.k8s.io/v1/priorityclasses',
  ReplicationController: '/api/v1/namespaces/default/replicationcontrollers',
  ResourceQuota: '/api/v1/namespaces/default/resourcequotas',
  Role: `/apis/${rbac}/namespaces/default/roles`,
  RoleBinding: `/apis/${rbac}/namespaces/default/rolebindings`,
  Secret: '/api/v1/namespaces/default/secrets',
  Service: '/api/v1/namespaces/default/services',
  StatefulSet: '/apis/apps/v1/namespaces/default/statefulsets',
  StorageClass: '/apis/storage.k8s.io/v1/storageclasses',
  ValidatingWebhookConfiguration: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
}

function objectOf(kind: string, fields: object, name = 'x'): object {
  const [, root, ...rest] = (paths[kind] ?? '').split('/')
  const apiVersion = root === 'api' ? 'v1' : `${rest[0]}/${rest[1]}`
  return { apiVersion, kind, metadata: { name }, ...fields }
}

const ingressTo = (path: string, pathType: string, service: object): object => ({
  spec: { rules: [{ http: { paths: [{ path, pathType, backend: { service } }] } }] },
})

const podOf = (container: object, spec: object = {}): object => ({
  spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec },
})

const template = { metadata: { labels: { a: 'b' } }, ...podOf({}) }

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
      '[spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`, spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer, spec.ingress[0].from[1]: Required value: must specify a peer, spec.ingress[1].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`, spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"]',
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
      /rules\[0\]\.host: .*not an IP address, .*a wildcard DNS-1123 subdomain.*tls\[0\]\.hosts\[0\]: Invalid value: "UPPER": /,
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
      `[spec.volumes[0].configMap.name: Required value, spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive, spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain '..', spec.volumes[1].hostPath.type: Unsupported value: "Cave": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '=', spec.containers[0].envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\`, spec.containers[0].resources.requests[apples]: Invalid value: "apples": must be a standard resource type or fully qualified, spec.containers[0].resources.requests[apples]: Invalid value: "apples": must be a standard resource for containers, spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost, spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80", spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100, spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Required value: can not be empty, spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Invalid value: "": name part must be non-empty, spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), spec.dnsConfig: Required value: must provide \`dnsConfig\` when \`dnsPolicy\` is None, spec.hostAliases[0].ip: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), spec.containers[0].image: Invalid value: "x ": must not have leading or trailing whitespace]`,
    ],
    [
      'Pod',
      podOf({
        volumeMounts: [
          { name: 'v', mountPath: '/a', subPath: '../x', mountPropagation: 'Bidirectional' },
          { name: 'w', mountPath: '/a', recursiveReadOnly: 'Enabled' },
        ],
        readinessProbe: {
          httpGet: { port: 80, httpHeaders: [{ name: 'a b' }] },
          terminationGracePeriodSeconds: 1,
        },
        lifecycle: { preStop: { sleep: { seconds: 60 } } },
        restartPolicy: 'Sometimes',
      }),
      '[spec.containers[0].volumeMounts[0].name: Not found: "v", spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain \'..\', spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers, spec.containers[0].volumeMounts[1].name: Not found: "w", spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique, spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true, spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30), spec.containers[0].readinessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or \'-\' (e.g. \'X-Header-Name\', regex used for validation is \'[-A-Za-z0-9]+\'), spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes, spec.containers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"]',
    ],
    [
      'Pod',
      podOf(
        {
          env: [
            { name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } },
            { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
          ],
          resources: { requests: { 'x.io/gpu': '1', memory: '1.5Gi' }, limits: { memory: '1Gi' } },
          securityContext: { allowPrivilegeEscalation: false, privileged: true },
        },
        {
          tolerations: [{ key: 'k', operator: 'Exists', effect: 'Never' }],
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 1 },
          ],
          schedulingGates: [{ name: 'g' }, { name: 'g' }],
          nodeName: 'n',
          hostNetwork: true,
          hostUsers: false,
          os: { name: 'plan9' },
        },
      ),
      '[spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", spec.containers[0].env[1].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource, spec.containers[0].resources.requests: Invalid value: "1536Mi": must be less than or equal to memory limit of 1Gi, spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources, spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true, spec.schedulingGates[1]: Duplicate value: "g", spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway, spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false, spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute", spec.os: Unsupported value: "plan9": supported values: "linux", "windows", spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared]',
    ],
    [
      'Service',
      {
        spec: {
          type: 'ClusterIP',
          ports: [
            { name: 'a', port: 80, nodePort: 30_081 },
            { name: 'b', port: 80 },
          ],
          externalIPs: ['127.0.0.1', 'x'],
          loadBalancerSourceRanges: ['10.0.0.0'],
          sessionAffinity: 'ClientIP',
          sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } },
        },
      },
      '[spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400, spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128), spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), spec.ports[0].nodePort: Forbidden: may not be used when `type` is \'ClusterIP\', spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}, spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is \'LoadBalancer\', spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)]',
    ],
    [
      'Service',
      { spec: { ports: [{ port: 80 }], ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] } },
      '[spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services, spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster]',
    ],
    [
      'IngressClass',
      { spec: { controller: 'nginx', parameters: { kind: 'K', name: 'n', namespace: 'x' } } },
      '[spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo"), spec.parameters.namespace: Forbidden: `parameters.scope` is set to \'Cluster\']',
    ],
    [
      'HorizontalPodAutoscaler',
      {
        spec: {
          maxReplicas: 1,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } },
            { type: 'Pods' },
            { type: 'Weather' },
          ],
          behavior: { scaleDown: { policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }] } },
        },
      },
      '[spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization, spec.metrics[1].pods: Required value: must populate information for the given metric source, spec.metrics[2].type: Unsupported value: "Weather": supported values: "ContainerResource", "External", "Object", "Pods", "Resource", spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero, spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800]',
    ],
    [
      'Job',
      {
        spec: {
          completionMode: 'Indexed',
          completions: 2,
          maxFailedIndexes: 3,
          podFailurePolicy: {
            rules: [
              { action: 'FailIndex', onExitCodes: { operator: 'In', values: [3, 1] } },
              { action: 'Count' },
            ],
          },
          successPolicy: { rules: [{ succeededCount: 3 }] },
          template: podOf({}, { restartPolicy: 'OnFailure' }),
        },
      },
      '[spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified, spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions, spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set, spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,1]: must be ordered, spec.podFailurePolicy.rules[1]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required, spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of specified completions), spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified]',
    ],
    [
      'ReplicationController',
      { spec: { replicas: -1, template: { ...template, ...podOf({}, { restartPolicy: 'Never' }) } } },
      '[spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"]',
    ],
    [
      'PersistentVolumeClaim',
      {
        spec: {
          accessModes: ['ReadWriteOncePod', 'ReadWriteMany', 'Shared'],
          resources: { requests: { storage: '0' } },
          volumeMode: 'Tape',
          dataSource: { kind: 'Snapshot', name: 's' },
        },
      },
      '[spec.accessModes: Unsupported value: "Shared": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod", spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes, spec.resources[storage]: Invalid value: "0": must be greater than zero, spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem", spec.dataSource: Invalid value: "Snapshot": must be \'PersistentVolumeClaim\' when referencing the default apiGroup]',
    ],
    [
      'PersistentVolume',
      {
        spec: {
          accessModes: ['ReadWriteOnce'],
          capacity: { storage: '1Gi' },
          local: { path: '/a/../b' },
          nfs: { server: 's', path: '/' },
          persistentVolumeReclaimPolicy: 'Burn',
        },
      },
      '[spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain", spec.local: Forbidden: may not specify more than 1 volume type]',
    ],
    [
      'ResourceQuota',
      { spec: { hard: { pods: '1.5', apples: '1', configmaps: '-1' }, scopes: ['Best'] } },
      '[spec.hard[apples]: Invalid value: "apples": must be a standard resource type or fully qualified, spec.hard[apples]: Invalid value: "apples": must be a standard resource for quota, spec.hard[configmaps]: Invalid value: "-1": must be greater than or equal to 0, spec.hard[pods]: Invalid value: "1500m": must be an integer, spec.scopes: Invalid value: ["Best"]: unsupported scope]',
    ],
    [
      'LimitRange',
      {
        spec: {
          limits: [
            { type: 'Pod', default: { cpu: '1' } },
            { type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } },
            { type: 'PersistentVolumeClaim' },
          ],
        },
      },
      '[spec.limits[0].default: Forbidden: may not be specified when `type` is \'Pod\', spec.limits[1].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1, spec.limits[1].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1, spec.limits[1].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1, spec.limits[2].limits: Required value: either minimum or maximum storage value is required, but neither was provided]',
    ],
    [
      'EndpointSlice',
      {
        addressType: 'IPv4',
        endpoints: [{ addresses: [] }, { addresses: ['::1'] }],
        ports: [{ name: 'a', port: 1 }, { name: 'a' }],
      },
      '[endpoints[0].addresses: Required value: must contain at least 1 address, endpoints[1].addresses[0]: Invalid value: "::1": must be a valid IPv4 address, endpoints[1].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128), ports[1].name: Duplicate value: "a"]',
    ],
    [
      'Node',
      {
        spec: {
          taints: [
            { key: 'k', effect: 'NoExecute' },
            { key: 'k', effect: 'NoExecute' },
          ],
        },
      },
      'metadata.taints[1]: Duplicate value: {"Key":"k","Value":"","Effect":"NoExecute","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
    [
      'Secret',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'nonsense' } },
      "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'o' in literal null (expecting 'u')",
    ],
    [
      'Secret',
      { type: 'kubernetes.io/service-account-token' },
      'metadata.annotations[kubernetes.io/service-account.name]: Required value',
    ],
    [
      'ValidatingWebhookConfiguration',
      {
        webhooks: [
          {
            name: 'a.b',
            clientConfig: { url: 'http://x' },
            rules: [
              { operations: ['*', 'CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
            ],
            sideEffects: 'Some',
            admissionReviewVersions: ['v9'],
            timeoutSeconds: 31,
          },
        ],
      },
      '[webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots, webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations, webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun", webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds, webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path], webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1]',
    ],
    [
      'StatefulSet',
      {
        spec: {
          serviceName: 'A_B',
          selector: { matchLabels: { a: 'b' } },
          volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
          template: {
            ...template,
            ...podOf({
              volumeMounts: [
                { name: 'data', mountPath: '/d' },
                { name: 'other', mountPath: '/o' },
              ],
            }),
          },
        },
      },
      /^\[spec\.template\.spec\.containers\[0\]\.volumeMounts\[1\]\.name: Not found: "other", spec\.serviceName: Invalid value: "A_B": a lowercase RFC 1123 label/,
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
    'Service "two" is invalid: spec.clusterIPs: Invalid value: ["10.96.5.5"]: failed to allocate IP 10.96.5.5: provided IP is already allocated',
  )
})

test.for<[kind: string, fields: object, change: object, problem: string]>([
  [
    'StorageClass',
    { provisioner: 'x.io/y' },
    { provisioner: 'x.io/z' },
    'provisioner: Forbidden: updates to provisioner are forbidden.',
  ],
  [
    'IngressClass',
    { spec: { controller: 'x.io/y' } },
    { spec: { controller: 'x.io/z' } },
    'spec.controller: Invalid value: "x.io/z": field is immutable',
  ],
  [
    'Pod',
    podOf({}, { tolerations: [{ key: 'a', operator: 'Exists' }] }),
    { spec: { tolerations: [], activeDeadlineSeconds: 5 } },
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ],
  [
    'PersistentVolume',
    { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/a' } } },
    { spec: { hostPath: { path: '/b' } } },
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
  ],
  [
    'PersistentVolumeClaim',
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } } },
    { spec: { resources: { requests: { storage: '1Gi' } } } },
    'spec: Forbidden: spec is immutable after creation except resources.requests',
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

test('a service that changes its type loses what the type had', async () => {
  const path = paths['Service'] ?? ''
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] }
  const { body: made } = await ask('POST', path, { body: objectOf('Service', { spec }, 'changing') })
  expect(made).toMatchObject({
    spec: {
      allocateLoadBalancerNodePorts: true,
      healthCheckNodePort: expect.any(Number),
      ports: [{ nodePort: expect.any(Number) }],
    },
  })
  const change = async (type: string, more: object = {}): Promise<object> => {
    const { body } = await ask('PATCH', `${path}/changing`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { type, ...more } },
    })
    return (body as unknown as { spec: object }).spec
  }
  const inside = await change('ClusterIP')
  expect(Object.keys(inside).toSorted()).toEqual([
    'clusterIP',
    'clusterIPs',
    'internalTrafficPolicy',
    'ipFamilies',
    'ipFamilyPolicy',
    'ports',
    'sessionAffinity',
    'type',
  ])
  expect(inside).toMatchObject({ ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] })
  expect(await change('ExternalName', { externalName: 'x.example' })).toEqual({
    externalName: 'x.example',
    internalTrafficPolicy: 'Cluster',
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    sessionAffinity: 'None',
    type: 'ExternalName',
  })
})

import { ApiError } from '@sluice/cluster'
import type { JsonValue, Random } from '@sluice/ports'
import { seededRandom } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { type ApiServer, administrator, createApiServer, type ServerRequest } from '../src/index.ts'

/** Before a release: `SLUICE_FUZZ_ROUNDS=50000 npx vitest run platform/apiserver/test/fuzz`. */
const rounds = Number(process.env['SLUICE_FUZZ_ROUNDS'] ?? 3_000)
const seed = Number(process.env['SLUICE_FUZZ_SEED'] ?? 1)

type Sample = { readonly path: string; readonly body: JsonValue; readonly contentType?: string }
const podTemplate = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }] }] },
}
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 0, default: 3 },
        parts: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
      },
      'x-kubernetes-validations': [{ rule: 'self.size < 10', message: 'too big' }],
    },
  },
}
const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
}
const thing = {
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'default', labels: { x: 'y' }, finalizers: ['example.com/x'] },
  spec: { size: 4, parts: [{ name: 'p' }] },
}
const samples: readonly Sample[] = [
  { path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: crd },
  { path: '/apis/example.com/v1/namespaces/default/things', body: thing },
  {
    path: '/api/v1/namespaces/default/configmaps',
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { a: 'b' },
      binaryData: { c: 'ZA==' },
    },
  },
  {
    path: '/api/v1/namespaces/default/secrets',
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      type: 'Opaque',
      stringData: { a: 'b' },
    },
  },
  {
    path: '/api/v1/namespaces/default/services',
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: {
        type: 'NodePort',
        selector: { a: 'b' },
        ports: [{ port: 80, nodePort: 30_080, targetPort: 'http' }],
      },
    },
  },
  {
    path: '/api/v1/namespaces/default/pods',
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: podTemplate.spec },
  },
  {
    path: '/apis/apps/v1/namespaces/default/deployments',
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: podTemplate },
    },
  },
  {
    path: '/apis/batch/v1/namespaces/default/cronjobs',
    body: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'a' },
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: podTemplate } } },
    },
  },
  {
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'a' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
  },
  {
    path: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'a' },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['*'] },
          ],
        },
        validations: [{ expression: 'object.spec.replicas < 5' }],
      },
    },
  },
  {
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
    },
  },
  {
    path: '/api/v1/namespaces/default/serviceaccounts/default/token',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } },
  },
  {
    path: '/apis/apps/v1/namespaces/default/deployments/a/scale',
    body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 2 } },
  },
  {
    path: '/api/v1/namespaces/default/configmaps/a',
    body: [
      { op: 'replace', path: '/data/a', value: 'c' },
      { op: 'move', from: '/data/a', path: '/data/b' },
    ],
    contentType: 'application/json-patch+json',
  },
]

const odd: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  '',
  'x',
  '-',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  'ü'.repeat(300),
  '../..',
  '{.a[',
  '%s%d',
  '[]',
  [],
  {},
  [null],
  [[]],
  [{}],
  { '': '' },
  { a: null },
  { $patch: 'delete' },
  { $patch: 'replace', '$setElementOrder/ports': [1] },
  { '$deleteFromPrimitiveList/finalizers': ['x'] },
  { 'f:a': {}, '.': {} },
  '2020-01-01T00:00:00Z',
  '100m',
  '5s',
  { matchExpressions: [{ key: 'a', operator: 'In' }] },
]
const keys = [
  '__proto__',
  'metadata',
  'spec',
  'name',
  '$patch',
  '$retainKeys',
  'managedFields',
  'items',
  '',
  'toString',
]
const queries = [
  ['dryRun', 'All'],
  ['dryRun', 'x'],
  ['fieldManager', 'm'],
  ['fieldManager', '\n'],
  ['force', 'true'],
  ['force', 'x'],
  ['fieldValidation', 'Strict'],
  ['fieldValidation', 'no'],
  ['limit', '1'],
  ['limit', '-5'],
  ['continue', 'eyJ9'],
  ['continue', '%'],
  ['resourceVersion', '0'],
  ['resourceVersion', '99999999999999999999'],
  ['resourceVersion', 'x'],
  ['resourceVersionMatch', 'Exact'],
  ['labelSelector', 'a in (b,'],
  ['labelSelector', '!a,b!=c'],
  ['fieldSelector', 'metadata.name=a'],
  ['fieldSelector', 'spec.x'],
  ['propagationPolicy', 'Orphan'],
  ['propagationPolicy', 'x'],
  ['gracePeriodSeconds', '-1'],
  ['pretty', '1'],
  ['timeoutSeconds', 'x'],
] as const
const contentTypes = [
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  '',
  ';;;',
]
const accepts = [
  '*/*',
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/yaml',
  'text/html',
  ';',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf',
]

class Mutator {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  below(count: number): number {
    return Math.floor(this.#random.float() * count)
  }

  chance(part: number): boolean {
    return this.#random.float() < part
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  request(sample: Sample): Omit<ServerRequest, 'signal'> {
    const method = this.pick(['POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'GET'] as const)
    let path = sample.path
    if (method !== 'POST' && this.chance(0.8)) path += '/a'
    if (this.chance(0.05)) path += this.pick(['/status', '/scale', '/log', '/', '/../..', '/%00', '/%'])
    if (this.chance(0.05)) path = path.slice(0, this.below(path.length))
    const query: Record<string, string> = {}
    while (this.chance(0.4)) {
      const [name, value] = this.pick(queries)
      query[name] = value
    }
    const text = this.text(sample.body)
    return {
      method,
      path,
      query,
      ...(method === 'GET' ? {} : { body: text }),
      contentType: this.chance(0.5) ? (sample.contentType ?? 'application/json') : this.pick(contentTypes),
      accept: this.pick(accepts),
      user: administrator,
      userAgent: this.pick(['fuzz', '', '/', '\u0007/x']),
      address: '127.0.0.1:6443',
    }
  }

  text(body: unknown): string {
    let text = JSON.stringify(this.chance(0.1) ? body : this.changed(body))
    if (this.chance(0.1)) text = text.slice(0, this.below(text.length))
    if (this.chance(0.05)) {
      const at = this.below(text.length)
      text = `${text.slice(0, at)}${String.fromCharCode(this.below(0xff))}${text.slice(at + 1)}`
    }
    if (this.chance(0.01)) text = `${'['.repeat(20_000)}${text}`
    return text
  }

  /** `value` with one part of it replaced, removed, doubled or added. */
  changed(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.chance(0.1)) return this.pick(odd)
    if (Array.isArray(value)) {
      const at = this.below(value.length)
      if (this.chance(0.1)) return [...(value as unknown[]), value[at]]
      return value.map((it: unknown, index) => (index === at ? this.changed(it) : it))
    }
    const entries = Object.entries(value)
    const at = this.below(entries.length)
    if (this.chance(0.1)) return Object.fromEntries(entries.filter((_, index) => index !== at))
    if (this.chance(0.1)) return Object.fromEntries([...entries, [this.pick(keys), this.pick(odd)]])
    return Object.fromEntries(entries.map(([key, it], index) => [key, index === at ? this.changed(it) : it]))
  }
}

async function answer(server: ApiServer, request: Omit<ServerRequest, 'signal'>): Promise<number> {
  const { signal } = new AbortController()
  try {
    const answered = await server.handle({ ...request, signal })
    return answered.kind === 'watch' ? 200 : answered.status
  } catch (error) {
    // Anything but a refusal is a fault of the server.
    if (!(error instanceof ApiError)) throw error
    return error.statusCode
  }
}

test('malformed requests are refused with a reason', async () => {
  const server = await createApiServer()
  const mutator = new Mutator(seededRandom(seed))
  for (const { path, body } of samples.slice(0, 2)) {
    // In their order: the second needs the first.
    await answer(server, { method: 'POST', path, query: {}, body, ...neutral })
  }
  const faults: string[] = []
  for (let round = 0; round < rounds && faults.length < 20; round += 1) {
    const request = mutator.request(mutator.pick(samples))
    try {
      // One after the other, so that a fault is found again by its seed.
      await answer(server, request)
    } catch (error) {
      faults.push(`${(error as Error).stack} for ${JSON.stringify(request).slice(0, 1_000)}`)
    }
  }
  expect(faults).toEqual([])
  expect(await answer(server, { method: 'GET', path: '/readyz', query: {}, ...neutral })).toBe(200)
  await server.close()
}, 600_000)

const neutral = {
  user: administrator,
  userAgent: 'fuzz',
  address: '127.0.0.1:6443',
  accept: '*/*',
  contentType: 'application/json',
}

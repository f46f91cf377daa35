import type { KubeObject } from '@sluice/ports'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, createApiServer, inProcessTransport } from '../src/index.ts'

let server: ApiServer
beforeAll(async () => {
  server = await createApiServer()
})
afterAll(() => server.close())

const { signal } = new AbortController()

async function warningsOf(method: 'GET' | 'POST', path: string, body?: object): Promise<readonly string[]> {
  const request = { method, path, ...(body ? { body: body as KubeObject } : {}) }
  return (await inProcessTransport(server).request(request, { signal })).warnings
}

const namespace = '/api/v1/namespaces/default'
const doubtful = {
  nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
  containers: [
    {
      name: 'c',
      image: 'i',
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
      ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP', name: 'web' }],
      resources: { requests: { memory: '100m' } },
    },
  ],
}

const aboutPods = (at: string): string[] => [
  `${at}.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead`,
  `${at}.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer`,
  `${at}.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply`,
  `${at}.containers[0].ports[1]: duplicate port definition with ${at}.containers[0].ports[0]`,
]

test('pods, and what makes them, are warned of what is hardly meant', async () => {
  const labels = { app: 'a' }
  expect(await warningsOf('POST', `${namespace}/pods`, { metadata: { name: 'p' }, spec: doubtful })).toEqual(
    aboutPods('spec'),
  )
  const deployment = {
    metadata: { name: 'd' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: doubtful } },
  }
  const path = '/apis/apps/v1/namespaces/default/deployments'
  expect(await warningsOf('POST', path, deployment)).toEqual(aboutPods('spec.template.spec'))
  const { warnings } = await inProcessTransport(server).request(
    {
      method: 'PATCH',
      path: `${path}/d`,
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: 2 } },
    },
    { signal },
  )
  expect(warnings).toEqual([])
})

test('an older way to name the class of an ingress is warned of', async () => {
  const annotations = { 'kubernetes.io/ingress.class': 'nginx' }
  const defaultBackend = { service: { name: 's', port: { number: 80 } } }
  expect(
    await warningsOf('POST', '/apis/networking.k8s.io/v1/namespaces/default/ingresses', {
      metadata: { name: 'i', annotations },
      spec: { defaultBackend },
    }),
  ).toEqual([
    'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
  ])
})

const version = (name: string, rest: object): object => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { type: 'object' } },
  ...rest,
})

test('versions on their way out say so', async () => {
  expect(await warningsOf('GET', `${namespace}/endpoints`)).toEqual([
    'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  ])
  await warningsOf('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        version('v1alpha1', { deprecated: true, deprecationWarning: 'too old' }),
        version('v1beta1', { deprecated: true }),
        version('v1beta2', {}),
        version('v1', {}),
      ],
    },
  })
  expect(await warningsOf('GET', '/apis/example.com/v1alpha1/things')).toEqual(['too old'])
  expect(await warningsOf('GET', '/apis/example.com/v1beta1/things')).toEqual([
    'example.com/v1beta1 Thing is deprecated; use example.com/v1 Thing',
  ])
  expect(await warningsOf('GET', '/apis/example.com/v1/things')).toEqual([])
  const thing = {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 't', finalizers: ['mine', 'example.com/mine'] },
  }
  expect(await warningsOf('POST', '/apis/example.com/v1/things', thing)).toEqual([
    'metadata.finalizers: "mine": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
  ])
})

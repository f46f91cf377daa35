import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, createApiServer } from '../src/index.ts'
import { type Client, inProcessClient } from './in-process-client.ts'

let server: ApiServer
let ask: Client
beforeAll(async () => {
  server = await createApiServer()
  ask = inProcessClient(server)
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  const spec = { selector: { matchLabels: labels }, template }
  for (const plural of ['deployments', 'replicasets']) {
    await ask('POST', `${apps}/${plural}`, { body: { metadata: { name: 'web' }, spec } })
  }
})
afterAll(() => server.close())

const apps = '/apis/apps/v1/namespaces/default'
const token = '/api/v1/namespaces/default/serviceaccounts/default/token'
const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

test.for<[plural: string, status: object, problem: string]>([
  [
    'deployments',
    { observedGeneration: -1 },
    'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'deployments',
    { replicas: 1, readyReplicas: 2 },
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ],
  [
    'replicasets',
    { replicas: 2, readyReplicas: 1, availableReplicas: 2 },
    'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
  ],
  ['replicasets', { replicas: 2, readyReplicas: 2, availableReplicas: 2 }, ''],
])('a status of %s with %s', async ([plural, status, problem]) => {
  const contentType = 'application/merge-patch+json'
  const { code, message } = await ask('PATCH', `${apps}/${plural}/web/status`, {
    contentType,
    body: { status },
  })
  expect(code).toBe(problem === '' ? 200 : 422)
  expect(message.replace(/^.* is invalid: /, '')).toBe(problem)
})

test.for<[path: string, method: 'POST' | 'PUT', body: object, problem: string]>([
  [
    `${apps}/deployments/web/scale`,
    'PUT',
    { metadata: { name: 'other' }, spec: { replicas: 2 } },
    'the name of the object (other) does not match the name on the URL (web)',
  ],
  [
    token,
    'POST',
    { spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'absent' } } },
    'pods "absent" not found',
  ],
  [
    token,
    'POST',
    { spec: { boundObjectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } },
    'cannot bind token to object of type apps/v1, Kind=Deployment',
  ],
  [
    reviews,
    'POST',
    { spec: { user: 'u', resourceAttributes: { verb: 'get' }, nonResourceAttributes: { path: '/' } } },
    'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":""}: cannot be specified in combination with resourceAttributes',
  ],
  [
    '/apis/authentication.k8s.io/v1/tokenreviews',
    'POST',
    { spec: {} },
    'token is required for TokenReview in authentication',
  ],
])('%s refuses a %s of %s', async ([path, method, body, problem]) => {
  expect((await ask(method, path, { body })).message).toBe(problem)
})

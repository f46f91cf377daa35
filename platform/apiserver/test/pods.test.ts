import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, createApiServer } from '../src/index.ts'
import { type Client, inProcessClient } from './in-process-client.ts'

let server: ApiServer
let ask: Client
beforeAll(async () => {
  server = await createApiServer()
  ask = inProcessClient(server)
})
afterAll(() => server.close())

const namespace = '/api/v1/namespaces/default'
const strategic = 'application/strategic-merge-patch+json'

async function createPod(name: string, spec: object = {}): Promise<void> {
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } }
  const containers = [{ name: 'c', image: 'i', resources }]
  const { code } = await ask('POST', `${namespace}/pods`, {
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } },
  })
  expect(code).toBe(201)
}

const bindingTo = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name },
  target: { kind: 'Node', name: 'node-1' },
})

test('a pod with gates waits for them to be taken away', async () => {
  await createPod('gated', { schedulingGates: [{ name: 'quota' }] })
  const created = await ask('GET', `${namespace}/pods/gated`)
  expect(created.body['status']).toMatchObject({
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
  })
  expect(await ask('POST', `${namespace}/pods/gated/binding`, { body: bindingTo('gated') })).toMatchObject({
    code: 409,
    message:
      'Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates',
  })
  await ask('PATCH', `${namespace}/pods/gated`, {
    contentType: 'application/merge-patch+json',
    body: { spec: { schedulingGates: null } },
  })
  const bound = await ask('POST', `${namespace}/pods/gated/binding`, { body: bindingTo('gated') })
  expect(bound.code).toBe(201)
})

test('a binding created in its collection binds the pod that it names, and is not kept', async () => {
  await createPod('named')
  expect((await ask('POST', `${namespace}/bindings`, { body: bindingTo('named') })).code).toBe(201)
  const { body } = await ask('GET', `${namespace}/pods/named`)
  expect(body['spec']).toMatchObject({ nodeName: 'node-1' })
  expect(body.metadata.generation).toBe(1)
  expect(await ask('POST', `${namespace}/bindings`, { body: bindingTo('absent') })).toMatchObject({
    code: 404,
    message: 'pods "absent" not found',
  })
  expect(await ask('POST', `${namespace}/pods/named/binding`, { body: bindingTo('other') })).toMatchObject({
    code: 400,
    message: 'name in URL does not match name in Binding object',
  })
})

test('containers for debugging are added through their subresource, and stay', async () => {
  await createPod('debugged')
  const path = `${namespace}/pods/debugged/ephemeralcontainers`
  const debug = async (contentType: string, container: object): Promise<string> => {
    const spec = { ephemeralContainers: [container], containers: [{ name: 'c', image: 'ignored' }] }
    return (await ask('PATCH', path, { contentType, body: { spec } })).message
  }
  expect(await debug(strategic, { name: 'shell', image: 'busybox' })).toBe('')
  const { body } = await ask('GET', `${namespace}/pods/debugged`)
  expect(body['spec']).toMatchObject({
    containers: [{ name: 'c', image: 'i' }],
    ephemeralContainers: [{ name: 'shell', image: 'busybox', terminationMessagePolicy: 'File' }],
  })
  expect(await debug(strategic, { name: 'shell', image: 'other' })).toContain(
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "shell" may not be changed',
  )
  expect(await debug('application/merge-patch+json', { name: 'second', image: 'other' })).toContain(
    'existing ephemeral containers "shell" may not be removed',
  )
})

test.for<[title: string, resources: object, problem: string]>([
  ['other amounts', { requests: { cpu: '150m' } }, ''],
  [
    'another class of service',
    { requests: { cpu: '200m', memory: '1Gi' }, limits: { cpu: '200m', memory: '1Gi' } },
    'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
  ],
  [
    'no limit any more',
    { limits: { cpu: null } },
    'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
  ],
  [
    'an amount of something else',
    { limits: { 'ephemeral-storage': '1Gi' } },
    'spec: Forbidden: only cpu and memory resources are mutable',
  ],
])('resizing a pod: %s', async ([title, resources, problem]) => {
  const name = `resized-${title.length}`
  await createPod(name)
  const answer = await ask('PATCH', `${namespace}/pods/${name}/resize`, {
    contentType: strategic,
    body: { spec: { containers: [{ name: 'c', image: 'ignored', resources }] } },
  })
  expect(answer.message).toBe(problem === '' ? '' : `Pod "${name}" is invalid: ${problem}`)
})

test('a resize changes nothing but the amounts', async () => {
  await createPod('resized')
  const { body } = await ask('PATCH', `${namespace}/pods/resized/resize`, {
    contentType: strategic,
    body: {
      spec: { containers: [{ name: 'c', image: 'ignored', resources: { requests: { cpu: '150m' } } }] },
    },
  })
  expect(body['spec']).toMatchObject({
    containers: [{ image: 'i', resources: { requests: { cpu: '150m' }, limits: { cpu: '200m' } } }],
  })
  expect(body.metadata.generation).toBe(2)
})

async function changeFixed(path: string, body: object): Promise<string> {
  const contentType = 'application/merge-patch+json'
  return (await ask('PATCH', `${namespace}/pods/fixed${path}`, { contentType, body })).message
}

test('the node of a pod and its class of service are not for everyone to change', async () => {
  await createPod('fixed')
  expect(await changeFixed('', { spec: { nodeName: 'mine' } })).toContain(
    'spec: Forbidden: pod updates may not change fields other than',
  )
  expect(await changeFixed('/status', { status: { qosClass: 'Guaranteed' } })).toBe(
    'Pod "fixed" is invalid: status.qosClass: Invalid value: "Guaranteed": field is immutable',
  )
  expect(await changeFixed('/status', { status: { qosClass: null, phase: 'Running' } })).toBe('')
})

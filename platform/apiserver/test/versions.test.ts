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

const autoscalers = (version: string): string =>
  `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const mergePatch = 'application/merge-patch+json'

const cpuUse = (percent: number): object => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
})

test.for<[percent: number | undefined, metric: object]>([
  [70, cpuUse(70)],
  [undefined, cpuUse(80)],
])(
  'an autoscaler of version 1 that wants %s percent has a metric in version 2',
  async ([percent, metric]) => {
    const name = `first-${percent ?? 'default'}`
    const created = await ask('POST', autoscalers('v1'), {
      body: {
        metadata: { name },
        spec: { maxReplicas: 5, scaleTargetRef, targetCPUUtilizationPercentage: percent },
      },
    })
    expect(created.body['spec']).toEqual({
      maxReplicas: 5,
      minReplicas: 1,
      scaleTargetRef,
      targetCPUUtilizationPercentage: percent ?? 80,
    })
    const { body } = await ask('GET', `${autoscalers('v2')}/${name}`)
    expect(body['spec']).toEqual({ maxReplicas: 5, minReplicas: 1, scaleTargetRef, metrics: [metric] })
  },
)

test('what version 1 of autoscalers has no field for goes through it unharmed', async () => {
  const spec = {
    minReplicas: 1,
    maxReplicas: 5,
    scaleTargetRef,
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [policy('Pods', 4), policy('Percent', 100)],
      },
      scaleDown: { stabilizationWindowSeconds: 30, selectPolicy: 'Min', policies: [policy('Percent', 10)] },
    },
    metrics: [
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'v1', kind: 'Service', name: 's' },
          metric: { name: 'hits', selector: { matchLabels: { a: 'b' } } },
          target: { type: 'Value', value: '10' },
        },
      },
      {
        type: 'External',
        external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '3' } },
      },
      { type: 'Pods', pods: { metric: { name: 'p' }, target: { type: 'AverageValue', averageValue: '5' } } },
      {
        type: 'ContainerResource',
        containerResource: {
          container: 'c',
          name: 'cpu',
          target: { type: 'Utilization', averageUtilization: 60 },
        },
      },
      cpuUse(50),
    ],
  }
  await ask('POST', autoscalers('v2'), { body: { metadata: { name: 'full' }, spec } })
  const patched = await ask('PATCH', `${autoscalers('v1')}/full`, {
    contentType: mergePatch,
    body: { metadata: { labels: { a: 'b' } }, spec: { maxReplicas: 6 } },
  })
  expect(patched.body['spec']).toMatchObject({ targetCPUUtilizationPercentage: 50 })
  const annotations = patched.body.metadata.annotations ?? {}
  const metrics = JSON.parse(annotations['autoscaling.alpha.kubernetes.io/metrics'] ?? '[]') as object[]
  expect(metrics).toHaveLength(4)
  expect(metrics[1]).toEqual({ type: 'External', external: { metricName: 'q', targetAverageValue: '3' } })
  const { body } = await ask('GET', `${autoscalers('v2')}/full`)
  expect(body['spec']).toEqual({ ...spec, maxReplicas: 6 })
  expect(body.metadata).toMatchObject({ labels: { a: 'b' } })
  expect(body.metadata.annotations).toBeUndefined()
})

function policy(type: string, value: number): object {
  return { type, value, periodSeconds: 15 }
}

test('both versions of autoscalers are held to the same rules', async () => {
  const { message } = await ask('POST', autoscalers('v1'), {
    body: {
      metadata: { name: 'x' },
      spec: { maxReplicas: 5, scaleTargetRef, targetCPUUtilizationPercentage: -1 },
    },
  })
  expect(message).toBe(
    'HorizontalPodAutoscaler.autoscaling "x" is invalid: spec.metrics[0].resource.target.averageUtilization: Invalid value: -1: must be greater than 0',
  )
})

const events = '/apis/events.k8s.io/v1/namespaces/default/events'
const regarding = { kind: 'Pod', namespace: 'default', name: 'p' }
const event = {
  metadata: { name: 'newer' },
  regarding,
  reason: 'Tested',
  note: 'it works',
  type: 'Normal',
  action: 'Testing',
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'example.com/tests',
  reportingInstance: 'tests-0',
}

test('events are the same ones in both of their groups', async () => {
  expect((await ask('POST', events, { body: event })).body).toMatchObject({ note: 'it works', regarding })
  const core = await ask('GET', '/api/v1/namespaces/default/events/newer')
  expect(core.body).toMatchObject({
    apiVersion: 'v1',
    message: 'it works',
    involvedObject: regarding,
    reportingComponent: 'example.com/tests',
    source: {},
    firstTimestamp: null,
  })
  const body = { metadata: { name: 'older' }, involvedObject: regarding, message: 'old', count: 3 }
  await ask('POST', '/api/v1/namespaces/default/events', { body })
  const { body: older } = await ask('GET', `${events}/older`)
  expect(older).toMatchObject({ note: 'old', regarding, deprecatedCount: 3, deprecatedSource: {} })
  expect(older['message']).toBeUndefined()
})

test.for<[field: string, code: number]>([
  ['regarding.name', 200],
  ['involvedObject.name', 400],
])('a selector of %s', async ([field, code]) => {
  const found = await ask('GET', events, { query: { fieldSelector: `${field}=p` } })
  expect(found.code).toBe(code)
  const none = await ask('DELETE', events, { query: { fieldSelector: `${field}=other`, dryRun: 'All' } })
  expect(none.code).toBe(code)
})

test.for<[changes: object, problem: string]>([
  [
    { eventTime: null, type: 'Odd' },
    '[eventTime: Required value, type: Invalid value: "": has invalid value: Odd]',
  ],
  [{ reportingController: '', action: '' }, '[reportingController: Required value, action: Required value]'],
  [{ deprecatedCount: 2 }, 'count: Invalid value: "": needs to be unset'],
  [
    { series: { count: 1, lastObservedTime: event.eventTime } },
    'series.count: Invalid value: "": should be at least 2',
  ],
])('an event with %s is refused', async ([changes, problem]) => {
  const { message } = await ask('POST', events, { body: { ...event, metadata: { name: 'bad' }, ...changes } })
  expect(message).toBe(`Event.events.k8s.io "bad" is invalid: ${problem}`)
})

test('finalizers of a namespace change through their own endpoint, and nothing else does', async () => {
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: 'n' } } })
  const finalize = (finalizers: string[]) =>
    ask('PUT', '/api/v1/namespaces/n/finalize', { body: { metadata: { name: 'n' }, spec: { finalizers } } })
  expect((await finalize(['kubernetes', 'example.com/mine'])).body).toMatchObject({
    spec: { finalizers: ['kubernetes', 'example.com/mine'] },
    status: { phase: 'Active' },
  })
  expect((await finalize(['mine'])).message).toBe(
    'Namespace "n" is invalid: spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  )
  const status = await ask('PATCH', '/api/v1/namespaces/n/status', {
    contentType: mergePatch,
    body: { status: { phase: 'Terminating' } },
  })
  expect(status.message).toBe(
    'Namespace "n" is invalid: status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  )
})

test.for<[query: Record<string, string>, body: object | undefined, problem: string]>([
  [{ gracePeriodSeconds: 'x' }, undefined, 'strconv.ParseInt: parsing "x": invalid syntax'],
  [
    {},
    { propagationPolicy: 'Orphan', orphanDependents: true },
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
  ],
])('a deletion with the options %s and %s is refused', async ([query, body, problem]) => {
  const path = '/api/v1/namespaces/default/configmaps/kube-root-ca.crt'
  expect(await ask('DELETE', path, { query, ...(body ? { body } : {}) })).toMatchObject({ message: problem })
})

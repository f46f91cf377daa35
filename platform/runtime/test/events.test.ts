import { createCluster } from '@sluice/cluster'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { fakeClock, fakeHttp } from '@sluice/ports/testing'
import { forwardEvents, type Notification } from '@sluice/runtime'
import { describe, expect, test } from 'vitest'
import { memoryServer } from '../../cluster/test/memory-transport.ts'
import { createEventRecorder } from '../src/events/event-recorder.ts'

const object: KubeObject = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: {
    name: 'demo',
    namespace: 'apps',
    uid: 'u',
    resourceVersion: '7',
    annotations: { 'event.toolkit.fluxcd.io/team': 'a', other: 'b' },
  },
}

function setup() {
  const server = memoryServer([{ groupVersion: 'v1', kind: 'Event', name: 'events' }])
  const clock = fakeClock(1_700_000_000_000)
  const forwarded: Notification[] = []
  const stop = new AbortController()
  const recorder = createEventRecorder({
    cluster: createCluster(server.transport),
    clock,
    log: silentLogger,
    identity: 'host',
    forwardEvent: async (event) => {
      forwarded.push(event)
    },
  })
  const running = recorder.run(stop.signal)
  const read = async (): Promise<readonly KubeObject[]> => {
    await recorder.flushed()
    const { body } = await server.transport.request({ method: 'GET', path: '/api/v1/events' }, stop)
    return (body as { items: KubeObject[] }).items
  }
  const end = async (): Promise<void> => {
    stop.abort()
    await running
  }
  return { recorder, clock, forwarded, read, end }
}

describe('recorded events', () => {
  test('have the shape that client-go gives them, metadata under the prefix of the group', async () => {
    const { recorder, forwarded, read, end } = setup()
    recorder.record('source-controller', object, {
      type: 'Normal',
      reason: 'NewArtifact',
      message: 'stored',
      metadata: { revision: 'main@sha1:1' },
    })
    const [event] = await read()
    expect(event).toMatchObject({
      metadata: {
        namespace: 'apps',
        annotations: {
          'source.toolkit.fluxcd.io/revision': 'main@sha1:1',
          'event.toolkit.fluxcd.io/team': 'a',
        },
      },
      involvedObject: {
        kind: 'GitRepository',
        name: 'demo',
        namespace: 'apps',
        uid: 'u',
        resourceVersion: '7',
      },
      type: 'Normal',
      reason: 'NewArtifact',
      message: 'stored',
      count: 1,
      firstTimestamp: '2023-11-14T22:13:20Z',
      source: { component: 'source-controller' },
      reportingComponent: 'source-controller',
    })
    expect(event?.metadata.name).toMatch(/^demo\.[0-9a-f]{16}$/)
    expect(forwarded).toMatchObject([
      {
        severity: 'info',
        reason: 'NewArtifact',
        reportingController: 'source-controller',
        reportingInstance: 'host',
      },
    ])
    await end()
  })

  test('of type Trace stay in the cluster as Normal', async () => {
    const { recorder, forwarded, read, end } = setup()
    recorder.record('c', object, { type: 'Trace', reason: 'R', message: 'm' })
    expect((await read())[0]?.['type']).toBe('Normal')
    expect(forwarded).toEqual([])
    await end()
  })

  test('that are equal are counted', async () => {
    const { recorder, read, end } = setup()
    for (let n = 0; n < 3; n += 1) {
      recorder.record('c', object, { type: 'Warning', reason: 'R', message: 'm' })
    }
    recorder.record('c', object, { type: 'Warning', reason: 'R', message: 'other' })
    expect((await read()).map((it) => it['count'])).toEqual([3, 1])
    await end()
  })

  test('that differ in nothing but the message are gathered from the tenth on', async () => {
    const { recorder, read, end } = setup()
    for (let n = 1; n <= 12; n += 1) {
      recorder.record('c', object, { type: 'Normal', reason: 'R', message: `m${n}` })
    }
    const found = await read()
    expect(found).toHaveLength(10)
    expect(found.at(-1)).toMatchObject({ message: '(combined from similar events): m12', count: 3 })
    await end()
  })

  test('of a flood are dropped, until time has passed', async () => {
    const { recorder, clock, read, end } = setup()
    for (let n = 0; n < 40; n += 1) {
      recorder.record('c', object, { type: 'Normal', reason: `R${n}`, message: 'm' })
    }
    expect(await read()).toHaveLength(25)
    await clock.advance(300_000)
    recorder.record('c', object, { type: 'Normal', reason: 'late', message: 'm' })
    expect(await read()).toHaveLength(26)
    await end()
  })
})

test('a notification controller that does not answer holds up no event in the cluster', async () => {
  const server = memoryServer([{ groupVersion: 'v1', kind: 'Event', name: 'events' }])
  const stop = new AbortController()
  const recorder = createEventRecorder({
    cluster: createCluster(server.transport),
    clock: fakeClock(1_700_000_000_000),
    log: silentLogger,
    identity: 'host',
    forwardEvent: (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve())
      }),
  })
  const running = recorder.run(stop.signal)
  for (const message of ['a', 'b']) recorder.record('c', object, { type: 'Normal', reason: 'R', message })
  const path = '/api/v1/events'
  await expect
    .poll(async () => {
      const { body } = await server.transport.request({ method: 'GET', path }, stop)
      return (body as { items: KubeObject[] }).items.map((it) => it['message'])
    })
    .toEqual(['a', 'b'])
  stop.abort()
  await running
})

describe('forwarding', () => {
  const { signal } = new AbortController()
  const event = { reason: 'R', message: 'm' } as Notification

  async function post(statuses: readonly (number | undefined)[]) {
    const left = [...statuses]
    const clock = fakeClock()
    const http = fakeHttp(() => {
      const status = left.shift()
      return status === undefined ? undefined : { status }
    })
    const posted = forwardEvents('http://nc/', { http, clock })(event, { signal }).then(
      () => 'delivered',
      (error: unknown) => String(error),
    )
    for (let second = 0; second < 40; second += 1) await clock.advance(1_000)
    return { result: await posted, tries: http.requests.length, request: http.requests[0] }
  }

  test.for([
    [[202], 'delivered', 1],
    [[429], 'delivered', 1],
    [[500, undefined, 202], 'delivered', 3],
    [[400], 'ForwardEventError: the notification controller answered with status 400', 1],
    [[503, 503, 503, 503, 503], 'ForwardEventError: the notification controller answered with status 503', 5],
  ] as const)('answers %j end in %s after %d', async ([statuses, want, tries]) => {
    expect(await post(statuses)).toMatchObject({ result: want, tries })
  })

  test('posts JSON', async () => {
    const { request } = await post([202])
    expect(request).toMatchObject({ method: 'POST', url: 'http://nc/', body: '{"reason":"R","message":"m"}' })
  })
})

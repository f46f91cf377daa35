import { setMaxListeners } from 'node:events'
import { healthOf } from '@sluice/health'
import type { KubeObject } from '@sluice/ports'
import { type FakeClock, fakeClock, recordingLogger } from '@sluice/ports/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeName, runNode } from '../src/index.ts'
import { fakeCluster } from './fake-cluster.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
let clock: FakeClock
let cluster: ReturnType<typeof fakeCluster>
let log: ReturnType<typeof recordingLogger>
let stop: AbortController
let running: Promise<void>

beforeEach(async () => {
  clock = fakeClock(start)
  cluster = fakeCluster(clock)
  log = recordingLogger()
  stop = new AbortController()
  // A watch a kind listens for the end.
  setMaxListeners(0, stop.signal)
  running = runNode({ cluster, clock, log, signal: stop.signal })
  await settle()
})

afterEach(async () => {
  stop.abort(new Error('test is over'))
  await running
  const failures = log.lines.filter(({ level }) => level === 'error')
  if (failures.length > 0) throw new Error('the node reported failures', { cause: failures })
})

/** Lets the controllers run until nothing is left to do but to wait. */
async function settle(ms = 0): Promise<void> {
  await clock.advance(ms)
  for (let turn = 0; turn < 600; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const signal = new AbortController().signal
const namespace = 'apps'

async function create(apiVersion: string, kind: string, rest: Record<string, unknown>): Promise<KubeObject> {
  const { name = 'web', ...fields } = rest
  const resource = await cluster.resourceFor(apiVersion, kind, { signal })
  const object = { apiVersion, kind, metadata: { name: String(name), namespace }, ...fields }
  return await cluster.create(resource, object, { signal, fieldManager: 'test' })
}

async function get(apiVersion: string, kind: string, name = 'web'): Promise<KubeObject> {
  const resource = await cluster.resourceFor(apiVersion, kind, { signal })
  return await cluster.get(resource, { namespace, name }, { signal })
}

async function all(apiVersion: string, kind: string): Promise<readonly KubeObject[]> {
  const resource = await cluster.resourceFor(apiVersion, kind, { signal })
  return (await cluster.list(resource, { signal })).items
}

async function edit(object: KubeObject, spec: object): Promise<void> {
  const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
  const current = await cluster.get(resource, { namespace, name: object.metadata.name ?? '' }, { signal })
  const changed = { ...current, spec: { ...(current['spec'] as object), ...spec } }
  await cluster.update(resource, changed, { signal, fieldManager: 'test' })
}

async function remove(object: KubeObject): Promise<void> {
  const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
  await cluster.delete(resource, { namespace, name: object.metadata.name ?? '' }, { signal })
}

function verdict(object: KubeObject): string {
  const { status, message } = healthOf(object, { now: clock.now() })
  return `${status}: ${message}`
}

function podTemplate(extra: object = {}, annotations: Record<string, string> = {}) {
  return {
    metadata: { labels: { app: 'web' }, annotations },
    spec: {
      containers: [{ name: 'app', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] }],
      ...extra,
    },
  }
}

/** A template whose pods may end. */
function ending(annotations: Record<string, string> = {}) {
  return podTemplate({ restartPolicy: 'Never' }, annotations)
}

const selector = { matchLabels: { app: 'web' } }
const deadline = { progressDeadlineSeconds: 600 }

test('the node says that its pods are simulated', async () => {
  const [node] = await all('v1', 'Node')
  expect(node?.metadata.name).toBe(nodeName)
  expect(node?.metadata.labels?.['node.sluice.dev/simulated']).toBe('true')
})

describe('a Deployment', () => {
  test('becomes available with pods on the node', async () => {
    await create('apps/v1', 'Deployment', {
      spec: { replicas: 3, selector, template: podTemplate(), ...deadline },
    })
    await settle()
    const deployment = await get('apps/v1', 'Deployment')
    expect(verdict(deployment)).toBe('Current: Deployment is available. Replicas: 3')
    expect(deployment.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1')
    const pods = await all('v1', 'Pod')
    expect(pods.map(({ status }) => (status as { phase: string }).phase)).toEqual([
      'Running',
      'Running',
      'Running',
    ])
    expect(new Set(pods.map(({ status }) => (status as { podIP: string }).podIP)).size).toBe(3)
    expect(cluster.events.some((event) => /^ScalingReplicaSet: Scaled up .* from 0 to 3$/.test(event))).toBe(
      true,
    )
  })

  test('rolls a new template out and goes back to the old one', async () => {
    const deployment = await create('apps/v1', 'Deployment', {
      spec: { replicas: 3, selector, template: podTemplate(), ...deadline },
    })
    await settle()
    await edit(deployment, { template: podTemplate({ terminationGracePeriodSeconds: 5 }) })
    await settle()
    const updated = await get('apps/v1', 'Deployment')
    expect(verdict(updated)).toBe('Current: Deployment is available. Replicas: 3')
    expect(updated.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
    const sizes = (await all('apps/v1', 'ReplicaSet')).map(
      ({ spec }) => (spec as { replicas: number }).replicas,
    )
    expect(sizes.toSorted((left, right) => left - right)).toEqual([0, 3])

    await edit(deployment, { template: podTemplate() })
    await settle()
    expect((await all('apps/v1', 'ReplicaSet')).length).toBe(2)
    const back = await get('apps/v1', 'Deployment')
    expect(back.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
  })

  test('never has fewer available pods than it allows while it rolls out', async () => {
    const deployment = await create('apps/v1', 'Deployment', {
      spec: { replicas: 4, selector, template: podTemplate(), ...deadline },
    })
    await settle()
    await edit(deployment, { template: podTemplate({}, { 'node.sluice.dev/simulate': 'never-ready' }) })
    await settle()
    const stuck = await get('apps/v1', 'Deployment')
    expect(stuck['status']).toMatchObject({ replicas: 5, updatedReplicas: 2, availableReplicas: 3 })
    expect(verdict(stuck)).toBe('InProgress: Updated: 2/4')
    await settle(700_000)
    expect(verdict(await get('apps/v1', 'Deployment'))).toBe('Failed: Progress deadline exceeded')
  })

  test('recreates, scales down and replaces a deleted pod', async () => {
    const deployment = await create('apps/v1', 'Deployment', {
      spec: { replicas: 2, selector, template: podTemplate(), strategy: { type: 'Recreate' }, ...deadline },
    })
    await settle()
    await edit(deployment, { template: podTemplate({ terminationGracePeriodSeconds: 5 }), replicas: 3 })
    await settle()
    expect(verdict(await get('apps/v1', 'Deployment'))).toBe('Current: Deployment is available. Replicas: 3')
    await edit(deployment, { replicas: 1 })
    await settle()
    const [pod, ...others] = await all('v1', 'Pod')
    expect(others).toEqual([])
    await remove(pod!)
    await settle()
    const [next] = await all('v1', 'Pod')
    expect(next?.metadata.uid).not.toBe(pod?.metadata.uid)
    expect(verdict(await get('apps/v1', 'Deployment'))).toBe('Current: Deployment is available. Replicas: 1')
  })

  test('adopts sets that nobody owns, and takes pods of an old template from them', async () => {
    const labels = { labels: { app: 'web' } }
    await create('apps/v1', 'ReplicaSet', {
      name: 'web-old',
      spec: { replicas: 2, selector, template: podTemplate({ priority: 1 }) },
    })
    const resource = await cluster.resourceFor('apps/v1', 'ReplicaSet', { signal })
    const old = await get('apps/v1', 'ReplicaSet', 'web-old')
    await cluster.update(
      resource,
      { ...old, metadata: { ...old.metadata, ...labels } },
      { signal, fieldManager: 'test' },
    )
    await settle()
    await create('apps/v1', 'Deployment', {
      spec: { replicas: 2, selector, template: podTemplate(), ...deadline },
    })
    await settle(1_000)
    const adopted = await get('apps/v1', 'ReplicaSet', 'web-old')
    expect(adopted.metadata.ownerReferences).toMatchObject([{ kind: 'Deployment', name: 'web' }])
    expect(adopted['spec']).toMatchObject({ replicas: 0 })
    expect(await all('v1', 'Pod')).toHaveLength(2)
  })

  test("replaces a pod that got other labels, which is nobody's then", async () => {
    await create('apps/v1', 'Deployment', {
      spec: { replicas: 1, selector, template: podTemplate(), ...deadline },
    })
    await settle()
    const [pod] = await all('v1', 'Pod')
    if (!pod) throw new Error('there is no pod')
    const resource = await cluster.resourceFor('v1', 'Pod', { signal })
    const labels = { ...pod.metadata.labels, app: 'studied' }
    await cluster.update(
      resource,
      { ...pod, metadata: { ...pod.metadata, labels } },
      { signal, fieldManager: 'test' },
    )
    await settle(1_000)
    const pods = await all('v1', 'Pod')
    expect(pods).toHaveLength(2)
    const studied = pods.find((it) => it.metadata.name === pod.metadata.name)
    expect(studied?.metadata.ownerReferences ?? []).toEqual([])
  })

  test('that is paused keeps its pods', async () => {
    const deployment = await create('apps/v1', 'Deployment', {
      spec: { replicas: 1, selector, template: podTemplate(), ...deadline },
    })
    await settle()
    await edit(deployment, {
      paused: true,
      template: podTemplate({ terminationGracePeriodSeconds: 5 }),
      replicas: 2,
    })
    await settle()
    expect((await all('apps/v1', 'ReplicaSet')).length).toBe(1)
    expect((await all('v1', 'Pod')).length).toBe(2)
  })

  test('keeps only as many old sets as it may', async () => {
    const deployment = await create('apps/v1', 'Deployment', {
      spec: { replicas: 1, selector, template: podTemplate(), revisionHistoryLimit: 1, ...deadline },
    })
    for (const seconds of [1, 2, 3]) {
      await settle()
      await edit(deployment, { template: podTemplate({ terminationGracePeriodSeconds: seconds }) })
    }
    await settle()
    expect((await all('apps/v1', 'ReplicaSet')).length).toBe(2)
  })
})

describe('a StatefulSet', () => {
  const spec = {
    replicas: 2,
    selector,
    serviceName: 'web',
    template: podTemplate(),
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  }

  test('gets numbered pods with bound claims and survives an update', async () => {
    const set = await create('apps/v1', 'StatefulSet', { spec })
    await settle()
    expect(verdict(await get('apps/v1', 'StatefulSet'))).toBe(
      'Current: All replicas scheduled as expected. Replicas: 2',
    )
    const names = (await all('v1', 'Pod')).map(({ metadata }) => metadata.name)
    expect(names.toSorted((left = '', right = '') => left.localeCompare(right))).toEqual(['web-0', 'web-1'])
    expect((await all('v1', 'PersistentVolumeClaim')).map(verdict)).toEqual([
      'Current: PVC is Bound',
      'Current: PVC is Bound',
    ])

    const before = (await all('v1', 'Pod')).map(({ metadata }) => metadata.uid)
    await edit(set, { template: podTemplate({ terminationGracePeriodSeconds: 5 }) })
    await settle()
    expect(verdict(await get('apps/v1', 'StatefulSet'))).toContain('Current')
    expect((await all('v1', 'Pod')).every(({ metadata }) => !before.includes(metadata.uid))).toBe(true)

    await edit(set, { replicas: 1 })
    await settle()
    expect((await all('v1', 'Pod')).map(({ metadata }) => metadata.name)).toEqual(['web-0'])
  })

  test('updates down to its partition only', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }
    const set = await create('apps/v1', 'StatefulSet', { spec: { ...spec, updateStrategy } })
    await settle()
    await edit(set, { template: podTemplate({ terminationGracePeriodSeconds: 5 }) })
    await settle()
    expect(verdict(await get('apps/v1', 'StatefulSet'))).toBe(
      'Current: Partition rollout complete. updated: 1',
    )
  })
})

test('a DaemonSet has a pod on the node and replaces it on update', async () => {
  const set = await create('apps/v1', 'DaemonSet', { spec: { selector, template: podTemplate() } })
  await settle()
  expect(verdict(await get('apps/v1', 'DaemonSet'))).toBe(
    'Current: All replicas scheduled as expected. Replicas: 1',
  )
  const [before] = await all('v1', 'Pod')
  await edit(set, { template: podTemplate({ terminationGracePeriodSeconds: 5 }) })
  await settle()
  const [after] = await all('v1', 'Pod')
  expect(after?.metadata.uid).not.toBe(before?.metadata.uid)
  expect(verdict(await get('apps/v1', 'DaemonSet'))).toContain('Current')
})

describe('a Job', () => {
  test('completes', async () => {
    await create('batch/v1', 'Job', { spec: { completions: 3, parallelism: 2, template: ending() } })
    await settle()
    expect(verdict(await get('batch/v1', 'Job'))).toBe('InProgress: Job in progress')
    for (let round = 0; round < 3; round += 1) await settle(1_500)
    expect(verdict(await get('batch/v1', 'Job'))).toBe('Current: Job Completed. succeeded: 3/3')
  })

  test('fails when its pods do', async () => {
    const template = ending({ 'node.sluice.dev/simulate': 'fails' })
    await create('batch/v1', 'Job', { spec: { backoffLimit: 1, template } })
    for (let round = 0; round < 4; round += 1) await settle(1_500)
    expect(verdict(await get('batch/v1', 'Job'))).toBe('Failed: Job Failed. failed: 2/1')
  })

  test('that is suspended has no pods, and is removed some time after its end', async () => {
    const job = await create('batch/v1', 'Job', {
      spec: { suspend: true, completions: 1, ttlSecondsAfterFinished: 10, template: ending() },
    })
    await settle()
    expect(await all('v1', 'Pod')).toEqual([])
    await edit(job, { suspend: false })
    await settle()
    await settle(1_500)
    expect(verdict(await get('batch/v1', 'Job'))).toContain('Current')
    await settle(20_000)
    expect(await all('batch/v1', 'Job')).toEqual([])
  })
})

test('a Service has the ready pods behind it, a LoadBalancer an address', async () => {
  await create('v1', 'Service', {
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  })
  await create('apps/v1', 'Deployment', {
    spec: { replicas: 2, selector, template: podTemplate(), ...deadline },
  })
  await settle()
  const [slice] = await all('discovery.k8s.io/v1', 'EndpointSlice')
  expect(slice).toMatchObject({ ports: [{ port: 8080, protocol: 'TCP' }] })
  expect(slice?.['endpoints']).toHaveLength(2)
  const [endpoints] = await all('v1', 'Endpoints')
  expect(endpoints?.['subsets']).toMatchObject([{ addresses: [{}, {}], ports: [{ port: 8080 }] }])
  expect((await get('v1', 'Service'))['status']).toMatchObject({
    loadBalancer: { ingress: [{ ip: '127.0.0.1' }] },
  })
})

test.for([
  ['crash-loops', 'Failed: Containers in CrashLoop state: app'],
  ['image-missing', 'InProgress: Pod is in the Pending phase'],
  ['never-ready', 'InProgress: Pod is running but is not Ready'],
] as const)('a pod that %s is %s', async ([fate, want]) => {
  const { metadata, spec } = podTemplate({}, { 'node.sluice.dev/simulate': fate })
  const resource = await cluster.resourceFor('v1', 'Pod', { signal })
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'web', namespace }, spec }
  await cluster.create(resource, object, { signal, fieldManager: 'test' })
  await settle()
  expect(verdict(await get('v1', 'Pod'))).toBe(want)
})

test('a pod that wants another node stays unscheduled', async () => {
  await create('v1', 'Pod', { spec: { ...podTemplate().spec, nodeSelector: { disk: 'fast' } } })
  await settle(20_000)
  expect(verdict(await get('v1', 'Pod'))).toBe('Failed: Pod could not be scheduled')
})

async function jobNames(): Promise<string[]> {
  const jobs = await all('batch/v1', 'Job')
  return jobs.map(({ metadata }) => metadata.name ?? '').toSorted((a, b) => a.localeCompare(b))
}

async function cronStatus(): Promise<unknown> {
  return (await get('batch/v1', 'CronJob'))['status']
}

describe('a CronJob', () => {
  const minutes = 60_000
  const spec = {
    schedule: '*/10 * * * *',
    concurrencyPolicy: 'Allow',
    jobTemplate: {
      metadata: { labels: { tick: 'tock' } },
      spec: {
        completions: 1,
        parallelism: 1,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } },
      },
    },
  }

  test('starts Jobs on time, says so, and keeps the last three that succeeded', async () => {
    await create('batch/v1', 'CronJob', { spec })
    await settle(9 * minutes)
    expect(await jobNames()).toEqual([])
    await settle(1 * minutes + 200)
    const first = start / minutes + 10
    expect(await jobNames()).toEqual([`web-${first}`])
    expect((await all('batch/v1', 'Job'))[0]?.metadata).toMatchObject({
      labels: { tick: 'tock' },
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:10:00Z' },
      ownerReferences: [{ kind: 'CronJob', name: 'web', controller: true }],
    })
    expect(await cronStatus()).toMatchObject({
      lastScheduleTime: '2026-01-01T00:10:00Z',
      active: [{ kind: 'Job', name: `web-${first}` }],
    })
    await settle(5_000)
    expect(await cronStatus()).toEqual({
      lastScheduleTime: '2026-01-01T00:10:00Z',
      lastSuccessfulTime: '2026-01-01T00:10:01Z',
    })
    for (let round = 0; round < 4; round += 1) {
      // Each time after the one before it.
      await settle(10 * minutes)
    }
    await settle(5_000)
    expect(await jobNames()).toEqual([30, 40, 50].map((it) => `web-${start / minutes + it}`))
  })

  test('starts nothing while it is suspended, and no second Job where it forbids that', async () => {
    const endless = { ...spec.jobTemplate.spec, template: podTemplate() }
    const forbids = { concurrencyPolicy: 'Forbid', jobTemplate: { spec: endless } }
    const cronJob = await create('batch/v1', 'CronJob', { spec: { ...spec, ...forbids, suspend: true } })
    await settle(30 * minutes)
    expect(await jobNames()).toEqual([])
    await edit(cronJob, { suspend: false })
    await settle(200)
    expect(await jobNames()).toEqual([`web-${start / minutes + 30}`])
    await settle(30 * minutes)
    expect(await jobNames()).toEqual([`web-${start / minutes + 30}`])
  })
})

test('a budget tells how many of its pods may go', async () => {
  await create('policy/v1', 'PodDisruptionBudget', {
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  })
  await create('apps/v1', 'Deployment', {
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: podTemplate() },
  })
  await settle(1_000)
  expect((await get('policy/v1', 'PodDisruptionBudget'))['status']).toMatchObject({
    currentHealthy: 3,
    desiredHealthy: 2,
    expectedPods: 3,
    disruptionsAllowed: 1,
    conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }],
  })
})

import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import { type Cluster, createCluster, keyOf, type Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import {
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  dictionary,
  record,
  sample,
  uniqueArray,
} from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAlreadyApplied } from '../src/apply/already-applied.ts'
import { hasDrifted } from '../src/apply/drift.ts'

const { signal } = new AbortController()
const applier = 'kustomize-controller'
let server: Awaited<ReturnType<typeof createApiServer>>
let cluster: Cluster
let sequence = 0
beforeAll(async () => {
  server = await createApiServer()
  cluster = createCluster(inProcessTransport(server))
})
afterAll(() => server.close())

function apply(
  object: KubeObject,
  resource: Resource,
  manager = applier,
  dryRun = false,
): Promise<KubeObject> {
  return cluster.apply(resource, object, { signal, fieldManager: manager, force: true, dryRun })
}

async function resourceOf({ apiVersion, kind }: KubeObject): Promise<Resource> {
  return cluster.resourceFor(apiVersion, kind, { signal })
}

const word = constantFrom('a', 'b', 'c')
const labels = dictionary(word, word, { maxKeys: 2 })
const container = record(
  {
    name: word,
    image: word,
    resources: constantFrom({}, { limits: { cpu: '1' } }, { limits: { cpu: '1000m' } }),
    ports: constantFrom(
      [],
      [{ containerPort: 80, protocol: 'TCP' }],
      [
        { containerPort: 80, protocol: 'TCP', name: 'x' },
        { containerPort: 81, protocol: 'UDP' },
      ],
    ),
    env: constantFrom([{ name: 'A', value: '1' }], [{ name: 'A', value: '2' }, { name: 'B' }]),
    command: constantFrom(['x'], ['x', 'y']),
  },
  { requiredKeys: ['name', 'image'] },
)
const deployment = record({
  labels,
  annotations: labels,
  replicas: constantFrom(undefined, 1, 2),
  strategy: constantFrom(undefined, {}, { type: 'RollingUpdate' }),
  containers: uniqueArray(container, { selector: (it) => it.name, minLength: 1, maxLength: 2 }),
  volumes: constantFrom(undefined, [{ name: 'v', emptyDir: {} }]),
}).map(({ labels: own, annotations, replicas, strategy, containers, volumes }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: '', namespace: 'default', labels: own, annotations },
  spec: {
    ...(replicas !== undefined && { replicas }),
    ...(strategy && { strategy }),
    selector: { matchLabels: { app: 'x' } },
    template: { metadata: { labels: { app: 'x' } }, spec: { containers, ...(volumes && { volumes }) } },
  },
}))
const configMap = record({ labels, data: labels }).map(({ labels: own, data }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: '', namespace: 'default', labels: own },
  data,
}))

function named(object: KubeObject, name: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, name } }
}

describe('an object that is already applied', () => {
  test.for([
    ['Deployment', deployment],
    ['ConfigMap', configMap],
  ] as const)('%s: what is told without a dry run is what the dry run says', async ([, objects]) => {
    const wrong: string[] = []
    await assert(
      asyncProperty(objects, objects, objects, boolean(), async (first, second, foreign, isForced) => {
        sequence += 1
        const name = `x${sequence}`
        const resource = await resourceOf(first)
        await apply(named(first, name), resource)
        if (isForced) await apply(named(foreign, name), resource, 'another')
        const live = await cluster.get(resource, { namespace: 'default', name }, { signal })
        for (const desired of [named(first, name), named(second, name)]) {
          const wouldBe = await apply(desired, resource, applier, true)
          const isWrong = isAlreadyApplied(desired, live, applier) && hasDrifted(live, wouldBe, [])
          if (isWrong) wrong.push(JSON.stringify([desired, live]))
        }
      }),
      { numRuns: 25, seed: 7 },
    )
    expect(wrong).toEqual([])
  })

  test('is recognised as it was applied', async () => {
    const object = named(sample(deployment, { numRuns: 1, seed: 5 })[0]!, 'plain')
    const resource = await resourceOf(object)
    await apply(object, resource)
    const live = await cluster.get(resource, keyOf(object), { signal })
    expect(isAlreadyApplied(object, live, applier)).toBe(true)
    expect(isAlreadyApplied(object, live, 'another')).toBe(false)
  })

  test('is not recognised in another version, or with fewer fields', async () => {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'y', namespace: 'default' },
      data: { a: '1', b: '2' },
    }
    const resource = await resourceOf(object)
    const live = await apply(object, resource)
    expect(isAlreadyApplied(object, live, applier)).toBe(true)
    expect(isAlreadyApplied({ ...object, data: { a: '1' } }, live, applier)).toBe(false)
    expect(isAlreadyApplied({ ...object, apiVersion: 'v2' }, live, applier)).toBe(false)
  })
})

import { createCluster } from '@sluice/cluster'
import { createGitClient, type GitClient } from '@sluice/git'
import { createHttp, nodeCrypto } from '@sluice/host'
import { imageUpdateAutomationController } from '@sluice/image-automation-controller'
import type { Condition, KubeObject } from '@sluice/ports'
import { fakeClock, recordingLogger, seededRandom } from '@sluice/ports/testing'
import { createManager } from '@sluice/runtime'
import {
  gitRepositoryDefinition,
  type ImageUpdateAutomationSpec,
  type ImageUpdateAutomationStatus,
  imageUpdateAutomationDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { memoryServer } from '../../../platform/cluster/test/memory-transport.ts'

export const namespace = 'apps'

const imageGroup = 'image.toolkit.fluxcd.io/v1'
const sourceGroup = 'source.toolkit.fluxcd.io/v1'
const automations = `/apis/${imageGroup}/imageupdateautomations`

/** The image automation controller at work on an API server in memory. */
export type AutomationHarness = {
  readonly repository: (name: string, spec: object, inNamespace?: string) => void
  readonly policy: (name: string, image: string, labels?: Readonly<Record<string, string>>) => void
  readonly secret: (name: string, data: Readonly<Record<string, string>>) => void
  /** Creates or changes an automation; its generation moves with its spec. */
  readonly automation: (
    name: string,
    spec: Partial<ImageUpdateAutomationSpec>,
    metadata?: Partial<KubeObject['metadata']>,
  ) => void
  readonly status: (name: string) => ImageUpdateAutomationStatus
  readonly conditions: (name: string) => readonly string[]
  /** Waits until the automation has come to an end, and gives its conditions. */
  readonly settled: (name: string) => Promise<readonly string[]>
  readonly until: (check: () => boolean) => Promise<void>
  readonly events: () => Promise<readonly string[]>
  /** What checkouts came to, in order. */
  readonly checkouts: string[]
  readonly advance: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

export type HarnessOptions = {
  readonly noCrossNamespaceRefs?: boolean
  /** Stands between the controller and Git. */
  readonly around?: (git: GitClient) => GitClient
}

export async function startAutomation(options: HarnessOptions = {}): Promise<AutomationHarness> {
  const stop = new AbortController()
  const clock = fakeClock(Date.UTC(2026, 0, 1))
  const http = createHttp()
  const server = memoryServer([
    { groupVersion: imageGroup, kind: 'ImageUpdateAutomation', name: 'imageupdateautomations' },
    { groupVersion: imageGroup, kind: 'ImagePolicy', name: 'imagepolicies' },
    { groupVersion: sourceGroup, kind: 'GitRepository', name: 'gitrepositories' },
    { groupVersion: 'v1', kind: 'Event', name: 'events' },
    { groupVersion: 'v1', kind: 'Secret', name: 'secrets' },
  ])
  const random = seededRandom(1)
  const manager = createManager({
    cluster: createCluster(server.transport),
    clock,
    random,
    log: recordingLogger(),
    identity: 'test',
  })
  const applied = new Map<string, KubeObject['metadata']>()
  const checkouts: string[] = []
  const client = createGitClient({ http })
  const git: GitClient = {
    ...client,
    checkOut: async (...given) => {
      const found = await client.checkOut(...given)
      checkouts.push(found.kind)
      return found
    },
  }
  const { around = (it: GitClient) => it, noCrossNamespaceRefs = false } = options
  manager.add(
    imageUpdateAutomationController({
      caches: manager.caches,
      clock,
      git: around(git),
      random,
      crypto: nodeCrypto,
      options: { noCrossNamespaceRefs },
    }),
  )
  const finished = manager.run(stop.signal)
  const find = (name: string): KubeObject | undefined =>
    manager.caches.cache(resourceOf(imageUpdateAutomationDefinition)).get({ namespace, name })
  const status = (name: string): ImageUpdateAutomationStatus => find(name)?.['status'] ?? {}
  const conditions = (name: string): readonly string[] => (status(name).conditions ?? []).map(conditionText)

  async function until(check: () => boolean): Promise<void> {
    for (let turn = 0; !check(); turn += 1) {
      if (turn > 3000) throw new Error('it never became so')
      await clock.advance(10)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await clock.advance(0)
  }

  return {
    repository: (name, spec, inNamespace = namespace) => {
      const resource = resourceOf(gitRepositoryDefinition)
      const before = manager.caches.cache(resource).get({ namespace: inNamespace, name })
      const metadata = { namespace: inNamespace, name, generation: nextGeneration(before, spec) }
      const object = { apiVersion: sourceGroup, kind: 'GitRepository', metadata }
      server.put(`/apis/${sourceGroup}/gitrepositories`, { ...object, spec: { interval: '1m', ...spec } })
    },
    policy: (name, image, labels = {}) => {
      const [reference = '', digest] = image.split('@')
      const colon = reference.lastIndexOf(':')
      const latestRef = {
        name: reference.slice(0, colon),
        tag: reference.slice(colon + 1),
        ...(digest && { digest }),
      }
      server.put(`/apis/${imageGroup}/imagepolicies`, {
        apiVersion: imageGroup,
        kind: 'ImagePolicy',
        metadata: { namespace, name, labels },
        spec: { imageRepositoryRef: { name }, policy: { semver: { range: '*' } } },
        status: image === '' ? {} : { latestRef },
      })
    },
    secret: (name, data) => {
      server.put('/api/v1/secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name },
        data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)])),
      })
    },
    automation: (name, spec, metadata = {}) => {
      const before = find(name)
      const stored = server.put(automations, {
        apiVersion: imageGroup,
        kind: 'ImageUpdateAutomation',
        metadata: {
          ...before?.metadata,
          namespace,
          name,
          uid: name,
          generation: nextGeneration(before, spec),
          ...metadata,
        },
        spec: { interval: '30m', sourceRef: { kind: 'GitRepository', name: 'app' }, ...spec },
        status: before?.['status'] ?? { observedGeneration: -1 },
      })
      applied.set(name, stored.metadata)
    },
    status,
    conditions,
    settled: async (name) => {
      await until(() => {
        const metadata = applied.get(name)
        const ready = status(name).conditions?.find(({ type }) => type === 'Ready')
        return (
          ready !== undefined &&
          ready.status !== 'Unknown' &&
          ready.observedGeneration === metadata?.generation &&
          metadata?.annotations?.['reconcile.fluxcd.io/requestedAt'] === status(name).lastHandledReconcileAt
        )
      })
      return conditions(name)
    },
    until,
    events: async () => {
      const path = '/api/v1/events'
      const { body } = await server.transport.request({ method: 'GET', path }, { signal: stop.signal })
      return (body as { items: KubeObject[] }).items.map(
        (it) => `${String(it['type'])} ${String(it['reason'])}: ${String(it['message'])}`,
      )
    },
    checkouts,
    advance: (ms) => clock.advance(ms),
    close: async () => {
      stop.abort()
      await finished
      await http.close()
    },
  }
}

function conditionText({ type, status, reason, message }: Condition): string {
  return `${type}=${status} ${reason}: ${message}`
}

function nextGeneration(before: KubeObject | undefined, spec: object): number {
  const { generation = 0 } = before?.metadata ?? {}
  const isSame = Object.entries(spec).every(
    ([key, value]) =>
      JSON.stringify((before?.['spec'] as Record<string, unknown> | undefined)?.[key]) ===
      JSON.stringify(value),
  )
  return before && isSame ? generation : generation + 1
}

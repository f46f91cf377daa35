import { createCluster } from '@sluice/cluster'
import type { Condition, KubeObject } from '@sluice/ports'
import { fakeClock, recordingLogger, seededRandom } from '@sluice/ports/testing'
import { createManager, type Outcome, ReconcileFailure, type Reconciler, type Run } from '@sluice/runtime'
import { decodeGitRepository, type GitRepository, gitRepositoryDefinition, resourceOf } from '@sluice/toolkit'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryServer } from '../../cluster/test/memory-transport.ts'

const collection = '/apis/source.toolkit.fluxcd.io/v1/gitrepositories'
const secrets = '/api/v1/secrets'
const secretResource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }
const key = { namespace: 'apps', name: 'demo' }
let stop = new AbortController()
afterEach(() => stop.abort())

type Step = (run: Run<GitRepository>) => Promise<Outcome>

function reconcilerOf(
  reconcile: Step,
  more: Partial<Reconciler<GitRepository>> = {},
): Reconciler<GitRepository> {
  return {
    resource: resourceOf(gitRepositoryDefinition),
    decode: decodeGitRepository,
    controller: 'source-controller',
    fieldManager: 'source-controller',
    finalizer: 'finalizers.fluxcd.io',
    conditions: {
      target: 'Ready',
      owned: ['Ready', 'Reconciling', 'Stalled', 'FetchFailed', 'ArtifactInStorage'],
      summarize: ['FetchFailed', 'ArtifactInStorage', 'Stalled', 'Reconciling'],
      negativePolarity: ['FetchFailed', 'Stalled', 'Reconciling'],
    },
    reconcile,
    ...more,
  }
}

function setup(reconciler: Reconciler<GitRepository>, newObjectDelayMs = 0) {
  stop = new AbortController()
  const server = memoryServer([
    { groupVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', name: 'gitrepositories' },
    { groupVersion: 'v1', kind: 'Event', name: 'events' },
    { groupVersion: 'v1', kind: 'Secret', name: 'secrets' },
  ])
  const clock = fakeClock(1_000_000)
  const log = recordingLogger()
  const manager = createManager({
    cluster: createCluster(server.transport),
    clock,
    random: seededRandom(1),
    log,
    identity: 'host',
    newObjectDelayMs,
  })
  manager.add(reconciler)
  const finished = manager.run(stop.signal)
  const settle = async (ms = 0): Promise<void> => {
    await clock.advance(ms)
    for (let turn = 0; turn < 20; turn += 1) await clock.advance(0)
  }
  const put = (spec: object = {}, metadata: object = {}): KubeObject =>
    server.put(collection, {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { ...key, ...metadata },
      spec: { url: 'https://example.com/x', interval: '1m', ...spec },
      status: { observedGeneration: -1 },
    })
  const read = (): KubeObject => manager.caches.cache(reconciler.resource).get(key) as KubeObject
  const status = (): {
    conditions?: Condition[]
    observedGeneration?: number
    lastHandledReconcileAt?: string
  } => read()['status'] ?? {}
  const conditions = (): string[] =>
    (status().conditions ?? []).map((it) => `${it.type}=${it.status} ${it.reason}: ${it.message}`)
  const events = async (): Promise<string[]> => {
    const { body } = await server.transport.request(
      { method: 'GET', path: '/api/v1/events' },
      { signal: stop.signal },
    )
    return (body as { items: KubeObject[] }).items.map(
      (it) =>
        `${String(it['type'])} ${String(it['reason'])}: ${String(it['message'])} x${String(it['count'])}`,
    )
  }
  return { server, clock, manager, log, settle, put, read, status, conditions, events, finished }
}

const stored: Step = async ({ conditions }) => {
  conditions.progress('Progressing', 'reconciliation in progress')
  conditions.markTrue('ArtifactInStorage', 'Succeeded', "stored artifact for revision 'main@sha1:1'")
  return { kind: 'done', requeueAfter: 60_000 }
}

describe('the reconcile loop', () => {
  test('adds the finalizer, sums conditions up and observes the generation', async () => {
    const it = setup(reconcilerOf(stored))
    it.put()
    await it.settle()
    expect(it.read().metadata.finalizers).toEqual(['finalizers.fluxcd.io'])
    expect(it.conditions()).toEqual([
      "Ready=True Succeeded: stored artifact for revision 'main@sha1:1'",
      "ArtifactInStorage=True Succeeded: stored artifact for revision 'main@sha1:1'",
    ])
    expect(it.status().observedGeneration).toBe(1)
  })

  test('comes back after the interval, give or take the jitter', async () => {
    const runs: number[] = []
    const it = setup(
      reconcilerOf(async (run) => {
        runs.push(run.startedAt - 1_000_000)
        return stored(run)
      }),
    )
    it.put()
    await it.settle()
    await it.settle(56_999)
    expect(runs).toEqual([0])
    await it.settle(6_001)
    expect(runs).toHaveLength(2)
    expect(runs[1]).toBeGreaterThanOrEqual(57_000)
    expect(runs[1]).toBeLessThanOrEqual(63_000)
  })

  test('leaves a new object the time that what it refers to needs to arrive', async () => {
    const runs: number[] = []
    const note: Step = async (run) => {
      runs.push(run.startedAt - 1_000_000)
      return stored(run)
    }
    const it = setup(reconcilerOf(note), 200)
    await it.settle(500)
    it.put()
    await it.settle()
    await it.settle(199)
    expect(runs).toEqual([])
    await it.settle(1)
    expect(runs).toEqual([700])
  })

  test('writes nothing when nothing changed', async () => {
    const it = setup(reconcilerOf(stored))
    it.put()
    await it.settle()
    const writes = it.server.requests.length
    await it.settle(63_000)
    expect(it.server.requests.slice(writes).filter((line) => line.startsWith('PATCH'))).toEqual([])
  })

  test('a failure shows in its condition, in Ready and as an event, and is tried again with backoff', async () => {
    const runs: number[] = []
    const it = setup(
      reconcilerOf(async (run) => {
        runs.push(run.startedAt - 1_000_000)
        run.conditions.progress('Progressing', 'building artifact')
        const cause = new Error('connection refused')
        throw new ReconcileFailure('GitOperationFailed', 'failed to checkout', {
          condition: 'FetchFailed',
          cause,
        })
      }),
    )
    it.put()
    await it.settle()
    await it.settle(750)
    await it.settle(1_500)
    expect(runs).toEqual([0, 750, 2_250])
    expect(it.conditions()).toEqual([
      'Reconciling=True ProgressingWithRetry: building artifact',
      'Ready=False GitOperationFailed: failed to checkout: connection refused',
      'FetchFailed=True GitOperationFailed: failed to checkout: connection refused',
    ])
    expect(it.status().observedGeneration).toBe(-1)
    expect(await it.events()).toEqual([
      'Warning GitOperationFailed: failed to checkout: connection refused x3',
    ])
  })

  test('a stalled object is observed, told of once, and left alone', async () => {
    let runs = 0
    const it = setup(
      reconcilerOf(async () => {
        runs += 1
        return { kind: 'stalled', reason: 'URLInvalid', message: 'no such scheme' }
      }),
    )
    it.put()
    await it.settle(3_600_000)
    expect(runs).toBe(1)
    expect(it.conditions()).toEqual([
      'Stalled=True URLInvalid: no such scheme',
      'Ready=False URLInvalid: no such scheme',
    ])
    expect(it.status().observedGeneration).toBe(1)
    expect(await it.events()).toEqual(['Warning URLInvalid: no such scheme x1'])
  })

  test('a wait is exact and concludes nothing', async () => {
    const runs: number[] = []
    const it = setup(
      reconcilerOf(async (run) => {
        runs.push(run.startedAt - 1_000_000)
        run.conditions.markFalse('Ready', 'DependencyNotReady', 'not yet')
        return { kind: 'wait', requeueAfter: 30_000 }
      }),
    )
    it.put()
    await it.settle()
    await it.settle(30_000)
    expect(runs).toEqual([0, 30_000])
    expect(it.status().observedGeneration).toBe(-1)
  })

  test.for([
    [true, 1],
    [false, -1],
  ] as const)(
    'conditions stay as they are when all is said; concluded %s observes %d',
    async ([concluded, want]) => {
      const it = setup(
        reconcilerOf(async (run) => {
          run.conditions.markReconciling('Progressing', 'waiting')
          run.conditions.markFalse('Ready', 'TestFailed', 'no')
          return { kind: 'said', concluded, next: { kind: 'nothing' } }
        }),
      )
      it.put()
      await it.settle()
      expect(it.conditions()).toEqual(['Reconciling=True Progressing: waiting', 'Ready=False TestFailed: no'])
      expect(it.status().observedGeneration).toBe(want)
      expect(await it.events()).toEqual([])
    },
  )

  test('a new request runs at once and is noted, also by a failing run', async () => {
    const requests: (string | undefined)[] = []
    const it = setup(
      reconcilerOf(async (run) => {
        requests.push(run.requestedAt)
        throw new Error('no')
      }),
    )
    it.put({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } })
    await it.settle()
    expect(it.status().lastHandledReconcileAt).toBe('one')
    it.server.put(collection, {
      ...it.read(),
      metadata: { ...it.read().metadata, annotations: { 'reconcile.fluxcd.io/requestedAt': 'two' } },
    })
    await it.settle()
    expect(requests).toEqual(['one', 'two'])
    expect(it.status().lastHandledReconcileAt).toBe('two')
  })

  test('a suspended object is not touched', async () => {
    let runs = 0
    const it = setup(
      reconcilerOf(async (run) => {
        runs += 1
        return stored(run)
      }),
    )
    it.put({ suspend: true })
    await it.settle(600_000)
    expect(runs).toBe(0)
    expect(it.status()).toEqual({ observedGeneration: -1 })
  })

  test('a suspended object answers requests where its kind does, and is not reconciled', async () => {
    const it = setup(reconcilerOf(stored, { answersWhileSuspended: true }))
    it.put({ suspend: true }, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'one' } })
    await it.settle()
    expect(it.status()).toEqual({ observedGeneration: -1, lastHandledReconcileAt: 'one' })
  })

  test('an object that is only data keeps neither finalizer nor status', async () => {
    let isData = false
    const it = setup(reconcilerOf(stored, { isStatic: () => isData }))
    it.put()
    await it.settle()
    expect(it.conditions()).toHaveLength(2)
    isData = true
    it.server.put(collection, { ...it.read(), spec: { url: 'https://example.com/y', interval: '1m' } })
    await it.settle()
    expect(it.read().metadata.finalizers).toBeUndefined()
    expect(it.status()).toEqual({})
  })

  test('deleting finalizes first, and retries that', async () => {
    let attempts = 0
    const it = setup(
      reconcilerOf(stored, {
        finalize: async () => {
          attempts += 1
          if (attempts === 1) throw new Error('busy')
          return undefined
        },
      }),
    )
    it.put()
    await it.settle()
    it.server.remove(collection, key.namespace, key.name)
    await it.settle()
    expect(it.read()).toBeDefined()
    await it.settle(750)
    expect([attempts, it.read()]).toEqual([2, undefined])
  })

  test('progress is visible while the run goes on', async () => {
    let go: (() => void) | undefined
    const it = setup(
      reconcilerOf(async (run) => {
        run.conditions.progress('Progressing', 'building artifact')
        await run.saveStatus()
        await new Promise<void>((resolve) => {
          go = resolve
        })
        return stored(run)
      }),
    )
    it.put()
    await it.settle()
    expect(it.conditions()).toEqual([
      'Reconciling=True Progressing: building artifact',
      'Ready=Unknown Progressing: building artifact',
    ])
    go?.()
    await it.settle()
    expect(it.conditions()[0]).toContain('Ready=True')
  })

  test('conditions that others set meanwhile survive', async () => {
    const it = setup(
      reconcilerOf(async (run) => {
        const foreign = {
          type: 'Foreign',
          status: 'True',
          reason: 'X',
          message: 'x',
          lastTransitionTime: 't',
        }
        const live = it.read()
        it.server.put(collection, { ...live, status: { conditions: [foreign] } })
        return stored(run)
      }),
    )
    it.put()
    await it.settle()
    expect(it.conditions().map((line) => line.split(' ')[0])).toEqual([
      'Ready=True',
      'ArtifactInStorage=True',
      'Foreign=True',
    ])
  })

  test('a change of an object that is referred to wakes its dependents only', async () => {
    const runs: string[] = []
    const it = setup(
      reconcilerOf(
        async (run) => {
          runs.push(run.key.name)
          return stored(run)
        },
        {
          watches: [
            {
              resource: secretResource,
              refersTo: ({ metadata, spec }) =>
                spec.secretRef ? [{ namespace: metadata.namespace ?? '', name: spec.secretRef.name }] : [],
              concerns: ({ metadata }) => metadata.name !== 'third',
            },
          ],
        },
      ),
    )
    it.put({ secretRef: { name: 's' } })
    it.put({ secretRef: { name: 'other' } }, { name: 'second' })
    it.put({ secretRef: { name: 's' } }, { name: 'third' })
    await it.settle()
    runs.length = 0
    it.server.put(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'apps', name: 's' } })
    await it.settle()
    expect(runs).toEqual(['demo'])
  })

  test('an object of another shape is passed over', async () => {
    const it = setup(reconcilerOf(stored))
    it.put({ url: 1 })
    await it.settle()
    expect(it.log.lines.filter((line) => line.level === 'error').map((line) => line.message)).toEqual([
      'object cannot be read',
    ])
  })

  test('stops when asked, within its grace, without marking what was cut short', async () => {
    const it = setup(
      reconcilerOf(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
          }),
      ),
    )
    it.put()
    await it.settle()
    stop.abort()
    await it.settle()
    await it.settle(1_000)
    await it.finished
    expect(it.conditions()).toEqual([])
  })

  test('fails as a whole when a kind cannot be worked on', async () => {
    const it = setup(
      reconcilerOf(stored, {
        start: () => {
          throw new Error('no way')
        },
      }),
    )
    const failure = it.finished.catch((error: unknown) => error)
    await it.settle()
    await it.settle(1_000)
    expect(await failure).toEqual(new Error('no way'))
  })

  test('counts runs by result', async () => {
    const it = setup(reconcilerOf(stored))
    it.put()
    await it.settle()
    const text = await it.manager.metrics()
    expect(text).toContain(
      'controller_runtime_reconcile_total{controller="gitrepository",result="requeue_after"} 1',
    )
    expect(text).toContain(
      'gotk_reconcile_condition{kind="GitRepository",name="demo",namespace="apps",type="Ready",status="True"} 1',
    )
  })
})

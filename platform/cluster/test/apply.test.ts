import {
  ApiError,
  type ApplyAllOptions,
  applyStaged,
  createCluster,
  deleteAll,
  formatChange,
  idOf,
  PartialApplyError,
  type Target,
  waitForReady,
  waitForTermination,
} from '@sluice/cluster'
import { errorChain, type KubeObject } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { memoryServer } from './memory-transport.ts'

function setup() {
  const server = memoryServer([
    { groupVersion: 'v1', kind: 'ConfigMap', name: 'configmaps' },
    { groupVersion: 'v1', kind: 'Namespace', name: 'namespaces', namespaced: false },
    { groupVersion: 'example.com/v1', kind: 'Widget', name: 'widgets' },
  ])
  const clock = fakeClock()
  const { signal } = new AbortController()
  const cluster = createCluster(server.transport)
  const options: ApplyAllOptions = { cluster, clock, signal, fieldManager: 'own' }
  const writes = (): string[] =>
    server.requests
      .filter((it) => it.startsWith('PATCH') && !it.includes('dryRun'))
      .map((it) => it.split('?')[0]!)
  return { server, clock, signal, cluster, options, writes }
}

function configMap(name: string, data: object = {}, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a', ...metadata }, data }
}

function configMapTarget(name: string): Target {
  return { id: idOf(configMap(name)), version: 'v1' }
}

function widget(ready: string): KubeObject {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'a' },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}

function failed(): { readonly status: 'Failed'; readonly message: string } {
  return { status: 'Failed', message: '' }
}

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }
const configMaps = '/api/v1/configmaps'

describe('applyStaged', () => {
  test('applies definitions first and only what differs', async () => {
    const { options, server, writes } = setup()
    server.put(configMaps, configMap('same', { x: '1' }))
    server.put(configMaps, configMap('other', { x: '1' }))
    const objects = [
      configMap('new'),
      configMap('same', { x: '1' }),
      configMap('other', { x: '2' }),
      namespace,
    ]
    const changes = await applyStaged(objects, options)
    expect(changes.map(formatChange)).toEqual([
      'Namespace/a created',
      'ConfigMap/a/new created',
      'ConfigMap/a/other configured',
      'ConfigMap/a/same unchanged',
    ])
    expect(writes()).toEqual([
      'PATCH /api/v1/namespaces/a',
      'PATCH /api/v1/namespaces/a/configmaps/new',
      'PATCH /api/v1/namespaces/a/configmaps/other',
    ])
  })

  test('writes nothing of a stage when a dry run of it fails, and tells what was done before', async () => {
    const { options, server, writes } = setup()
    server.fail(
      /bad.*dryRun/,
      new ApiError({ code: 422, reason: 'Invalid', message: 'ConfigMap "bad" is invalid' }),
    )
    const failure = await applyStaged([namespace, configMap('bad'), configMap('good')], options).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(PartialApplyError)
    expect(errorChain(failure)).toBe('ConfigMap/a/bad dry-run failed (Invalid): ConfigMap "bad" is invalid')
    expect((failure as PartialApplyError).changes.map(formatChange)).toEqual(['Namespace/a created'])
    expect(writes()).toEqual(['PATCH /api/v1/namespaces/a'])
  })

  test.for([
    [
      { code: 404, reason: 'NotFound', message: 'namespaces "a" not found' },
      'ConfigMap/a/x not found: namespaces "a" not found',
    ],
    [{ code: 403, reason: 'Forbidden', message: 'no' }, 'ConfigMap/a/x dry-run failed (Forbidden): no'],
    [
      {
        code: 409,
        reason: 'Conflict',
        message: 'c',
        details: { causes: [{ reason: 'FieldManagerConflict' }] },
      },
      'ConfigMap/a/x dry-run failed (FieldManagerConflict): c',
    ],
  ] as const)('the refusal %j reads as Flux says it', async ([status, want]) => {
    const { options, server } = setup()
    server.fail(/dryRun/, new ApiError(status))
    await expect(applyStaged([configMap('x')], options)).rejects.toThrow(want)
  })

  test('a kind that is not served is named', async () => {
    const { options } = setup()
    const gadget = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'x', namespace: 'a' } }
    await expect(applyStaged([gadget], options)).rejects.toThrow(
      'Gadget/a/x dry-run failed: no matches for kind "Gadget" in version "example.com/v1"',
    )
  })

  test('skips what is excluded, or there already', async () => {
    const { options, server, writes } = setup()
    server.put(configMaps, configMap('once', { x: '1' }))
    const changes = await applyStaged(
      [
        configMap('off', {}, { annotations: { reconcile: 'Disabled' } }),
        configMap('once', { x: '2' }, { annotations: { ssa: 'IfNotPresent' } }),
      ],
      { ...options, excluded: { reconcile: 'disabled' }, ifNotPresent: { ssa: 'ifnotpresent' } },
    )
    expect(changes.map(formatChange)).toEqual(['ConfigMap/a/off skipped', 'ConfigMap/a/once skipped'])
    expect(writes()).toEqual([])
  })

  test('recreates an object with changed immutable fields only when forced', async () => {
    const { options, server } = setup()
    const refusal = new ApiError({ code: 422, reason: 'Invalid', message: 'field is immutable' })
    server.put(configMaps, configMap('x', { x: '1' }))
    server.fail(/dryRun/, refusal, 1)
    await expect(applyStaged([configMap('x', { x: '2' })], options)).rejects.toThrow('field is immutable')
    server.fail(/dryRun/, refusal, 1)
    const changes = await applyStaged([configMap('x', { x: '2' })], { ...options, force: true })
    expect(changes.map(formatChange)).toEqual(['ConfigMap/a/x created'])
    expect(server.requests).toContain('DELETE /api/v1/namespaces/a/configmaps/x')
  })

  test('takes over what other managers applied', async () => {
    const { options, server } = setup()
    const metadata = {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      managedFields: [
        { manager: 'kubectl-client-side-apply', operation: 'Update', fieldsV1: { 'f:data': {} } },
      ],
    }
    server.put(configMaps, configMap('x', {}, metadata))
    const cleanup = {
      annotations: ['kubectl.kubernetes.io/last-applied-configuration', 'absent'],
      managers: [{ prefix: 'kubectl', operation: 'Update' as const }],
    }
    const changes = await applyStaged([configMap('x')], { ...options, cleanup })
    expect(changes.map(formatChange)).toEqual(['ConfigMap/a/x configured'])
    expect(server.patches).toEqual([
      { op: 'remove', path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration' },
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [{ manager: 'own', operation: 'Apply', fieldsV1: { 'f:data': {} } }],
      },
    ])
  })
})

describe('deleteAll', () => {
  test('deletes what is owned, passes over the rest', async () => {
    const { cluster, signal, server } = setup()
    server.put(configMaps, configMap('own', {}, { labels: { owner: 'me' } }))
    server.put(configMaps, configMap('foreign'))
    server.put(configMaps, configMap('kept', {}, { labels: { owner: 'me', prune: 'disabled' } }))
    const changes = await deleteAll(['own', 'foreign', 'kept', 'gone'].map(configMapTarget), {
      cluster,
      signal,
      ownedBy: { owner: 'me' },
      excluded: { prune: 'disabled' },
    })
    expect(changes.map(formatChange).toSorted()).toEqual([
      'ConfigMap/a/foreign skipped',
      'ConfigMap/a/gone deleted',
      'ConfigMap/a/kept skipped',
      'ConfigMap/a/own deleted',
    ])
  })

  test('tries all and then tells what failed', async () => {
    const { cluster, signal, server } = setup()
    server.put(configMaps, configMap('x'))
    server.put(configMaps, configMap('y'))
    server.fail(/DELETE.*y/, new ApiError({ code: 403, reason: 'Forbidden', message: 'no' }))
    const deleting = deleteAll(['x', 'y'].map(configMapTarget), { cluster, signal })
    await expect(deleting).rejects.toMatchObject({
      message: 'delete failed, errors: ConfigMap/a/y delete failed: no;',
      changes: [{ action: 'unknown' }, { action: 'deleted' }],
    })
  })
})

describe('waiting', () => {
  const widgets = '/apis/example.com/v1/widgets'
  const target = { id: idOf(widget('True')), version: 'v1' }

  test('ends as soon as all is ready', async () => {
    const { cluster, clock, signal, server } = setup()
    server.put(widgets, widget('False'))
    let isReady = false
    const waiting = waitForReady([target], {
      cluster,
      clock,
      signal,
      timeoutMs: 60_000,
      failFast: true,
    }).then(() => {
      isReady = true
    })
    await clock.advance(3_000)
    expect(isReady).toBe(false)
    server.put(widgets, widget('True'))
    await clock.advance(5_000)
    await waiting
    expect(isReady).toBe(true)
  })

  test('lists what was not ready in time', async () => {
    const { cluster, clock, signal, server } = setup()
    server.put(widgets, widget('False'))
    const missing = { id: { ...target.id, name: 'none' }, version: 'v1' }
    const waiting = waitForReady([target, missing], {
      cluster,
      clock,
      signal,
      timeoutMs: 20_000,
      failFast: true,
    })
    const failure = waiting.catch((error: unknown) => error)
    await clock.advance(20_000)
    expect(errorChain(await failure)).toBe(
      "timeout waiting for: [Widget/a/w status: 'InProgress', Widget/a/none status: 'NotFound']",
    )
  })

  test('gives up early on what has failed', async () => {
    const { cluster, clock, signal, server } = setup()
    server.put(widgets, widget('True'))
    await expect(
      waitForReady([target], {
        cluster,
        clock,
        signal,
        timeoutMs: 20_000,
        failFast: false,
        healthOf: failed,
      }),
    ).rejects.toThrow("failed early due to stalled resources: [Widget/a/w status: 'Failed']")
  })

  test('for the end of objects', async () => {
    const { cluster, clock, signal, server } = setup()
    server.put(widgets, widget('True'))
    let isGone = false
    const waiting = waitForTermination([target], { cluster, clock, signal, timeoutMs: 60_000 }).then(() => {
      isGone = true
    })
    await clock.advance(10_000)
    expect(isGone).toBe(false)
    server.remove(widgets, 'a', 'w')
    await clock.advance(2_000)
    await waiting
    expect(isGone).toBe(true)
  })
})

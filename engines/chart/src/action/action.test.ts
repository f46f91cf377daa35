import { type KubeObject, memoryFileTree } from '@sluice/ports'
import { expect, test } from 'vitest'
import type { Chart } from '../chart.ts'
import { loadChartDirectory } from '../load/load-chart.ts'
import type { Release } from '../release/release.ts'
import { sortManifests } from '../render/manifests.ts'
import type { Rendered } from '../render/render-chart.ts'
import type { ActionContext } from './action-context.ts'
import type { Action, ActionResult, Effect } from './effects.ts'
import { install } from './install.ts'
import { rollback } from './rollback.ts'
import { uninstall } from './uninstall.ts'
import { unlock } from './unlock.ts'
import { upgrade } from './upgrade.ts'

const compression = { gzip: (data: Uint8Array) => data, gunzip: (data: Uint8Array) => data }
const hook = (event: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${event}, annotations: {helm.sh/hook: ${event}}}\n`
const tree = memoryFileTree([
  ['Chart.yaml', 'apiVersion: v2\nname: a\nversion: 0.1.0'],
  ['templates/m.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n'],
  ['templates/pre.yaml', hook('pre-install')],
  ['templates/up.yaml', hook('pre-upgrade')],
])
const chart = loadChartDirectory(tree, '', { compression })
const what = { chart, values: new Map() }
const context: ActionContext = { name: 'r', namespace: 'n', now: () => 'now' }

/** Templates are taken as they are. */
function render(it: Chart): Rendered {
  const files = new Map(it.templates.map(({ name, data }) => [`a/${name}`, new TextDecoder().decode(data)]))
  return { ...sortManifests(files), notes: '', crds: [], values: new Map(), chart: it }
}

function names(list: readonly KubeObject[]): string {
  return list.map((it) => it.metadata.name).join(' ')
}

/** A cluster that has everything it was told to create, and fails the calls that a test names. */
function world(): {
  readonly run: (action: Action<ActionResult>, failing?: string) => ActionResult
  readonly begin: (action: Action<ActionResult>, until: Effect['kind']) => void
  readonly log: string[]
  readonly statuses: () => string[]
} {
  const records = new Map<number, Release>()
  const objects = new Map<string, KubeObject>()
  const log: string[] = []
  const answer = (effect: Effect, failing: string): unknown => {
    if (effect.kind === 'find') {
      return effect.objects.map(({ metadata }) => objects.get(String(metadata.name)))
    }
    if (effect.kind === 'resolve') return undefined
    if ('objects' in effect) {
      const call = `${effect.kind} ${effect.objects.map(({ metadata }) => metadata.name).join(' ')}`
      log.push(call)
      if (call === failing) throw new Error('boom')
      for (const it of effect.objects) if (effect.kind === 'create') objects.set(String(it.metadata.name), it)
      return undefined
    }
    switch (effect.kind) {
      case 'history':
        return [...records.values()]
      case 'record':
        return records.set(effect.release.revision, effect.release)
      case 'remove':
        return records.delete(effect.revision)
      case 'render':
        return render(effect.chart)
      case 'showLogs':
        return undefined
      case 'update': {
        log.push(`update from ${names(effect.from)} to ${names(effect.to)}`)
        for (const it of effect.to) objects.set(String(it.metadata.name), it)
        return { created: [], failure: failing === 'update' ? new Error('boom') : undefined }
      }
    }
  }
  const run = (action: Action<ActionResult>, failing = ''): ActionResult => {
    let state = action.next()
    while (!state.done) {
      let reply: unknown
      try {
        reply = answer(state.value, failing)
      } catch (error) {
        state = action.throw(error)
        continue
      }
      state = action.next(reply)
    }
    return state.value
  }
  /** Leaves the action where it asks for this, after the cluster has done it. */
  const begin = (action: Action<ActionResult>, until: Effect['kind']): void => {
    for (let state = action.next(); !state.done; ) {
      const reply = answer(state.value, '')
      if (state.value.kind === until) return
      state = action.next(reply)
    }
  }
  const statuses = (): string[] => [...records.values()].map((it) => `${it.revision} ${it.info.status}`)
  return { run, begin, log, statuses }
}

test('a release from its first revision to its end', () => {
  const { run, log, statuses } = world()
  expect(run(install(context, what)).failure).toBeUndefined()
  expect(log).toEqual([
    'delete pre-install',
    'waitForDelete pre-install',
    'create pre-install',
    'watchUntilReady pre-install',
    'create m',
    'wait m',
  ])
  run(upgrade(context, what))
  run(rollback(context))
  expect(statuses()).toEqual(['1 superseded', '2 superseded', '3 deployed'])
  const { release } = run(uninstall(context, { keepHistory: true }))
  expect(release?.info).toMatchObject({ status: 'uninstalled', deleted: 'now' })
  run(uninstall(context))
  expect(statuses()).toEqual([])
})

test('a failed upgrade rolls back when asked to', () => {
  const { run, statuses } = world()
  run(install(context, what))
  const { failure } = run(upgrade(context, what, { rollbackOnFailure: true }), 'watchUntilReady pre-upgrade')
  expect(failure?.message).toBe(
    'release r failed, and has been rolled back due to rollback-on-failure being set: pre-upgrade hooks failed: boom',
  )
  expect(statuses()).toEqual(['1 superseded', '2 failed', '3 deployed'])
})

test('an upgrade that was cut short is done again without its completed hooks, and leaves nothing behind', () => {
  const { run, log, statuses, begin } = world()
  run(install(context, what))
  const grown = {
    chart: loadChartDirectory(
      memoryFileTree([
        ['Chart.yaml', 'apiVersion: v2\nname: a\nversion: 0.2.0'],
        ['templates/m.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n'],
        ['templates/n.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n'],
        ['templates/up.yaml', hook('pre-upgrade')],
      ]),
      '',
      { compression },
    ),
    values: new Map(),
  }
  begin(upgrade(context, grown), 'update')
  expect(statuses()).toEqual(['1 deployed', '2 pending-upgrade'])
  expect(run(unlock(context)).release?.info.description).toBe(
    "Release unlocked from stale 'pending-upgrade' state",
  )
  log.length = 0
  begin(upgrade(context, grown), 'update')
  expect(log).toEqual(['update from m extra to m extra'])
  run(unlock(context))
  run(upgrade(context, what))
  // What the first attempts may have made is none of the chart's any more.
  expect(log.at(-2)).toBe('update from m extra to m')
  expect(statuses()).toEqual(['1 superseded', '2 failed', '3 failed', '4 deployed'])
})

test.for([
  [
    {},
    'create pre-install',
    'failed pre-install: warning: Hook pre-install a/templates/pre.yaml failed: boom',
  ],
  [{}, 'wait m', 'boom'],
  [
    { rollbackOnFailure: true },
    'wait m',
    'release r failed, and has been uninstalled due to rollback-on-failure being set: boom',
  ],
] as const)('an install with %j where %s fails', ([options, failing, message]) => {
  const { run, statuses } = world()
  expect(run(install(context, what, options), failing).failure?.message).toBe(message)
  expect(statuses()).toEqual('rollbackOnFailure' in options ? [] : ['1 failed'])
})

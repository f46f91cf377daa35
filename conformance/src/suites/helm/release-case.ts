import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Action,
  type ActionContext,
  type ActionResult,
  checkReleaseName,
  coalesceValues,
  defaultCapabilities,
  install,
  loadChartDirectory,
  type Release,
  releaseObject,
  releaseOfRecord,
  renderChart,
  rollback,
  testRelease,
  uninstall,
  upgrade,
} from '@sluice/chart'
import { hostCompression as compression, diskFileTree } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'
import { jsonMarshal, parseJson, parseJsonGo, parseYamlDocuments } from '@sluice/yaml'
import { templatePorts } from '../gotemplate/template-ports.ts'
import { expectJson } from './expect-json.ts'
import { type Failures, FakeCluster, keyOf } from './fake-cluster.ts'

/** `meta.json` of a case of releases. */
export type ReleaseMeta = {
  readonly chart: string
  readonly release: string
  readonly namespace: string
  readonly steps: readonly Step[]
}

type Step = {
  readonly action: string
  readonly chart?: string
  readonly values?: unknown
  readonly labels?: Readonly<Record<string, string>>
  readonly name?: string
  readonly options?: Readonly<Record<string, unknown>> | null
  readonly fail?: Failures
}

type Answer = {
  readonly error?: string
  readonly release?: Release
  readonly info?: string
  readonly values?: unknown
}

const ports = templatePorts()
const time = '2024-01-02T03:04:05Z'

/** Runs the steps of a case against one stand-in of a cluster. */
export function runReleaseCase(group: string, folder: string, meta: ReleaseMeta): void {
  const cluster = new FakeCluster()
  const steps = meta.steps.map((step, index) => {
    cluster.calls.length = 0
    cluster.failures = step.fail ?? {}
    const answer = attempt(() => runStep(step, { cluster, meta, charts: join(group, 'charts', meta.chart) }))
    return { step: index + 1, action: step.action, ...reported(answer, { step, cluster, meta }) }
  })
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as unknown
  expectJson(comparable({ steps }), comparable(expected))
}

type World = { readonly cluster: FakeCluster; readonly meta: ReleaseMeta; readonly charts: string }

function runStep(step: Step, world: World): Answer {
  const { cluster } = world
  const { action, options } = step
  const history = cluster.history(step.name || world.meta.release)
  const last = history.at(-1)
  switch (action) {
    case 'seed': {
      for (const { value } of parseYamlDocuments(String(options?.['manifest']))) {
        const object = value as KubeObject
        cluster.objects.set(keyOf(object), object)
      }
      return {}
    }
    case 'set-status': {
      if (!last) return {}
      const release = { ...last, info: { ...last.info, status: String(options?.['status']) } }
      cluster.record(release, 'modified')
      return {}
    }
    case 'status':
      return last ? { release: last } : { error: 'release: not found' }
    case 'get-values':
      return valuesOf(history, options ?? {})
    default:
      return acted(action, driven(actionOf(step, world), cluster))
  }
}

function valuesOf(history: readonly Release[], options: Readonly<Record<string, unknown>>): Answer {
  const { revision } = options
  const release = revision ? history.find((it) => it.revision === revision) : history.at(-1)
  if (!release) return { error: 'release: not found' }
  const config = release.config ?? new Map()
  const all = (): unknown => coalesceValues(release.chart, config, { keepNulls: false, warn: () => {} })
  const values = options['all'] === true ? all() : (release.config ?? null)
  return { values: parseJson(jsonMarshal(values as Map<string, null>)) }
}

function actionOf(
  { action, chart, values, name, labels, options }: Step,
  { cluster, meta, charts }: World,
): Action<ActionResult> {
  cluster.render = ({ chart: loaded, values: given, release }) =>
    renderChart(loaded, {
      release,
      values: given,
      ports,
      capabilities: defaultCapabilities,
      subNotes: options?.['subNotes'] === true,
      skipSchemaValidation: options?.['skipSchemaValidation'] === true,
    })
  const context: ActionContext = {
    name: name || meta.release,
    namespace: meta.namespace,
    now: () => time,
  }
  const settings = { ...options, ...(labels ? { labels: new Map(Object.entries(labels)) } : {}) }
  const what = () => ({
    chart: loadChartDirectory(diskFileTree(join(charts, chart ?? '')), '', { compression }),
    values: parseJsonGo(JSON.stringify(values ?? {})) as Map<string, null>,
  })
  switch (action) {
    case 'install':
      return install(context, what(), settings)
    case 'upgrade':
      return upgrade(context, what(), settings)
    case 'rollback':
      return rollback(context, options ?? {})
    case 'uninstall':
      return uninstall(context, options ?? {})
    default: {
      const given = options?.['filter']
      const filter = typeof given === 'string' ? /^name=(.*)$/.exec(given)?.[1] : undefined
      return testRelease(context, filter === undefined ? {} : { only: [filter] })
    }
  }
}

/** Drives an action to its end. */
function driven(action: Action<ActionResult>, cluster: FakeCluster): ActionResult {
  let state = action.next()
  while (!state.done) {
    try {
      const answer = cluster.answer(state.value)
      state = action.next(answer)
    } catch (error) {
      state = action.throw(error)
    }
  }
  return state.value
}

function acted(action: string, result: ActionResult & { readonly info?: string }): Answer {
  const { release, failure, info } = result
  return {
    ...(failure ? { error: failure.message } : {}),
    ...(release && action !== 'uninstall' && action !== 'rollback' ? { release } : {}),
    ...(action === 'uninstall' && release && info !== undefined ? { info } : {}),
  }
}

function attempt(work: () => Answer): Answer {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error) return { error: error.message }
    throw error
  }
}

/** Actions that give a release. */
const givesRelease = ['install', 'upgrade', 'status', 'test']

function reported(
  { error, release, info, values }: Answer,
  { step, cluster, meta }: { readonly step: Step; readonly cluster: FakeCluster; readonly meta: ReleaseMeta },
): object {
  const history = cluster.history(step.name || meta.release)
  const records = [...cluster.records].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    error: error ?? null,
    kubeCalls: [...cluster.calls],
    cluster: [...cluster.objects.keys()].toSorted(),
    ...(givesRelease.includes(step.action) ? { returned: release ? returned(release) : null } : {}),
    ...(info === undefined ? {} : { info }),
    ...(values === undefined ? {} : { values }),
    ...(history.length === 0 ? { historyError: historyError(step.name || undefined) } : {}),
    history: history.map(({ revision, info: { status, description }, chart: { metadata } }) => ({
      revision,
      status,
      description,
      chart: `${metadata.name}-${metadata.version}`,
      appVersion: metadata.appVersion,
    })),
    secrets: records.map(([name, record]) => ({
      name,
      namespace: record.metadata.namespace,
      type: record['type'],
      annotations: null,
      labels: record.metadata.labels,
      release: JSON.parse(jsonMarshal(releaseObject(releaseOfRecord(record, { compression })))) as unknown,
    })),
  }
}

/** What `helm history` says when there is none. */
function historyError(name: string | undefined): string {
  try {
    if (name !== undefined) checkReleaseName(name)
  } catch {
    // Which rule the name breaks is not told here.
    return `release name is invalid: ${name}`
  }
  return 'release: not found'
}

function returned({ name, namespace, revision, info: { status, description, notes } }: Release): object {
  return { name, namespace, revision, status, description, ...(notes === '' ? {} : { notes }) }
}

const hiddenTimes: ReadonlySet<string> = new Set([
  'modtime',
  'schemamodtime',
  'createdAt',
  'modifiedAt',
  'generated',
])

/** Without times, which the recordings hide; ours have none for files, because trees have none. */
function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, it: unknown) => {
      if (hiddenTimes.has(key)) return undefined
      return it === time ? '<time>' : it
    }),
  ) as unknown
}

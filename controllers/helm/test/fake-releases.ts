import type { Chart, Release } from '@sluice/chart'
import type {
  ActionEnd,
  DriftedObject,
  ReleaseBehaviour,
  ReleaseClient,
  ReleaseTarget,
} from '../src/releases/release-client.ts'

/** How the next action goes: well, badly with a record, or badly before any record is written. */
export type Fate = 'works' | 'fails' | 'is refused'

/** Helm with its records in memory. Actions take no time and touch no objects. */
export type FakeReleases = {
  readonly open: (target: ReleaseTarget, behaviour: ReleaseBehaviour) => ReleaseClient
  /** All records, by storage namespace and name, the oldest first. */
  readonly records: Map<string, Release[]>
  /** What was done, as `install web`. */
  readonly actions: string[]
  /** Fates of the actions to come, by action; they work when none is left. */
  readonly fates: Map<string, Fate[]>
  drift: DriftedObject[]
  /** Phases that tests end in, by hook. */
  testPhases: Record<string, string>
}

export const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web-config\n'
const time = '2026-01-01T00:00:00Z'

export function fakeReleases(): FakeReleases {
  const fake: FakeReleases = {
    records: new Map(),
    actions: [],
    fates: new Map(),
    drift: [],
    testPhases: {},
    open: (target, behaviour) => client(fake, target, behaviour),
  }
  return fake
}

function client(fake: FakeReleases, target: ReleaseTarget, { observe }: ReleaseBehaviour): ReleaseClient {
  const place = `${target.storageNamespace}/${target.name}`
  const records = (): Release[] => fake.records.get(place) ?? []
  const write = (release: Release): Release => {
    const others = records().filter(({ revision }) => revision !== release.revision)
    fake.records.set(
      place,
      [...others, release].toSorted((a, b) => a.revision - b.revision),
    )
    observe(release)
    return release
  }
  const begin = (action: string): Fate => {
    fake.actions.push(`${action} ${target.name}`)
    return fake.fates.get(action)?.shift() ?? 'works'
  }
  const refused: ActionEnd = { release: undefined, failure: new Error('refused'), logs: ['a line'] }
  const deploy = (action: string, chart: Chart, config: Release['config']): ActionEnd => {
    const fate = begin(action)
    if (fate === 'is refused') return refused
    const before = records().at(-1)
    const revision = (before?.revision ?? 0) + 1
    const made = (status: string): Release =>
      write({ ...blank(target), chart, config, revision, info: { ...info, status } })
    made(`pending-${action}`)
    if (before) write(withStatus(before, fate === 'works' ? 'superseded' : before.info.status))
    if (fate === 'works') return { release: made('deployed'), failure: undefined, logs: [] }
    return { release: made('failed'), failure: new Error('timed out'), logs: ['a line'] }
  }

  return {
    history: async () => records(),
    preview: async () => ({ previews: [], failures: [], deleted: [], hooks: [] }),
    install: async ({ chart, values }) => deploy('install', chart, values),
    upgrade: async ({ chart, values }) => deploy('upgrade', chart, values),
    rollback: async (revision) => {
      const fate = begin(`rollback to ${revision} of`)
      if (fate === 'is refused') return refused
      const to = records().find((it) => it.revision === revision)
      const last = records().at(-1)
      if (!to || !last) throw new TypeError('nothing to roll back to')
      for (const it of records()) if (it.info.status === 'deployed') write(withStatus(it, 'superseded'))
      const status = fate === 'works' ? 'deployed' : 'failed'
      const release = write({ ...to, revision: last.revision + 1, info: { ...to.info, status } })
      return { release, failure: fate === 'works' ? undefined : new Error('timed out'), logs: [] }
    },
    uninstall: async () => {
      const fate = begin('uninstall')
      const last = records().at(-1)
      if (fate === 'is refused' || !last) return refused
      const release = withStatus(last, fate === 'works' ? 'uninstalled' : 'failed')
      write(release)
      if (fate !== 'works') return { release, failure: new Error('stuck'), logs: [] }
      fake.records.delete(place)
      return { release, failure: undefined, logs: [] }
    },
    test: async () => {
      const fate = begin('test')
      const last = records().at(-1)
      if (fate === 'is refused' || !last) return refused
      const hooks = Object.entries(fake.testPhases).map(([name, phase]) => ({
        name,
        kind: 'Pod',
        path: 'tests.yaml',
        manifest: '',
        events: ['test' as const],
        weight: 0,
        deletePolicies: [],
        outputLogPolicies: [],
        lastRun: { startedAt: time, completedAt: time, phase },
      }))
      const release = write({ ...last, hooks })
      return { release, failure: fate === 'works' ? undefined : new Error('pod failed'), logs: [] }
    },
    unlock: async (release) => {
      const fate = begin('unlock')
      if (fate !== 'works') return refused
      return { release: write(withStatus(release, 'failed')), failure: undefined, logs: [] }
    },
    drift: async () => fake.drift,
    correct: async (drifted) => {
      const fate = begin('correct')
      fake.drift = []
      if (fate === 'works') return { corrected: drifted, failures: [] }
      return { corrected: [], failures: drifted.map((object) => ({ object, error: new Error('denied') })) }
    },
  }
}

const info: Release['info'] = {
  firstDeployed: time,
  lastDeployed: time,
  deleted: '',
  description: '',
  status: 'deployed',
  rollbackRevision: 0,
  notes: '',
}

function blank({ name, namespace }: ReleaseTarget): Omit<Release, 'chart' | 'config' | 'revision' | 'info'> {
  return { name, namespace, manifest, hooks: [], applyMethod: 'ssa', labels: new Map() }
}

/** The record in another state. */
export function withStatus(release: Release, status: string): Release {
  return { ...release, info: { ...release.info, status } }
}

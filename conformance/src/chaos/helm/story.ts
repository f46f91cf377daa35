import { isDeepStrictEqual } from 'node:util'
import type { Release } from '@sluice/chart'
import type { ActionBounds, ActionEnd, ReleaseClient } from '@sluice/helm-controller'
import type { KubeObject } from '@sluice/ports'
import {
  labChart,
  labValues,
  type ReleaseLab,
  type ReleaseProcess,
  releaseNamespace,
  startReleaseLab,
} from '../../lab/release-lab.ts'
import { stateOf } from '../kustomization/cluster-state.ts'
import { hookWitness } from './hook-witness.ts'

const name = 'app'

/** What the life of the release left: the cluster at each stage, and hooks that were run twice. */
export type Aftermath = { readonly states: readonly string[]; readonly repeated: readonly string[] }

/** Plays the life of a release; `start` gives the process that is to go on with it, whenever the one before has ended. */
export async function play(start: (lab: ReleaseLab) => ReleaseProcess): Promise<Aftermath> {
  const lab = await startReleaseLab()
  const playing = lab.play('v1', 'Pod', () => ({ phase: 'Succeeded' }))
  try {
    return await live(lab, start)
  } finally {
    await lab[Symbol.asyncDispose]()
    await playing
  }
}

async function live(lab: ReleaseLab, start: (lab: ReleaseLab) => ReleaseProcess): Promise<Aftermath> {
  await using witness = await hookWitness(lab)
  const states: string[] = []
  let process: ReleaseProcess | undefined
  for (const stage of stages) {
    witness.beginStage(stage.title)
    for (;;) {
      const current: ReleaseProcess = process?.signal.aborted === false ? process : start(lab)
      process = current
      try {
        await pursue(stage, current)
        break
      } catch (error) {
        if (!current.signal.aborted) throw error
      }
    }
    states.push(stage.title, ...(await stateAfter(lab)))
  }
  return { states, repeated: await witness.repeated() }
}

/** What differs from an undisturbed run, if anything. */
export function differenceTo(want: Aftermath, got: Aftermath): string | undefined {
  if (got.repeated.length > 0) return `run again after they had completed: ${got.repeated.join(', ')}`
  if (isDeepStrictEqual(got.states, want.states)) return undefined
  const at = want.states.findIndex((line, index) => line !== got.states[index])
  return `got ${got.states[at] ?? 'nothing'}, want ${want.states[at] ?? 'nothing'}`
}

type Stage = {
  readonly title: string
  /** What to do about the release as it is; nothing when the stage is reached. */
  readonly next: (last: Release | undefined) => Act | undefined
}

type Act = (client: ReleaseClient, bounds: ActionBounds) => Promise<ActionEnd>

const content = (value: string) => ({
  chart: labChart(
    {
      'config.yaml': configs,
      'migrate.yaml': hook('migrate', 'pre-install,pre-upgrade'),
      'cleaned.yaml': hook('cleaned', 'post-install,post-upgrade', 'hook-succeeded'),
      'undo.yaml': hook('undo', 'pre-rollback'),
      'farewell.yaml': hook('farewell', 'pre-delete', 'hook-succeeded'),
    },
    `0.1.${value.length}`,
  ),
  values: labValues({ value }),
})

const stages: readonly Stage[] = [
  { title: 'installed', next: deployed('a') },
  { title: 'upgraded', next: deployed('bb') },
  {
    title: 'rolled back',
    next: (last) => {
      if (last?.info.status === 'deployed' && last.info.description.startsWith('Rollback')) return undefined
      return last && isPending(last)
        ? (client, bounds) => client.unlock(last, bounds)
        : async (client, bounds) => {
            const history = await client.history(bounds.signal)
            const first = history.find(
              ({ config }) => config?.get('value') === 'a' && isGood(history, config),
            )
            return await client.rollback(first?.revision ?? 0, {}, bounds)
          }
    },
  },
  {
    title: 'uninstalled',
    next: (last) => {
      if (!last) return undefined
      return (client, bounds) => client.uninstall({}, bounds)
    },
  },
]

function isGood(history: readonly Release[], config: unknown): boolean {
  return history.some((it) => it.config === config && ['superseded', 'deployed'].includes(it.info.status))
}

function deployed(value: string): Stage['next'] {
  return (last) => {
    if (!last) return (client, bounds) => client.install(content(value), {}, bounds)
    if (last.info.status === 'deployed' && last.config?.get('value') === value) return undefined
    if (isPending(last)) return (client, bounds) => client.unlock(last, bounds)
    return (client, bounds) => client.upgrade(content(value), {}, bounds)
  }
}

/** Goes on from whatever is there until the stage is reached, as a controller does. */
async function pursue(stage: Stage, process: ReleaseProcess): Promise<void> {
  const { signal } = process
  const client = process.client({ name, behaviour: { maxHistory: 0 } })
  for (let step = 0; step < 10; step += 1) {
    const history = await client.history(signal)
    const act = stage.next(history.at(-1))
    if (!act) return
    const { failure } = await act(client, { timeoutMs: 60_000, signal })
    if (failure) throw failure
  }
  throw new TypeError(`${stage.title}: never reached`)
}

function isPending({ info }: Release): boolean {
  return info.status.startsWith('pending-')
}

async function stateAfter(lab: ReleaseLab): Promise<readonly string[]> {
  const lines: string[] = []
  for (const kind of ['ConfigMap', 'Pod']) {
    const resource = await lab.cluster.resourceFor('v1', kind, { signal: lab.signal })
    const { items } = await lab.cluster.list(resource, { namespace: releaseNamespace, signal: lab.signal })
    const own = items.filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
    lines.push(...own.filter(({ metadata }) => !metadata.deletionTimestamp).map(lastingState))
  }
  const history = await lab.client({ name }).history(lab.signal)
  const last = history.at(-1)
  const good = history.filter(({ info }) => info.status === 'deployed').map(({ revision }) => revision)
  const isLastGood = good.length === 1 && good[0] === last?.revision
  return [
    ...lines,
    last ? `${isLastGood ? 'one deployed' : `deployed: ${good.join(' ')}`}: ${last.manifest}` : 'no record',
  ]
}

/** Without the name that admission draws for a Pod's volume. */
function lastingState(object: KubeObject): string {
  return stateOf(object).replace(/kube-api-access-\w+/g, 'kube-api-access')
}

function hook(pod: string, events: string, policy = 'before-hook-creation'): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${pod}
  annotations: {helm.sh/hook: "${events}", helm.sh/hook-delete-policy: ${policy}}
spec: {restartPolicy: Never, containers: [{name: c, image: i}]}
`
}

const configs = `apiVersion: v1
kind: ConfigMap
metadata: {name: shared}
data: {value: "{{ .Values.value }}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "only-{{ .Values.value }}"}
`

import { type Release, releaseOfRecord } from '@sluice/chart'
import { compareResourceVersions } from '@sluice/cluster'
import { hostCompression as compression } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'
import { type ReleaseLab, releaseNamespace } from '../../lab/release-lab.ts'

/** Sees all that happens to records and Pods, and tells which hooks were made again after they had completed. */
export type HookWitness = AsyncDisposable & {
  /** From here on, what was completed before may be done again. */
  beginStage(title: string): void
  repeated(): Promise<readonly string[]>
}

type Seen = { readonly hook: string; readonly version: string; readonly stage: string }

export async function hookWitness(lab: ReleaseLab): Promise<HookWitness> {
  const stop = new AbortController()
  const signal = AbortSignal.any([lab.signal, stop.signal])
  const created: Seen[] = []
  const completed: Seen[] = []
  let stage = ''
  const note = (list: Seen[], hook: string, object: KubeObject): void => {
    list.push({ hook, version: object.metadata.resourceVersion ?? '', stage })
  }
  const watches = [
    follow(lab, { kind: 'Pod', signal }, (type, object) => {
      if (type === 'ADDED') note(created, object.metadata.name ?? '', object)
    }),
    follow(lab, { kind: 'Secret', signal }, (type, object) => {
      if (type === 'DELETED' || object['type'] !== 'helm.sh/release.v1') return
      const release = releaseOfRecord(object, { compression })
      for (const hook of completedIn(release)) note(completed, hook, object)
    }),
  ]
  return {
    beginStage: (title) => {
      stage = title
    },
    repeated: async () => {
      // The watches are in the same process: a moment is enough for what is on its way.
      await lab.clock.sleep(10_000, signal)
      return created
        .filter((pod) => completed.some((it) => isBefore(it, pod)))
        .map((pod) => `${pod.hook} (${pod.stage})`)
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await Promise.all(watches)
    },
  }
}

function isBefore(completion: Seen, pod: Seen): boolean {
  return (
    completion.hook === pod.hook &&
    completion.stage === pod.stage &&
    compareResourceVersions(completion.version, pod.version) < 0
  )
}

/** Hooks that the record says have completed, in an action that is under way. */
function completedIn({ hooks, info }: Release): readonly string[] {
  const isUnderWay = info.status.startsWith('pending-') || info.status === 'uninstalling'
  return isUnderWay ? hooks.filter(({ lastRun }) => lastRun.phase === 'Succeeded').map((it) => it.name) : []
}

async function follow(
  { cluster }: ReleaseLab,
  { kind, signal }: { readonly kind: string; readonly signal: AbortSignal },
  see: (type: string, object: KubeObject) => void,
): Promise<void> {
  try {
    const resource = await cluster.resourceFor('v1', kind, { signal })
    const scope = { namespace: releaseNamespace, signal }
    const { resourceVersion } = await cluster.list(resource, scope)
    for await (const { type, object } of cluster.watch(resource, { ...scope, resourceVersion })) {
      see(type, object)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

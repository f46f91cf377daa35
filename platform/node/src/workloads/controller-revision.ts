import type { KubeObject } from '@sluice/ports'
import type { World } from '../world/world.ts'
import { hashName } from './template-hash.ts'
import { controlledBy, sameContent, type Workload } from './workload.ts'

/** Names the revision that a pod of a StatefulSet or DaemonSet was made from. */
export const revisionLabel = 'controller-revision-hash'

type ControllerRevision = KubeObject & { readonly data?: unknown; readonly revision: number }

/** The revisions of a set's template: the present one, and all of them from old to new. */
export type Revisions = { readonly current: ControllerRevision; readonly all: readonly ControllerRevision[] }

/** Finds or creates the revision of the present template; a template that returns becomes the newest again. */
export async function currentRevision(set: Workload, world: World): Promise<Revisions> {
  const { template } = set.spec
  const data = { spec: { template: { ...template, $patch: 'replace' } } }
  const known = [...world.objects('controllerrevisions').controlledBy(set.metadata.uid ?? '')]
  const all = (known as ControllerRevision[]).toSorted((left, right) => left.revision - right.revision)
  const newest = all.at(-1)
  const next = (newest?.revision ?? 0) + 1

  const found = all.find((item) => sameContent(item.data, data))
  if (found && found === newest) return { current: found, all }
  const current = found
    ? await world.update('controllerrevisions', { ...found, revision: next })
    : await world.create('controllerrevisions', newRevision(set, data, next))
  const others = all.filter((item) => item !== found)
  return { current: current as ControllerRevision, all: [...others, current as ControllerRevision] }
}

/** The hash that pods made from `revision` carry: for StatefulSets the whole name. */
export function hashOf({ metadata }: KubeObject): string {
  return metadata.labels?.[revisionLabel] ?? ''
}

/** Removes revisions that no pod uses, past the number that is kept. */
export async function dropOldRevisions(
  { current, all }: Revisions,
  {
    used,
    limit,
    world,
  }: { readonly used: ReadonlySet<string>; readonly limit: number; readonly world: World },
): Promise<void> {
  const idle = all.filter(
    (item) => item !== current && !used.has(hashOf(item)) && !used.has(item.metadata.name ?? ''),
  )
  for (const item of idle.slice(0, Math.max(0, idle.length - limit))) {
    await world.remove('controllerrevisions', item)
  }
}

function newRevision(set: Workload, data: object, revision: number): KubeObject {
  const hash = hashName(data)
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${set.metadata.name}-${hash}`,
      namespace: set.metadata.namespace ?? '',
      labels: { ...set.spec.template.metadata?.labels, [revisionLabel]: hash },
      ownerReferences: [controlledBy(set)],
    },
    data,
    revision,
  }
}

import type { ObjectKey, Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { crossDependencies, formatReference, type KindReference } from './cross-dependencies.ts'
import { type Dependent, dependencyKeys } from './dependencies.ts'

/** Objects that are looked at for a cycle; a longer chain of waiting objects is no cycle that anybody wrote. */
const maxVisited = 1_000

/**
 * The shortest cycle of dependencies through an object, as references from the object back to itself, or nothing. Both
 * `spec.dependsOn` and the annotation count.
 *
 * @param read an object as it is now; nothing when it does not exist or its kind waits for nobody
 */
function dependencyCycle(
  object: Dependent,
  read: (reference: KindReference) => Dependent | undefined,
): readonly KindReference[] | undefined {
  const start = referenceOf(object)
  const before = new Map<string, KindReference>()
  const queue: KindReference[] = [start]
  // Grows while it is read: the nearest come first, so that the first way back is the shortest.
  for (const reference of queue) {
    const current = reference === start ? object : read(reference)
    for (const next of current ? everythingBefore(current) : []) {
      if (isSame(next, start)) return [...pathTo(reference, before), start]
      const text = formatReference(next)
      if (before.has(text) || before.size >= maxVisited) continue
      before.set(text, reference)
      queue.push(next)
    }
  }
  return undefined
}

/**
 * The cycle that keeps an object waiting, as people read it, and whether something in it waits by the annotation: then Flux
 * has no such cycle, and telling of it takes nothing from what Flux says.
 */
export function blockingCycle(
  object: Dependent,
  {
    kinds,
    read,
  }: {
    readonly kinds: readonly Resource[]
    readonly read: (kind: Resource, key: ObjectKey) => Dependent | undefined
  },
): { readonly text: string; readonly isMixed: boolean } | undefined {
  const readReference = ({ kind, ...key }: KindReference): Dependent | undefined => {
    const resource = kinds.find((known) => known.kind === kind)
    return resource && read(resource, key)
  }
  const cycle = dependencyCycle(object, readReference)
  if (!cycle) return undefined
  const members = cycle.map(readReference).filter((member) => member !== undefined)
  return { text: formatCycle(cycle), isMixed: members.some((it) => crossDependenciesOf(it).length > 0) }
}

/** A cycle as people read it. */
function formatCycle(cycle: readonly KindReference[]): string {
  return `dependency cycle: ${cycle.map(formatReference).join(' -> ')}`
}

function pathTo(last: KindReference, before: ReadonlyMap<string, KindReference>): readonly KindReference[] {
  const path: KindReference[] = []
  for (let at: KindReference | undefined = last; at; at = before.get(formatReference(at))) path.unshift(at)
  return path
}

function everythingBefore(object: Dependent): readonly KindReference[] {
  const own = dependencyKeys(object).map(({ namespace, name }) => ({ kind: object.kind, namespace, name }))
  return [...own, ...crossDependenciesOf(object)]
}

function crossDependenciesOf(object: Dependent): readonly KindReference[] {
  try {
    return crossDependencies(object)
  } catch {
    // What cannot be read leads nowhere; its own object tells of it.
    return []
  }
}

function referenceOf({ kind, metadata: { namespace = '', name = '' } }: KubeObject): KindReference {
  return { kind, namespace, name }
}

function isSame(left: KindReference, right: KindReference): boolean {
  return left.kind === right.kind && left.namespace === right.namespace && left.name === right.name
}

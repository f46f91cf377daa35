import type { CacheChange, Resource } from '@sluice/cluster'
import { type KubeObject, ToolkitError } from '@sluice/ports'
import { annotations, kustomizationDefinition, resourceOf, type SourceStatus } from '@sluice/toolkit'
import { need, type Work } from './work.ts'

/** Something asked for another run before this one came to its end. */
export class InterruptedError extends ToolkitError {
  override readonly name = 'InterruptedError'
  /** What asked, as `Kind/namespace/name`. */
  readonly trigger: string

  constructor(trigger: string) {
    super('RUN_INTERRUPTED', `New reconciliation triggered by ${trigger}`)
    this.trigger = trigger
  }
}

/**
 * Does `task` until the source has another artifact, or the Kustomization is changed or asked to run.
 *
 * @throws {InterruptedError} when that happens first.
 */
export async function interruptible(work: Work, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { run, deps } = work
  const interruption = new AbortController()
  const { kind, key } = need(work, 'source')
  const source = deps.sourceKinds.find((resource) => resource.kind === kind)
  const follow = (
    resource: Resource,
    { name, namespace = '' }: { readonly name: string; readonly namespace?: string },
    stateOf: (object: KubeObject) => string,
  ) =>
    deps.caches.cache(resource).subscribe(({ before, after }: CacheChange<KubeObject>) => {
      if (after?.metadata.name !== name || after.metadata.namespace !== namespace) return
      if (before && stateOf(before) === stateOf(after)) return
      interruption.abort(new InterruptedError(`${resource.kind}/${namespace}/${name}`))
    })
  const ends = [
    follow(resourceOf(kustomizationDefinition), run.key, requestOf),
    ...(source ? [follow(source, key, artifactOf)] : []),
  ]
  try {
    await task(AbortSignal.any([run.signal, interruption.signal]))
  } catch (error) {
    run.signal.throwIfAborted()
    interruption.signal.throwIfAborted()
    throw error
  } finally {
    for (const end of ends) end()
  }
}

function artifactOf(source: KubeObject): string {
  const { artifact } = (source['status'] ?? {}) as SourceStatus
  return `${artifact?.revision} ${artifact?.digest}`
}

function requestOf({ metadata }: KubeObject): string {
  const { generation, deletionTimestamp } = metadata
  return `${generation} ${deletionTimestamp} ${metadata.annotations?.[annotations.requestedAt]}`
}

import { type Cluster, isApiError, type Resource, type WatchEvent } from '@sluice/cluster'
import type { Clock, KubeObject } from '@sluice/ports'
import type { Change } from './object-store.ts'

const pauseMs = 1_000

/** Keeps telling of the objects of one kind: all there are, then each change, until `signal` aborts. */
export async function watchKind(
  { cluster, clock, signal }: { cluster: Cluster; clock: Clock; signal: AbortSignal },
  resource: Resource,
  { seen, synced, failed }: WatchCallbacks,
): Promise<void> {
  let known = new Map<string, KubeObject>()
  while (!signal.aborted) {
    try {
      const list = await cluster.list(resource, { signal })
      const present = new Map(list.items.map((object) => [object.metadata.uid ?? '', object]))
      // What vanished while nobody watched is told of as deletions.
      for (const [uid, before] of known) if (!present.has(uid)) seen({ before })
      for (const after of list.items) seen({ after })
      known = present
      synced()
      await follow(cluster.watch(resource, { signal, resourceVersion: list.resourceVersion }), known, seen)
    } catch (error) {
      if (signal.aborted) return
      if (!isApiError(error, 'Expired')) failed(error)
    }
    await pause(clock, signal)
  }
}

type WatchCallbacks = {
  readonly seen: (change: Change) => void
  readonly synced: () => void
  readonly failed: (error: unknown) => void
}

async function follow(
  events: AsyncIterable<WatchEvent>,
  known: Map<string, KubeObject>,
  seen: (change: Change) => void,
): Promise<void> {
  for await (const { type, object } of events) {
    const uid = object.metadata.uid ?? ''
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        known.set(uid, object)
        seen({ after: object })
        break
      case 'DELETED':
        known.delete(uid)
        seen({ before: object })
        break
      case 'BOOKMARK':
        break
    }
  }
}

async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(pauseMs, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

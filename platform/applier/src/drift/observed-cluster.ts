import type { Cluster } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'

/** Who is told of what passes through a cluster. */
export type Observer = {
  /** An object as it was when it was last known to be as wanted: read before a dry run, or just applied. */
  readonly note: (object: KubeObject) => void
  readonly noteRemoval: (uid: string) => void
}

/** The cluster, with `observer` told of what is read and applied through it. */
export function observedCluster(cluster: Cluster, observer: Observer): Cluster {
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    const object = await answer
    observer.note(object as KubeObject)
    return object
  }
  return {
    ...cluster,
    get: (resource, key, options) => told(cluster.get(resource, key, options)),
    patch: (resource, key, options) => told(cluster.patch(resource, key, options)),
    apply: (resource, object, options) =>
      options.dryRun
        ? cluster.apply(resource, object, options)
        : told(cluster.apply(resource, object, options)),
    delete: async (resource, key, options) => {
      // Before the request, since the watch may be faster than the answer.
      if (options.uid !== undefined) observer.noteRemoval(options.uid)
      await cluster.delete(resource, key, options)
    },
    impersonate: (user) => observedCluster(cluster.impersonate(user), observer),
  }
}

import { isKubeObject, type KubeObject } from '@sluice/ports'
import type { Cluster, ObjectKey, Resource } from '../cluster.ts'

/** Is told what the writes of this process have done. */
export type WriteObserver = {
  /** A write answered with this object. */
  readonly written: (resource: Resource, object: KubeObject) => void
  /** An object was deleted, or is being so. */
  readonly deleted: (resource: Resource, key: ObjectKey) => void
}

/** `cluster`, telling `observer` of its writes. Dry runs and answers of other kinds are not told. */
export function feedWrites(cluster: Cluster, observer: WriteObserver): Cluster {
  const tell = async <T>(answer: Promise<T>, resource: Resource, dryRun = false): Promise<T> => {
    const object = await answer
    if (!dryRun && isKubeObject(object) && object.kind === resource.kind && object.metadata.resourceVersion) {
      observer.written(resource, object)
    }
    return object
  }
  return {
    resourceFor: (apiVersion, kind, options) => cluster.resourceFor(apiVersion, kind, options),
    resources: (options) => cluster.resources(options),
    get: (resource, key, options) => cluster.get(resource, key, options),
    list: (resource, options) => cluster.list(resource, options),
    watch: (resource, options) => cluster.watch(resource, options),
    create: <T>(resource: Resource, object: KubeObject, options: Parameters<Cluster['create']>[2]) =>
      tell(cluster.create<T>(resource, object, options), resource, options.dryRun),
    update: <T>(resource: Resource, object: KubeObject, options: Parameters<Cluster['update']>[2]) =>
      tell(cluster.update<T>(resource, object, options), resource, options.dryRun),
    patch: <T>(...[resource, key, options]: Parameters<Cluster['patch']>) =>
      tell(cluster.patch<T>(resource, key, options), resource, options.dryRun),
    apply: <T>(resource: Resource, object: KubeObject, options: Parameters<Cluster['apply']>[2]) =>
      tell(cluster.apply<T>(resource, object, options), resource, options.dryRun),
    delete: async (resource, key, options) => {
      await cluster.delete(resource, key, options)
      if (!options.dryRun) observer.deleted(resource, key)
    },
    impersonate: (user) => feedWrites(cluster.impersonate(user), observer),
    request: (request, options) => cluster.request(request, options),
  }
}

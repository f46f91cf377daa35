import { isKubeObject, type KubeObject } from '@sluice/ports'
import type { Cluster, Resource } from '../cluster.ts'

/** `cluster`, telling `observe` of the object that each write answered with. Dry runs and other answers are not told. */
export function feedWrites(
  cluster: Cluster,
  observe: (resource: Resource, object: KubeObject) => void,
): Cluster {
  const tell = async <T>(answer: Promise<T>, resource: Resource, dryRun = false): Promise<T> => {
    const object = await answer
    if (!dryRun && isKubeObject(object) && object.kind === resource.kind && object.metadata.resourceVersion) {
      observe(resource, object)
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
    delete: (resource, key, options) => cluster.delete(resource, key, options),
    impersonate: (user) => feedWrites(cluster.impersonate(user), observe),
    request: (request, options) => cluster.request(request, options),
  }
}

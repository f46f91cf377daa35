import { scopesJson } from '../generated/scopes.ts'
import type { Gvk } from './res-id.ts'

let clusterKinds: ReadonlySet<string> | undefined

/** Whether a kind is known to have no namespace. Kinds that nobody knows have one. */
export function isClusterScoped({ group, version, kind }: Gvk): boolean {
  if (!clusterKinds) {
    const scopes: { readonly cluster: readonly string[] } = JSON.parse(scopesJson)
    clusterKinds = new Set(scopes.cluster)
  }
  return clusterKinds.has(group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`)
}

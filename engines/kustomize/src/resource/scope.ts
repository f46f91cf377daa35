import { scopesJson } from '../generated/scopes.ts'
import type { Gvk } from './res-id.ts'

type Scopes = { readonly cluster: ReadonlySet<string>; readonly namespaced: ReadonlySet<string> }

let scopes: Scopes | undefined

/** Whether a kind is known to have no namespace. Kinds that nobody knows have one. */
export function isClusterScoped(apiVersion: string, kind: string): boolean {
  return load().cluster.has(`${apiVersion}/${kind}`)
}

/** Whether the scope of a kind is known. */
export function isKnownKind(gvk: Gvk): boolean {
  const key = keyOf(gvk)
  return load().cluster.has(key) || load().namespaced.has(key)
}

function keyOf({ group, version, kind }: Gvk): string {
  return group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`
}

function load(): Scopes {
  if (!scopes) {
    const { cluster, namespaced }: { readonly [scope in keyof Scopes]: readonly string[] } =
      JSON.parse(scopesJson)
    scopes = { cluster: new Set(cluster), namespaced: new Set(namespaced) }
  }
  return scopes
}

import { isClusterScoped } from './scope.ts'

/** Group, version and kind; all may be empty. */
export type Gvk = { readonly group: string; readonly version: string; readonly kind: string }

/** What tells resources apart. */
export type ResId = Gvk & {
  readonly name: string
  readonly namespace: string
  /** Whether the kind is known to have no namespace; always false for former identities, as kustomize has it. */
  readonly clusterScoped: boolean
}

/** A selection of kinds: empty or absent parts match all. */
export type GvkSelector = { readonly group?: string; readonly version?: string; readonly kind?: string }

const notANamespace = '_non_namespaceable_'

export function makeId(gvk: Gvk, name: string, namespace: string): ResId {
  const { group, version, kind } = gvk
  return { group, version, kind, name, namespace, clusterScoped: isClusterScoped(apiVersionOf(gvk), kind) }
}

/** The namespace that counts: `default` where none is given. */
export function effectiveNamespace({ clusterScoped, namespace }: ResId): string {
  if (clusterScoped) return notANamespace
  return namespace === '' ? 'default' : namespace
}

/** Equal for identities that are equal but for the spelling of the default namespace. */
export function idKey(id: ResId): string {
  return `${id.kind}|${id.version}|${id.group}|${id.name}|${effectiveNamespace(id)}`
}

export function isSelected(gvk: Gvk, { group = '', version = '', kind = '' }: GvkSelector): boolean {
  return (
    (group === '' || group === gvk.group) &&
    (version === '' || version === gvk.version) &&
    (kind === '' || kind === gvk.kind)
  )
}

/** `Kind.version.group`, with placeholders for what is missing, as messages have it. */
export function formatGvk({ group, version, kind }: GvkSelector): string {
  return `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}`
}

/** `Kind.version.group/name.namespace`. */
export function formatId(id: GvkSelector & { readonly name?: string; readonly namespace?: string }): string {
  return `${formatGvk(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`
}

export function apiVersionOf({ group, version }: Gvk): string {
  return group === '' ? version : `${group}/${version}`
}

export function parseGroupVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return { group: '', version: apiVersion }
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

import { sha256Hex } from '@sluice/go'
import type { HelmRelease } from '@sluice/toolkit'

/** Helm's bound of release names, in bytes. */
const longestName = 53
const hashLength = 12

/** Where the release of a HelmRelease is, and where its records are. */
export type ReleaseNames = {
  readonly name: string
  /** The name before it was shortened to what Helm has room for. */
  readonly fullName: string
  readonly namespace: string
  readonly storageNamespace: string
}

/**
 * What the release of a HelmRelease is called. Names that Helm has no room for end in a digest of themselves.
 *
 * Source: helm-controller of Flux 2.9.
 */
export function releaseNames({ metadata, spec }: HelmRelease): ReleaseNames {
  const { targetNamespace, storageNamespace, releaseName } = spec
  const { name: ownName = '', namespace: own = '' } = metadata
  const name = releaseName || (targetNamespace ? `${targetNamespace}-${ownName}` : ownName)
  return {
    name: shortened(name),
    fullName: name,
    namespace: targetNamespace || own,
    storageNamespace: storageNamespace || own,
  }
}

function shortened(name: string): string {
  if (name.length <= longestName) return name
  const kept = name.slice(0, longestName - hashLength - 1)
  return `${kept}-${sha256Hex(name).slice(0, hashLength)}`
}

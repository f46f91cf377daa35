import { compareResourceVersions } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'

/** In which versions objects were as wanted. */
export interface VersionLedger {
  note(object: KubeObject): void
  noteRemoval(uid: string): void
  /** Whether the object is no newer than the version that was noted. */
  covers(object: KubeObject): boolean
  isRemoved(object: KubeObject): boolean
  /** Whether the object was noted, and is newer. */
  outdates(object: KubeObject): boolean
}

/** Stands for the version of an object that was deleted on purpose. */
const removed = 'removed'
/** Far more than objects are changed between an apply and its watch event. */
const maxNoted = 100_000

export function versionLedger(): VersionLedger {
  const noted = new Map<string, string>()
  const remember = (uid: string, version: string) => {
    noted.delete(uid)
    noted.set(uid, version)
    const [oldest] = noted.size > maxNoted ? noted.keys() : []
    if (oldest !== undefined) noted.delete(oldest)
  }
  return {
    note: ({ metadata: { uid = '', resourceVersion = '' } }) => remember(uid, resourceVersion),
    noteRemoval: (uid) => remember(uid, removed),
    covers: ({ metadata: { uid = '', resourceVersion = '' } }) => {
      const version = noted.get(uid)
      if (version === undefined) return false
      return version === removed || compareResourceVersions(resourceVersion, version) <= 0
    },
    outdates: ({ metadata: { uid = '', resourceVersion = '' } }) => {
      const version = noted.get(uid)
      if (version === undefined || version === removed) return false
      return compareResourceVersions(resourceVersion, version) > 0
    },
    isRemoved: ({ metadata: { uid = '' } }) => noted.get(uid) === removed,
  }
}

import { createHash } from 'node:crypto'
import { compareGoStrings } from '@sluice/go'
import { tagsRevision } from '@sluice/image'

/** What has changed since an earlier list. */
export type TagChange = { readonly added: readonly string[]; readonly removed: ReadonlySet<string> }

/** The tags of an image. Shared, never changed. */
export type TagList = {
  /** In descending order of their bytes, as Flux keeps them. */
  readonly tags: readonly string[]
  /** The checksum of Flux, for people. */
  readonly revision: string
  /** Tells lists apart. */
  readonly digest: string
  /** What has changed since the list with this digest; nothing when that is not known any more. */
  readonly since: (digest: string) => TagChange | undefined
}

/** @param before the list that this one replaces, if that is known. */
export function tagList(tags: readonly string[], before?: TagList): TagList {
  const sorted = tags.toSorted((a, b) => compareGoStrings(b, a))
  const digest = createHash('sha256').update(sorted.join('\n')).digest('hex')
  if (before?.digest === digest) return before
  const revision = tagsRevision(sorted)
  if (!before) return { tags: sorted, revision, digest, since: () => undefined }
  const { digest: digestBefore } = before
  // Taken now, so that the earlier list can be forgotten.
  const change = changeBetween(before.tags, sorted)
  return { tags: sorted, revision, digest, since: (it) => (it === digestBefore ? change : undefined) }
}

function changeBetween(before: readonly string[], after: readonly string[]): TagChange {
  const [known, present] = [new Set(before), new Set(after)]
  return {
    added: after.filter((tag) => !known.has(tag)),
    removed: new Set(before.filter((tag) => !present.has(tag))),
  }
}

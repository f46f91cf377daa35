import { compareGoStrings } from '@sluice/go'
import { type TagPolicy, tagPolicy } from '@sluice/image'
import type { ImagePolicy } from '@sluice/toolkit'
import type { TagList } from '../tags/tag-list.ts'

/** What policies have chosen, so that a new tag costs as much as there is new, not as there are tags. */
export type Decisions = {
  /** The tag that a policy chooses of a list. @throws {ImageError} */
  readonly decide: (policy: ImagePolicy, list: TagList) => string
  readonly forget: (policy: ImagePolicy) => void
}

type Decision = {
  /** Of the policy. */
  readonly generation: number | undefined
  readonly compiled: TagPolicy
  /** The list that `tag` was chosen of. */
  readonly digest?: string
  readonly tag?: string
}

export function createDecisions(): Decisions {
  const byUid = new Map<string, Decision>()

  return {
    decide: (policy, list) => {
      const { uid = '', generation } = policy.metadata
      const known = byUid.get(uid)
      const isCurrent = known !== undefined && known.generation === generation
      const compiled = isCurrent ? known.compiled : tagPolicy(policy.spec.policy, policy.spec.filterTags)
      // Forgotten first: a list that cannot be decided says nothing about the next one.
      byUid.set(uid, { generation, compiled })
      const tag = (isCurrent ? decideByChange(known, list) : undefined) ?? compiled.select(list.tags)
      byUid.set(uid, { generation, compiled, digest: list.digest, tag })
      return tag
    },
    forget: ({ metadata }) => {
      byUid.delete(metadata.uid ?? '')
    },
  }
}

/** The choice as it follows from the one before; nothing when it does not. */
function decideByChange({ digest, tag, compiled }: Decision, list: TagList): string | undefined {
  if (digest === undefined || tag === undefined) return undefined
  if (digest === list.digest) return tag
  const change = list.since(digest)
  if (!change || change.removed.has(tag)) return undefined
  return compiled.select([tag, ...change.added].toSorted((a, b) => compareGoStrings(b, a)))
}

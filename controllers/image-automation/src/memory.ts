import type { ImageUpdateAutomation } from '@sluice/toolkit'
import { areSamePolicies, type SelectedPolicies } from './policies.ts'
import type { SeenRevisions } from './source/checkout.ts'
import type { Source } from './source/source.ts'

/** With which revisions there was nothing left to do. */
type Seen = SeenRevisions & {
  readonly generation: number | undefined
  readonly place: string
  readonly observed: SelectedPolicies['observed']
}

/** What was found up to date, for automations whose status cannot tell. */
export interface Memory {
  /** The revisions with which there is nothing to do; nothing when that is not known. */
  seen(object: ImageUpdateAutomation, source: Source, policies: SelectedPolicies): SeenRevisions | undefined
  upToDate(object: ImageUpdateAutomation, source: Source, found: SeenRevisions & SelectedPolicies): void
  forget(object: ImageUpdateAutomation): void
}

/**
 * A memory of this process. The status of an automation keeps the revision that it checks out, not that of another branch
 * that it pushes to; without more than the status such an automation would fetch both with each run.
 */
export function createMemory(): Memory {
  const known = new Map<string, Seen>()
  return {
    seen: (object, source, { observed }) => {
      const seen = known.get(object.metadata.uid ?? '')
      const isSame = seen?.generation === object.metadata.generation && seen?.place === placeOf(source)
      return seen && isSame && areSamePolicies(seen.observed, observed) ? seen : undefined
    },
    upToDate: ({ metadata }, source, { revision, pushRevision, observed }) => {
      const { uid = '', generation } = metadata
      known.set(uid, { revision, pushRevision, observed, generation, place: placeOf(source) })
    },
    forget: ({ metadata }) => {
      known.delete(metadata.uid ?? '')
    },
  }
}

function placeOf({ remote, checkoutRef, pushBranch }: Source): string {
  return JSON.stringify([remote.url, checkoutRef, pushBranch])
}

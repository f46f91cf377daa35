import type { ChangeSet } from '@sluice/cluster'

/** What is known to be as it was applied. */
export interface SettledStates {
  /** A point in time, for {@link SettledStates.settle}. */
  mark(): number
  /** Something of the owner's changed: what was known is no longer. */
  forget(owner: string): void
  /** Notes that all of the owner's objects are as `key` says, unless something changed after `mark`. */
  settle(owner: string, mark: number, state: { readonly key: string; readonly changes: ChangeSet }): void
  /** The owner's objects, when they are as `key` says. */
  find(owner: string, key: string): ChangeSet | undefined
}

export function settledStates(): SettledStates {
  const states = new Map<string, { readonly key: string; readonly changes: ChangeSet }>()
  const forgottenAt = new Map<string, number>()
  let time = 0
  return {
    mark: () => time,
    forget: (owner) => {
      time += 1
      forgottenAt.set(owner, time)
      states.delete(owner)
    },
    settle: (owner, mark, { key, changes }) => {
      if ((forgottenAt.get(owner) ?? 0) > mark) return
      states.set(owner, { key, changes: changes.map((change) => ({ ...change, action: 'unchanged' })) })
    },
    find: (owner, key) => {
      const state = states.get(owner)
      return state?.key === key ? state.changes : undefined
    },
  }
}

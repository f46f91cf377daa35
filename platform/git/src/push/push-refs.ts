import { GitError } from '../git-error.ts'
import { writePack } from '../pack/pack-writer.ts'
import type { GitConnection } from '../protocol/connection.ts'
import {
  checkRefName,
  openPush,
  type PushAdvertisement,
  type PushOptions,
  type RefUpdate,
  sendPush,
} from '../protocol/receive-pack.ts'
import { idLength } from '../protocol/refs.ts'
import { destinationOf, parseRefspec, type Refspec } from './refspec.ts'

/** A commit that the repository has, and what is known of those before it. */
export type KnownCommit = {
  readonly id: string
  /** Commits that it builds on, as far as they are known. */
  readonly ancestors: readonly string[]
  /** Whether there are no others. */
  readonly isHistoryWhole: boolean
}

/** References to move to commits that the repository has. */
export type GitRefPush = {
  readonly refspecs: readonly string[]
  /** Commits by the full names of the references that refspecs may start from. */
  readonly sources: ReadonlyMap<string, KnownCommit>
  /** Whether references may lose what they have, though their refspec has no `+`. */
  readonly force?: boolean
  readonly options?: PushOptions
}

/**
 * Moves references as refspecs say.
 *
 * A reference that is not forced has to be at an ancestor of its new commit that is known; it is refused where that cannot
 * be told, as by Flux, which clones without history.
 *
 * @throws {GitError} in the words of Flux.
 */
export async function pushRefs(connection: GitConnection, push: GitRefPush): Promise<void> {
  const refspecs = push.refspecs.map(parseRefspec)
  const advertisement = await openPush(connection)
  const updates = refspecs.flatMap((refspec) => updatesOf(refspec, push, advertisement))
  if (updates.length === 0) throw new GitError('GIT_OPERATION', 'already up-to-date')
  const { objectFormat } = advertisement.refs
  const none = '0'.repeat(idLength(objectFormat))
  // Nothing is new, but a server waits for a pack unless references only go.
  const pack = updates.every(({ to }) => to === none) ? undefined : writePack([], objectFormat)
  await sendPush(connection, advertisement, { updates, pack, options: push.options ?? {} })
}

function updatesOf(
  refspec: Refspec,
  { sources, force = false }: GitRefPush,
  { refs: { refs, objectFormat } }: PushAdvertisement,
): readonly RefUpdate[] {
  const none = '0'.repeat(idLength(objectFormat))
  const move = (name: string, commit: KnownCommit | undefined): readonly RefUpdate[] => {
    checkRefName(name)
    const current = refs.get(name)?.id
    if (current === commit?.id) return []
    if (commit && current !== undefined && !force && !refspec.force) checkFastForward(name, current, commit)
    return [{ name, from: current ?? none, to: commit?.id ?? none }]
  }
  if (refspec.source === '') return move(refspec.destination, undefined)
  return [...sources].flatMap(([name, commit]) => {
    const destination = destinationOf(refspec, name)
    return destination === undefined ? [] : move(destination, commit)
  })
}

function checkFastForward(name: string, current: string, { ancestors, isHistoryWhole }: KnownCommit): void {
  if (ancestors.includes(current)) return
  if (isHistoryWhole) throw new GitError('GIT_NOT_FAST_FORWARD', `non-fast-forward update: ${name}`)
  throw new GitError('GIT_OBJECT_NOT_FOUND', 'object not found')
}

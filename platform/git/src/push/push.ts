import { GitError } from '../git-error.ts'
import type { Signature } from '../objects/commit.ts'
import { writePack } from '../pack/pack-writer.ts'
import type { GitConnection } from '../protocol/connection.ts'
import { openPush, type PushAdvertisement, type RefUpdate, sendPush } from '../protocol/receive-pack.ts'
import { idLength } from '../protocol/refs.ts'
import type { Fetched, GitSession } from '../session.ts'
import { encodeCommit, type GitChanges, NewObjects } from './new-objects.ts'

/** A reference to move to the new commit. */
export type GitPushTarget = {
  /** Such as `refs/heads/main`. */
  readonly name: string
  /** Whether it may lose what it has. Without this it must be at the commit's parent, or not there. */
  readonly force?: boolean
}

/** A commit to make and where to put it. */
export type GitPush = {
  /** The commit to build on. Absent for the first one of a repository. */
  readonly parent?: string
  readonly changes: GitChanges
  readonly author: Signature
  /** Default: the author. */
  readonly committer?: Signature
  readonly message: string
  /** Signs the commit's content; gives armoured text. */
  readonly sign?: (content: Uint8Array) => Promise<string>
  readonly targets: readonly GitPushTarget[]
}

/** What came of it: nothing is committed, and nothing sent, when the files stay as they are. */
export type GitPushed = { readonly kind: 'pushed'; readonly commit: string } | { readonly kind: 'unchanged' }

/** Makes the commit; only trees are fetched where the server can leave out files. */
export async function makeCommit(
  session: GitSession,
  push: GitPush,
): Promise<{ readonly commit: string; readonly objects: NewObjects } | undefined> {
  const { parent, changes, author, committer = author, message, sign } = push
  const base = parent === undefined ? undefined : await session.fetchCommit(parent, { filter: 'blob:none' })
  const objects = await startObjects(session, base)
  const tree = objects.changeTree(base?.commit.tree, changes)
  if (tree === base?.commit.tree) return undefined
  const parents = parent === undefined ? [] : [parent]
  const fields = { tree, parents, author, committer, message }
  const unsigned = encodeCommit(fields, objects.objectFormat)
  const signature = sign && (await sign(unsigned))
  const content = signature === undefined ? unsigned : encodeCommit(fields, objects.objectFormat, signature)
  return { commit: objects.add({ type: 'commit', content }), objects }
}

async function startObjects(session: GitSession, base: Fetched | undefined): Promise<NewObjects> {
  const { objectFormat } = base?.store ?? (await session.advertisement())
  return new NewObjects(objectFormat, base?.store)
}

/** Sends what {@link makeCommit} made. */
export async function sendCommit(
  connection: GitConnection,
  { commit, objects }: { readonly commit: string; readonly objects: NewObjects },
  { parent, targets }: GitPush,
): Promise<void> {
  const advertisement = await openPush(connection)
  const updates = targets.flatMap((target) => {
    const update = updateOf(target, { commit, parent, advertisement })
    return update ? [update] : []
  })
  if (updates.length === 0) return
  const pack = writePack(objects.all, objects.objectFormat)
  await sendPush(connection, advertisement, { updates, pack })
}

function updateOf(
  { name, force = false }: GitPushTarget,
  {
    commit,
    parent,
    advertisement,
  }: {
    readonly commit: string
    readonly parent: string | undefined
    readonly advertisement: PushAdvertisement
  },
): RefUpdate | undefined {
  // A name goes into a line of the protocol.
  if (!/^refs\/[!-~\u{80}-\u{10FFFF}]+$/u.test(name)) {
    throw new GitError('GIT_INVALID_INPUT', `invalid reference ${JSON.stringify(name)}`)
  }
  const { refs, objectFormat } = advertisement.refs
  const current = refs.get(name)?.id
  if (current === commit) return undefined
  if (!force && current !== undefined && current !== parent) {
    throw new GitError('GIT_NOT_FAST_FORWARD', `non-fast-forward update: ${name}`)
  }
  return { name, from: current ?? '0'.repeat(idLength(objectFormat)), to: commit }
}

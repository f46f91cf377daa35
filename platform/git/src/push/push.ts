import { GitError } from '../git-error.ts'
import type { Signature } from '../objects/commit.ts'
import type { ObjectStore } from '../pack/pack-reader.ts'
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
import { type Fetched, type GitSession, peel } from '../session.ts'
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
  /** What a checkout of the parent has fetched; its trees are fetched when absent. */
  readonly objects?: ObjectStore
  readonly changes: GitChanges
  readonly author: Signature
  /** Default: the author. */
  readonly committer?: Signature
  readonly message: string
  /** Signs the commit's content; gives armoured text. */
  readonly sign?: (content: Uint8Array) => Promise<string>
  readonly targets: readonly GitPushTarget[]
  readonly options?: PushOptions
}

/** What came of it: nothing is committed, and nothing sent, when the files stay as they are. */
export type GitPushed = { readonly kind: 'pushed'; readonly commit: string } | { readonly kind: 'unchanged' }

/** A commit that the repository does not have yet, with its objects. */
export type MadeCommit = { readonly commit: string; readonly objects: NewObjects }

/** Makes the commit; only trees are fetched where the server can leave out files. */
export async function makeCommit(session: GitSession, push: GitPush): Promise<MadeCommit | undefined> {
  const { changes, author, committer = author, message, sign } = push
  const base = await baseOf(session, push)
  const objects = await startObjects(session, base)
  const tree = objects.changeTree(base?.commit.tree, changes)
  if (tree === base?.commit.tree) return undefined
  const parents = base === undefined ? [] : [base.commit.id]
  const fields = { tree, parents, author, committer, message }
  const unsigned = encodeCommit(fields, objects.objectFormat)
  const signature = sign && (await sign(unsigned))
  const content = signature === undefined ? unsigned : encodeCommit(fields, objects.objectFormat, signature)
  return { commit: objects.add({ type: 'commit', content }), objects }
}

async function baseOf(session: GitSession, { parent, objects }: GitPush): Promise<Fetched | undefined> {
  if (parent === undefined) return undefined
  return objects ? peel(objects, parent) : session.fetchCommit(parent, { filter: 'blob:none' })
}

async function startObjects(session: GitSession, base: Fetched | undefined): Promise<NewObjects> {
  const { objectFormat } = base?.store ?? (await session.advertisement())
  return new NewObjects(objectFormat, base?.store)
}

/** Sends what {@link makeCommit} made. */
export async function sendCommit(
  connection: GitConnection,
  { commit, objects }: MadeCommit,
  { parent, targets, options = {} }: GitPush,
): Promise<void> {
  const advertisement = await openPush(connection)
  const updates = targets.flatMap((target) => {
    const update = updateOf(target, { commit, parent, advertisement })
    return update ? [update] : []
  })
  if (updates.length === 0) return
  const pack = writePack(objects.all, objects.objectFormat)
  await sendPush(connection, advertisement, { updates, pack, options })
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
  checkRefName(name)
  const { refs, objectFormat } = advertisement.refs
  const current = refs.get(name)?.id
  if (current === commit) return undefined
  if (!force && current !== undefined && current !== parent) {
    throw new GitError('GIT_NOT_FAST_FORWARD', `non-fast-forward update: ${name}`)
  }
  return { name, from: current ?? '0'.repeat(idLength(objectFormat)), to: commit }
}

import { formatRevision, type GitClient, GitError, type GitObjects, type KnownCommit } from '@sluice/git'
import { ToolkitError } from '@sluice/ports'
import type { ImageUpdateAutomation } from '@sluice/toolkit'
import type { Checkout } from './checkout.ts'
import type { Source } from './source.ts'

/** A commit to make on top of a checkout. */
export type Update = {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly message: string
  readonly author: { readonly name: string; readonly email: string }
}

export type PushUpdateOptions = {
  readonly git: GitClient
  readonly signal: AbortSignal
  /** Milliseconds since the epoch: the time of the commit. */
  readonly now: number
}

/** A push failed; `PUSH_RACED` when the reason may be that someone else was faster, so that another checkout helps. */
export class PushError extends ToolkitError {
  override readonly name = 'PushError'

  constructor(code: 'PUSH_FAILED' | 'PUSH_RACED', options: ErrorOptions) {
    super(code, 'failed to push to remote', options)
  }
}

/** Servers tell of a reference that has moved in words of their own. */
const raceCodes: ReadonlySet<string> = new Set(['GIT_NOT_FAST_FORWARD', 'GIT_REMOTE'])

/**
 * Commits an update and pushes it to its branch, and then to what the refspec names. Commits that others have pushed are
 * never lost: the branch has to be where the checkout found it.
 *
 * @returns the commit; nothing when the files stay as they are
 * @throws {PushError} with what Flux says after `failed to update source: `
 */
export async function pushUpdate(
  source: Source,
  checkout: Checkout,
  { update, options: { git, signal, now } }: { readonly update: Update; readonly options: PushUpdateOptions },
): Promise<string | undefined> {
  const { sign, remote, timeoutMs, pushOptions } = source
  const branch = `refs/heads/${source.pushBranch}`
  const options = { signal, timeoutMs }
  const { base } = checkout
  const pushed = await pushing(raceCodes, () =>
    git.push(
      remote,
      {
        parent: base.commit.id,
        objects: base.objects,
        changes: new Map([...update.files].map(([path, content]) => [path, { content }])),
        author: { ...update.author, seconds: Math.floor(now / 1_000), zone: '+0000' },
        message: update.message,
        ...(sign && { sign: (content) => sign(content, { now }) }),
        targets: [{ name: branch }],
        options: pushOptions,
      },
      options,
    ),
  )
  if (pushed.kind === 'unchanged') return undefined
  const { refspec } = source
  if (refspec !== undefined) {
    const sources = sourcesOf(source, checkout, pushed.commit)
    await pushing(new Set(), () =>
      git.pushRefs(
        remote,
        { refspecs: [refspec], sources, force: source.isSwitching, options: pushOptions },
        options,
      ),
    )
  }
  return pushed.commit
}

/** Who commits. */
export function authorOf({ spec }: ImageUpdateAutomation): Update['author'] {
  const { name = '', email = '' } = spec.git?.commit.author ?? {}
  return { name, email }
}

/** The revision that a branch has with `commit`. */
export function branchRevision(branch: string, commit: string, { objectFormat }: GitObjects): string {
  return formatRevision(`refs/heads/${branch}`, commit, { objectFormat })
}

/** What a refspec may start from: the branches that the checkout has, and HEAD. */
function sourcesOf(
  { checkoutRef, pushBranch }: Source,
  { commit, isCommitFirst, base }: Checkout,
  pushed: string,
): ReadonlyMap<string, KnownCommit> {
  const head: KnownCommit = {
    id: pushed,
    ancestors: [base.commit.id],
    isHistoryWhole: base.commit.parents.length === 0,
  }
  const checkedOut: KnownCommit = { id: commit, ancestors: [], isHistoryWhole: isCommitFirst }
  const { branch } = checkoutRef
  return new Map([
    ...(branch === undefined ? [] : [[`refs/heads/${branch}`, checkedOut] as const]),
    [`refs/heads/${pushBranch}`, head],
    ['HEAD', head],
  ])
}

async function pushing<T>(raced: ReadonlySet<string>, push: () => Promise<T>): Promise<T> {
  try {
    return await push()
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause
    throw new PushError(raced.has(cause.code) ? 'PUSH_RACED' : 'PUSH_FAILED', { cause })
  }
}

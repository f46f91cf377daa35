import { commitOfRevision, type GitCheckout, type GitClient, GitError, type GitRef } from '@sluice/git'
import type { Source } from './source.ts'

type CheckedOut = Extract<GitCheckout, { readonly kind: 'checkedOut' }>

/** What an automation starts from. */
export type Checkout = {
  /** Of what was checked out. */
  readonly revision: string
  readonly commit: string
  /** Whether that commit is known to be the first one. */
  readonly isCommitFirst: boolean
  /** What a new commit goes on top of: the head of the branch to push to, where that is there already. */
  readonly base: CheckedOut
  /** Revision of the branch to push to when it is another one; absent when it is not there yet. */
  readonly pushRevision: string | undefined
}

/** Revisions of an earlier checkout. */
export type SeenRevisions = Pick<Checkout, 'revision' | 'pushRevision'>

export type CheckoutOptions = {
  readonly git: GitClient
  readonly signal: AbortSignal
  /** Nothing is fetched while these are what the repository has. */
  readonly seen?: SeenRevisions | undefined
}

/**
 * Checks out what a source names; nothing when the repository has what was seen.
 *
 * @throws {GitError} with what Flux says after `failed to checkout source: `
 */
export async function checkOutSource(
  source: Source,
  options: CheckoutOptions,
): Promise<Checkout | undefined> {
  const { seen } = options
  const found = await fetchRef(source, source.checkoutRef, { ...options, lastRevision: seen?.revision })
  if (!source.isSwitching) return found.kind === 'checkedOut' ? checkoutOf(found) : undefined
  const isSeen = found.kind === 'unchanged'
  const lastPush = isSeen ? seen?.pushRevision : undefined
  const branch = await fetchPushBranch(source, { ...options, lastRevision: lastPush })
  if (isSeen && branch?.kind !== 'checkedOut') {
    const isGone = !branch && lastPush !== undefined
    return isGone ? checkOutSource(source, { ...options, seen: undefined }) : undefined
  }
  return checkoutOf(found, branch)
}

/** A checkout, and the branch to push to when it is another. One of them was fetched. */
function checkoutOf(found: Fetched, branch?: Fetched): Checkout {
  const base = [branch, found].find((it) => it?.kind === 'checkedOut')
  if (base?.kind !== 'checkedOut') throw new TypeError('nothing was fetched')
  return {
    revision: found.revision,
    commit: commitOfRevision(found.revision),
    isCommitFirst: found.kind === 'checkedOut' && found.commit.parents.length === 0,
    base,
    pushRevision: branch?.revision,
  }
}

type Fetched = CheckedOut | Extract<GitCheckout, { readonly kind: 'unchanged' }>
type FetchOptions = CheckoutOptions & { readonly lastRevision: string | undefined }

async function fetchRef(
  { remote, timeoutMs }: Source,
  ref: GitRef,
  { git, signal, lastRevision }: FetchOptions,
): Promise<Fetched> {
  const found = await git.checkOut(remote, ref, {
    signal,
    timeoutMs,
    ...(lastRevision !== undefined && { lastRevision }),
  })
  if (found.kind !== 'empty') return found
  throw new GitError('GIT_REF_NOT_FOUND', 'git repository is empty')
}

/** The branch to push to, unless it has yet to be made. */
async function fetchPushBranch(source: Source, options: FetchOptions): Promise<Fetched | undefined> {
  try {
    return await fetchRef(source, { branch: source.pushBranch }, options)
  } catch (error) {
    if (isRefMissing(error)) return undefined
    throw error
  }
}

/** A reference that is not there fails a clone, which tells why in its cause. */
function isRefMissing(error: unknown): boolean {
  if (!(error instanceof GitError)) return false
  return error.code === 'GIT_REF_NOT_FOUND' || isRefMissing(error.cause)
}

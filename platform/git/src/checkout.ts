import { GitError } from './git-error.ts'
import type { Commit, Tag } from './objects/commit.ts'
import { type GitFileTree, gitFileTree } from './objects/tree.ts'
import type { ObjectStore } from './pack/pack-reader.ts'
import { isObjectId, type RemoteRef } from './protocol/refs.ts'
import { formatRevision, transformRevision } from './revision.ts'
import { parseTagRange, selectVersion } from './semver-tags.ts'
import { type Fetched, type GitSession, peel } from './session.ts'

/** What to check out: `commit` before `name` before `semver` before `tag` before `branch`, which defaults to `master`. */
export type GitRef = {
  readonly branch?: string
  readonly tag?: string
  readonly semver?: string
  readonly name?: string
  readonly commit?: string
}

/** What came of it. */
export type Checkout =
  | {
      readonly kind: 'checkedOut'
      readonly revision: string
      readonly commit: Commit
      /** The annotated tag by which the commit was found, else the name of the lightweight one. */
      readonly tag: Tag | { readonly name: string } | undefined
      readonly tree: GitFileTree
      /** What was fetched: a commit on top of it need not fetch anything again. */
      readonly objects: ObjectStore
    }
  | { readonly kind: 'unchanged'; readonly revision: string }
  | { readonly kind: 'empty' }

export type CheckoutOptions = {
  /** The repository's address, for messages. */
  readonly url: string
  /** Ends with `unchanged`, without fetching, while this is what the reference stands for. */
  readonly lastRevision?: string
}

/**
 * Finds the commit that `ref` stands for and fetches it without its history.
 *
 * Source: fluxcd/pkg git/gogit, whose messages these are.
 * @throws {GitError} with what Flux says after `failed to checkout and determine revision: `.
 */
export async function checkOut(
  session: GitSession,
  ref: GitRef,
  options: CheckoutOptions,
): Promise<Checkout> {
  if (ref.commit) return checkOutCommit(session, ref.commit, { ...options, branch: ref.branch ?? '' })
  if (ref.name) return checkOutName(session, ref.name, options)
  if (ref.semver) return checkOutSemver(session, ref.semver, options)
  if (ref.tag) return checkOutRef(session, `refs/tags/${ref.tag}`, options)
  return checkOutRef(session, `refs/heads/${ref.branch || 'master'}`, options)
}

async function checkOutRef(session: GitSession, name: string, options: CheckoutOptions): Promise<Checkout> {
  const { url, lastRevision } = options
  const refs = await listing(options, () => session.listRefs([name]))
  const ref = refs.refs.get(name)
  if (!ref) {
    const isBranch = name.startsWith('refs/heads/')
    const isEmpty = await listing(options, () => isEmptyRemote(session))
    if (isEmpty && isBranch && lastRevision === undefined) return { kind: 'empty' }
    if (isEmpty) throw lastRevision === undefined ? emptyRemote(url) : cannotList(url, nothingThere())
    throw cannotClone(url, new GitError('GIT_REF_NOT_FOUND', `couldn't find remote ref "${name}"`))
  }
  const revision = formatRevision(name, commitOf(ref), refs)
  if (isSame(revision, lastRevision)) return { kind: 'unchanged', revision }
  return checkedOut(name, await cloning(url, () => session.fetchCommit(ref.id)))
}

async function checkOutName(session: GitSession, name: string, options: CheckoutOptions): Promise<Checkout> {
  if (name.startsWith('/') || name.endsWith('/')) {
    throw new GitError(
      'GIT_INVALID_INPUT',
      `ref ${name} is invalid; Git refs cannot begin or end with a slash '/'`,
    )
  }
  // `refs/tags/v1^{}` is the way to name what an annotated tag leads to.
  const base = name.replace(/\^\{\}$/, '')
  const refs = await listingAlways(options.url, () => session.listRefs([base]))
  const ref = refs.refs.get(base)
  if (!ref || (base !== name && ref.peeled === undefined)) {
    if (await listingAlways(options.url, () => isEmptyRemote(session))) {
      throw cannotList(options.url, nothingThere())
    }
    throw new GitError('GIT_REF_NOT_FOUND', `unable to resolve ref '${name}' to a specific commit`)
  }
  const revision = formatRevision(name, commitOf(ref), { ...refs, isAbsolute: true })
  if (isSame(revision, options.lastRevision)) return { kind: 'unchanged', revision }
  const wanted = base === name ? ref.id : commitOf(ref)
  const fetched = await cloning(options.url, () => session.fetchCommit(wanted))
  return checkedOut(name, fetched, { isAbsolute: true })
}

async function checkOutSemver(
  session: GitSession,
  range: string,
  options: CheckoutOptions,
): Promise<Checkout> {
  const constraint = parseTagRange(range)
  const prefix = 'refs/tags/'
  const refs = await cloning(options.url, () => session.listRefs([prefix]))
  const tags = [...refs.refs.values()].filter(({ name }) => name.startsWith(prefix))
  const names = tags.map(({ name }) => name.slice(prefix.length))
  const best = new Set(selectVersion(names, constraint))
  const candidates = tags.filter(({ name }) => best.has(name.slice(prefix.length)))
  const ref = candidates.length > 1 ? await newest(session, candidates, options) : candidates[0]
  if (!ref) {
    if (await cloning(options.url, () => isEmptyRemote(session))) throw emptyRemote(options.url)
    throw new GitError('GIT_REF_NOT_FOUND', `no match found for semver: ${range}`)
  }
  const revision = formatRevision(ref.name, commitOf(ref), refs)
  if (isSame(revision, options.lastRevision)) return { kind: 'unchanged', revision }
  return checkedOut(ref.name, await cloning(options.url, () => session.fetchCommit(ref.id)))
}

/** Versions that differ in build metadata alone are equal; the one whose commit is youngest is the latest. */
async function newest(
  session: GitSession,
  candidates: readonly RemoteRef[],
  { url }: CheckoutOptions,
): Promise<RemoteRef | undefined> {
  const wants = candidates.map(({ id }) => id)
  const store = await cloning(url, () => session.fetchObjects({ wants, depth: 1, filter: 'tree:0' }))
  const secondsOf = ({ id }: RemoteRef): number => peel(store, id).commit.committer.seconds
  return candidates.toSorted((a, b) => secondsOf(a) - secondsOf(b)).at(-1)
}

async function checkOutCommit(
  session: GitSession,
  commit: string,
  { url, branch, lastRevision }: CheckoutOptions & { readonly branch: string },
): Promise<Checkout> {
  const reference = branch === '' ? '' : `refs/heads/${branch}`
  const { objectFormat } = await cloning(url, () => session.advertisement())
  const revision = formatRevision(reference, commit, { objectFormat })
  if (isSame(revision, lastRevision)) return { kind: 'unchanged', revision }
  if (reference !== '') {
    const { refs } = await cloning(url, () => session.listRefs([reference]))
    if (!refs.has(reference)) {
      if (await cloning(url, () => isEmptyRemote(session))) throw emptyRemote(url)
      throw cannotClone(url, new GitError('GIT_REF_NOT_FOUND', `couldn't find remote ref "${reference}"`))
    }
  }
  if (!isObjectId(commit, objectFormat)) throw await missingCommit(session, commit, url)
  return checkedOut(reference, await fetchPinned(session, commit, { url, reference }))
}

/** Most servers give out any commit by its name. Of those that do not, the whole history is asked for. */
async function fetchPinned(
  session: GitSession,
  commit: string,
  { url, reference }: { readonly url: string; readonly reference: string },
): Promise<Fetched> {
  try {
    return await session.fetchCommit(commit)
  } catch (error) {
    const isRefused = error instanceof GitError && /^GIT_(?:OBJECT_NOT_FOUND|REMOTE)$/.test(error.code)
    if (!isRefused) throw cannotClone(url, error)
  }
  return cloning(url, async () => {
    const { refs } = await session.listRefs([reference === '' ? 'refs/heads/' : reference])
    const wants = [...new Set([...refs.values()].map(({ id }) => id))]
    const store = wants.length === 0 ? undefined : await session.fetchObjects({ wants })
    if (!store?.has(commit)) throw await missingCommit(session, commit, url)
    return peel(store, commit)
  })
}

function checkedOut(
  reference: string,
  { commit, tag, store }: Fetched,
  { isAbsolute = false }: { readonly isAbsolute?: boolean } = {},
): Checkout {
  const { objectFormat } = store
  const lightweight = /^refs\/tags\/(.*?)(?:\^\{\})?$/.exec(reference)?.[1]
  return {
    kind: 'checkedOut',
    revision: formatRevision(reference, commit.id, { objectFormat, isAbsolute }),
    commit,
    tag: tag ?? (lightweight === undefined ? undefined : { name: lightweight }),
    tree: gitFileTree(store, commit.tree),
    objects: store,
  }
}

function commitOf(ref: RemoteRef): string {
  return ref.peeled ?? ref.id
}

function isSame(revision: string, lastRevision: string | undefined): boolean {
  return lastRevision !== undefined && revision === transformRevision(lastRevision)
}

/** A listing before anything was ever fetched is, for the user, part of cloning. */
function listing<T>({ url, lastRevision }: CheckoutOptions, list: () => Promise<T>): Promise<T> {
  return lastRevision === undefined ? cloning(url, list) : listingAlways(url, list)
}

async function listingAlways<T>(url: string, list: () => Promise<T>): Promise<T> {
  try {
    return await list()
  } catch (cause) {
    throw cannotList(url, cause)
  }
}

async function cloning<T>(url: string, clone: () => Promise<T>): Promise<T> {
  try {
    return await clone()
  } catch (error) {
    throw error instanceof GitError && error.code === 'GIT_REF_NOT_FOUND' ? error : cannotClone(url, error)
  }
}

function cannotClone(url: string, cause: unknown): GitError {
  return new GitError('GIT_OPERATION', `unable to clone '${url}'`, { cause })
}

function cannotList(url: string, cause: unknown): GitError {
  return new GitError('GIT_OPERATION', `unable to list remote for '${url}'`, { cause })
}

async function isEmptyRemote(session: GitSession): Promise<boolean> {
  return (await session.listRefs([])).refs.size === 0
}

function nothingThere(): GitError {
  return new GitError('GIT_NOT_FOUND', 'remote repository is empty')
}

/** All but a branch cannot be had from a repository without commits. */
function emptyRemote(url: string): GitError {
  return new GitError(
    'GIT_REF_NOT_FOUND',
    `unable to clone: remote repository is empty: git repository: '${url}'`,
  )
}

async function missingCommit(session: GitSession, commit: string, url: string): Promise<GitError> {
  if (await cloning(url, () => isEmptyRemote(session))) return emptyRemote(url)
  return new GitError(
    'GIT_REF_NOT_FOUND',
    `unable to resolve commit object for '${commit}': object not found`,
  )
}

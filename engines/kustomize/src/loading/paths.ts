import { type FileTree, type FileTreeEntry, FileTreeError, joinTreePath } from '@sluice/ports'
import { KustomizeError } from '../errors.ts'

const maxLinks = 255

/** What a path leads to once its links are followed. */
export type Resolution =
  | {
      readonly kind: 'found'
      /** The path without links. */
      readonly path: string
      readonly entry: Exclude<FileTreeEntry, { kind: 'link' }>
    }
  /** Nothing is at `at`, the first place on the way that is missing. */
  | { readonly kind: 'missing'; readonly at: string }
  /** The path goes on below a file. */
  | { readonly kind: 'notDirectory' }
  | { readonly kind: 'tooManyLinks' }
  /** A link leads out of the tree. */
  | { readonly kind: 'outside' }

/** Follows all links of `path` within the tree. */
export function resolvePath(tree: FileTree, path: string): Resolution {
  let links = 0
  let done = ''
  let rest = partsOf(path)
  let entry = tree.stat('')
  while (rest.length > 0) {
    if (entry?.kind === 'file') return { kind: 'notDirectory' }
    const [name = '', ...after] = rest
    const at = done === '' ? name : `${done}/${name}`
    entry = tree.stat(at)
    if (!entry) return { kind: 'missing', at }
    if (entry.kind !== 'link') {
      done = at
      rest = after
      continue
    }
    links += 1
    if (links > maxLinks) return { kind: 'tooManyLinks' }
    const target = tryJoin(done, entry.target)
    if (target === undefined) return { kind: 'outside' }
    done = ''
    rest = [...partsOf(target), ...after]
    entry = tree.stat('')
  }
  return entry && entry.kind !== 'link' ? { kind: 'found', path: done, entry } : { kind: 'missing', at: done }
}

/** Joins and cleans. @throws {KustomizeError} when the result leaves the tree. */
export function joinPath(...parts: readonly string[]): string {
  const joined = tryJoin(...parts)
  if (joined !== undefined) return joined
  throw new KustomizeError('PATH_INVALID', `security; path '${parts.at(-1)}' leads out of the tree`)
}

/** As {@link joinPath}; nothing when the result leaves the tree. */
export function tryJoin(...parts: readonly string[]): string | undefined {
  try {
    return joinTreePath(...parts)
  } catch (cause) {
    if (cause instanceof FileTreeError) return undefined
    throw cause
  }
}

/** Whether `path` is `root` or below it. */
export function isWithin(path: string, root: string): boolean {
  return root === '' || path === root || path.startsWith(`${root}/`)
}

/** The path of the directory that holds `path`. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

function partsOf(path: string): string[] {
  return path.split('/').filter((it) => it !== '')
}

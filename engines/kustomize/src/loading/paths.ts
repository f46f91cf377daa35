import { type FileTree, type FileTreeEntry, FileTreeError, joinTreePath } from '@sluice/ports'
import { KustomizeError } from '../errors.ts'

const maxLinks = 255

/** A path without links, and what is there. */
export type Resolved = { readonly path: string; readonly entry: Exclude<FileTreeEntry, { kind: 'link' }> }

/**
 * Follows all links of `path` within the tree.
 *
 * @param missing what is said when there is nothing.
 * @throws {KustomizeError} when there is nothing, a link leaves the tree, or links lead in circles.
 */
export function resolvePath(
  tree: FileTree,
  path: string,
  missing = `'${path}': no such file or directory`,
): Resolved {
  let links = 0
  let done = ''
  let rest = path.split('/').filter((it) => it !== '')
  let entry = tree.stat('')
  while (rest.length > 0) {
    const [name = '', ...after] = rest
    const at = done === '' ? name : `${done}/${name}`
    entry = tree.stat(at)
    if (!entry) throw new KustomizeError('PATH_INVALID', missing)
    if (entry.kind !== 'link') {
      done = at
      rest = after
      continue
    }
    links += 1
    if (links > maxLinks) throw new KustomizeError('PATH_INVALID', `'${path}': too many links`)
    const target = joinPath(done, entry.target)
    done = ''
    rest = [...target.split('/').filter((it) => it !== ''), ...after]
    entry = tree.stat('')
  }
  if (!entry || entry.kind === 'link') {
    throw new KustomizeError('PATH_INVALID', missing)
  }
  return { path: done, entry }
}

/** Joins and cleans. @throws {KustomizeError} when the result leaves the tree. */
export function joinPath(...parts: readonly string[]): string {
  try {
    return joinTreePath(...parts)
  } catch (cause) {
    if (!(cause instanceof FileTreeError)) throw cause
    throw new KustomizeError('PATH_INVALID', `security; path '${parts.at(-1)}' leads out of the tree`)
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

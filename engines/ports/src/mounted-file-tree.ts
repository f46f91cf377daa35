import { type FileTree, FileTreeError, joinTreePath } from './file-tree.ts'
import { compareUtf8 } from './memory-file-tree.ts'

/** A tree that stands at a path of another and hides what was there. */
export type Mount = { readonly path: string; readonly tree: FileTree }

/**
 * `base` with other trees in it, each as a directory with its parents. Of mounts within each other the inner one counts.
 *
 * @throws {FileTreeError} when a mount's path leaves the tree, is its root or lies below a file.
 */
export function mountTrees(base: FileTree, mounts: readonly Mount[]): FileTree {
  return mounts.reduce<FileTree>(mountTree, base)
}

function mountTree(base: FileTree, mount: Mount): FileTree {
  const at = joinTreePath(mount.path)
  if (at === '') {
    throw new FileTreeError('PATH_OUTSIDE_TREE', mount.path, 'a tree cannot be mounted at the root')
  }
  const parents = parentsOf(at)
  for (const parent of parents) {
    const kind = base.stat(parent)?.kind ?? 'directory'
    if (kind !== 'directory') {
      throw new FileTreeError('NOT_A_DIRECTORY', parent, `'${parent}' is a ${kind}, not a directory`)
    }
  }
  const inside = (path: string): string | undefined => {
    if (path === at) return ''
    return path.startsWith(`${at}/`) ? path.slice(at.length + 1) : undefined
  }
  const isParent = new Set(parents)

  return {
    stat: (path) => {
      const inner = inside(path)
      if (inner !== undefined) return mount.tree.stat(inner)
      return isParent.has(path) ? { kind: 'directory' } : base.stat(path)
    },
    read: (path) => {
      const inner = inside(path)
      return inner === undefined ? base.read(path) : mount.tree.read(inner)
    },
    list: (path) => {
      const inner = inside(path)
      if (inner !== undefined) return mount.tree.list(inner)
      if (!isParent.has(path)) return base.list(path)
      const own = base.stat(path) ? base.list(path) : []
      const child = at.slice(path === '' ? 0 : path.length + 1).split('/')[0] ?? ''
      return [...new Set([...own, child])].toSorted(compareUtf8)
    },
  }
}

function parentsOf(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, i) => parts.slice(0, i).join('/'))
}

/** The directory at `path` of `tree` as a tree of its own. @throws {FileTreeError} when there is none. */
export function subtree(tree: FileTree, path: string): FileTree {
  const root = joinTreePath(path)
  if (root === '') return tree
  if (tree.stat(root)?.kind !== 'directory') {
    throw new FileTreeError('NOT_A_DIRECTORY', path, `no such directory: '${path}'`)
  }
  const outer = (inner: string): string => (inner === '' ? root : `${root}/${inner}`)
  return {
    stat: (inner) => tree.stat(outer(inner)),
    read: (inner) => tree.read(outer(inner)),
    list: (inner) => tree.list(outer(inner)),
  }
}

/** Only these directories of `tree`, with their parents and all that is in them. Paths must be clean. */
export function pickDirectories(tree: FileTree, directories: readonly string[]): FileTree {
  const picked = new Set(directories)
  const parents = new Set(directories.flatMap(parentsOf))
  const isWithin = (path: string): boolean =>
    picked.has('') || picked.has(path) || parentsOf(path).some((parent) => picked.has(parent))
  const isVisible = (path: string): boolean => isWithin(path) || parents.has(path)
  return {
    stat: (path) => (isVisible(path) ? tree.stat(path) : undefined),
    read: (path) => {
      if (!isWithin(path)) throw new FileTreeError('FILE_NOT_FOUND', path, `no such file: '${path}'`)
      return tree.read(path)
    },
    list: (path) => {
      if (isWithin(path)) return tree.list(path)
      if (!parents.has(path)) {
        throw new FileTreeError('NOT_A_DIRECTORY', path, `no such directory: '${path}'`)
      }
      const prefix = path === '' ? '' : `${path}/`
      return tree.list(path).filter((name) => isVisible(prefix + name))
    },
  }
}

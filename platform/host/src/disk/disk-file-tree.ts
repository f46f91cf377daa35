import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { compareUtf8, type FileTree, type FileTreeEntry, FileTreeError, joinTreePath } from '@sluice/ports'

/**
 * The files under `directory`, as they are when asked for.
 *
 * No link is followed, neither the last part of a path nor one on the way to it, so nothing outside is ever read,
 * whatever the tree holds. Sockets, pipes and devices do not exist in a tree.
 *
 * @throws {FileTreeError} when `directory` is not a directory.
 */
export function diskFileTree(directory: string): FileTree {
  const root = realDirectory(directory)
  // Directories that were seen to be real ones; a tree is a snapshot, so they are looked at once.
  const real = new Set([''])

  return {
    stat: (path) => {
      const name = clean(path)
      return isInRealDirectory(name) ? entryAt(name) : undefined
    },
    read: (path) => {
      const name = clean(path)
      const entry = isInRealDirectory(name) ? entryAt(name) : undefined
      if (!entry) throw new FileTreeError('FILE_NOT_FOUND', path, `no such file: '${path}'`)
      if (entry.kind !== 'file') throw new FileTreeError('NOT_A_FILE', path, `'${path}' is a ${entry.kind}`)
      return readFileSync(join(root, name))
    },
    list: (path) => {
      const name = clean(path)
      const isDirectory = isInRealDirectory(name) && entryAt(name)?.kind === 'directory'
      if (!isDirectory) throw new FileTreeError('NOT_A_DIRECTORY', path, `no such directory: '${path}'`)
      return readdirSync(join(root, name), { withFileTypes: true })
        .filter((entry) => entry.isFile() || entry.isDirectory() || entry.isSymbolicLink())
        .map((entry) => entry.name)
        .toSorted(compareUtf8)
    },
  }

  function isInRealDirectory(path: string): boolean {
    const slash = path.lastIndexOf('/')
    const parent = slash < 0 ? '' : path.slice(0, slash)
    if (real.has(parent)) return true
    if (!isInRealDirectory(parent) || entryAt(parent)?.kind !== 'directory') return false
    real.add(parent)
    return true
  }

  function entryAt(path: string): FileTreeEntry | undefined {
    const stats = lstatSync(join(root, path), { throwIfNoEntry: false })
    if (stats?.isFile()) {
      return { kind: 'file', executable: (stats.mode & 0o111) !== 0, sizeBytes: stats.size }
    }
    if (stats?.isDirectory()) return { kind: 'directory' }
    return stats?.isSymbolicLink() ? { kind: 'link', target: readlinkSync(join(root, path)) } : undefined
  }
}

function realDirectory(directory: string): string {
  const found = lstatSync(directory, { throwIfNoEntry: false })
  const root = found === undefined ? undefined : realpathSync(directory)
  if (root === undefined || !lstatSync(root).isDirectory()) {
    throw new FileTreeError('NOT_A_DIRECTORY', directory, `no such directory: '${directory}'`)
  }
  return root
}

function clean(path: string): string {
  // A NUL would cut the path short in the system call.
  if (path.includes('\0')) throw new FileTreeError('PATH_OUTSIDE_TREE', path, 'path contains a NUL byte')
  return joinTreePath(path)
}

import { compareUtf8, type FileTree, FileTreeError } from '@sluice/ports'

/** `base` with some files replaced or added. Only files: their directories have to exist in `base`. */
export function overlayTree(base: FileTree, files: ReadonlyMap<string, Uint8Array>): FileTree {
  if (files.size === 0) return base
  const added = new Map<string, string[]>()
  for (const path of files.keys()) {
    const slash = path.lastIndexOf('/')
    const directory = slash < 0 ? '' : path.slice(0, slash)
    const names = added.get(directory)
    if (names) names.push(path.slice(slash + 1))
    else added.set(directory, [path.slice(slash + 1)])
  }
  return {
    stat: (path) => {
      const content = files.get(path)
      return content ? { kind: 'file', executable: false, sizeBytes: content.length } : base.stat(path)
    },
    read: (path) => files.get(path) ?? base.read(path),
    list: (path) => {
      const names = base.list(path)
      const more = added.get(path)
      return more ? [...new Set([...names, ...more])].toSorted(compareUtf8) : names
    },
  }
}

/** Whether `error` says that there is nothing at a path. */
export function isMissing(error: unknown): boolean {
  return error instanceof FileTreeError && error.code === 'FILE_NOT_FOUND'
}

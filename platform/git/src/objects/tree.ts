import { compareUtf8, type FileTree, type FileTreeEntry, FileTreeError } from '@sluice/ports'
import { GitError } from '../git-error.ts'
import type { ObjectStore } from '../pack/pack-reader.ts'
import { idLength } from '../protocol/refs.ts'

/** An entry of a tree object. A submodule names a commit of another repository. */
export type TreeEntry = {
  readonly name: string
  readonly kind: 'file' | 'executable' | 'link' | 'directory' | 'submodule'
  readonly id: string
}

const decoder = new TextDecoder()
const maxDepth = 512
const maxLinkBytes = 4096
const maxDirectories = 500_000

const kinds: Readonly<Record<string, TreeEntry['kind']>> = {
  '40000': 'directory',
  '040000': 'directory',
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'link',
  '160000': 'submodule',
}

/**
 * Parses a tree object.
 *
 * @throws {GitError} `GIT_DAMAGED` when it is malformed, `GIT_UNSAFE` when a name could leave the tree, reach into
 *   `.git`, or stands there twice.
 */
export function parseTree(content: Uint8Array, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = []
  const names = new Set<string>()
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const zero = content.indexOf(0, space)
    const end = zero + 1 + idBytes
    if (space < 0 || zero < 0 || end > content.length) throw new GitError('GIT_DAMAGED', 'malformed tree')
    const kind = kinds[decoder.decode(content.subarray(at, space))]
    if (!kind) throw new GitError('GIT_DAMAGED', 'malformed tree: unknown mode')
    const name = decoder.decode(content.subarray(space + 1, zero))
    if (isUnsafeName(name) || names.has(name)) {
      throw new GitError('GIT_UNSAFE', `tree has an unsafe name ${JSON.stringify(name)}`)
    }
    names.add(name)
    entries.push({ name, kind, id: Buffer.from(content.subarray(zero + 1, end)).toString('hex') })
    at = end
  }
  return entries
}

/** Names that Git itself refuses to check out, also on file systems that fold case. */
export function isUnsafeName(name: string): boolean {
  return name === '' || name === '.' || name === '..' || name.includes('/') || /^\.git[. ]*$/i.test(name)
}

/** A {@link FileTree} over a tree object; blobs are read when asked for. Submodules are empty directories in it. */
export type GitFileTree = FileTree & {
  /** Paths of submodules and the commits that they name, sorted. Walks the whole tree. */
  readonly submodules: () => readonly { readonly path: string; readonly commit: string }[]
}

export function gitFileTree(store: ObjectStore, treeId: string): GitFileTree {
  const root: TreeEntry = { name: '', kind: 'directory', id: treeId }
  const directories = new Map<string, ReadonlyMap<string, TreeEntry>>()

  return {
    stat: (path) => {
      const entry = find(path)
      return entry && describe(entry)
    },
    read: (path) => {
      const entry = find(path)
      if (!entry) throw new FileTreeError('FILE_NOT_FOUND', path, `no such file: '${path}'`)
      if (entry.kind !== 'file' && entry.kind !== 'executable') {
        throw new FileTreeError('NOT_A_FILE', path, `'${path}' is a ${entry.kind}`)
      }
      return readBlob(store, entry.id)
    },
    list: (path) => {
      const entry = find(path)
      if (entry?.kind === 'submodule') return []
      if (entry?.kind !== 'directory') {
        throw new FileTreeError('NOT_A_DIRECTORY', path, `no such directory: '${path}'`)
      }
      return [...children(path, entry).keys()].toSorted(compareUtf8)
    },
    submodules: () => [...walkSubmodules('', root, 0)],
  }

  function find(path: string): TreeEntry | undefined {
    if (path === '') return root
    const slash = path.lastIndexOf('/')
    const parent = path.slice(0, Math.max(0, slash))
    const names = directories.get(parent) ?? namesIn(parent)
    return names?.get(path.slice(slash + 1))
  }

  function namesIn(path: string): ReadonlyMap<string, TreeEntry> | undefined {
    if (path.split('/').length > maxDepth) throw new GitError('GIT_UNSAFE', 'tree is too deep')
    const entry = find(path)
    return entry?.kind === 'directory' ? children(path, entry) : undefined
  }

  function children(path: string, entry: TreeEntry): ReadonlyMap<string, TreeEntry> {
    const known = directories.get(path)
    if (known) return known
    const names = new Map(readTree(store, entry.id).map((child) => [child.name, child]))
    directories.set(path, names)
    // A few hundred bytes of trees that name each other can stand for more directories than there are atoms.
    if (directories.size > maxDirectories) {
      throw new GitError('GIT_TOO_LARGE', 'tree has too many directories')
    }
    return names
  }

  function describe({ kind, id }: TreeEntry): FileTreeEntry {
    switch (kind) {
      case 'directory':
      case 'submodule':
        return { kind: 'directory' }
      case 'link':
        if (store.sizeBytes(id) > maxLinkBytes) throw new GitError('GIT_UNSAFE', 'symbolic link is too long')
        return { kind: 'link', target: decoder.decode(readBlob(store, id)) }
      case 'file':
      case 'executable':
        return { kind: 'file', executable: kind === 'executable', sizeBytes: store.sizeBytes(id) }
    }
  }

  function* walkSubmodules(
    path: string,
    entry: TreeEntry,
    depth: number,
  ): Generator<{ path: string; commit: string }> {
    if (depth > maxDepth) throw new GitError('GIT_UNSAFE', 'tree is too deep')
    for (const child of children(path, entry).values()) {
      const at = path === '' ? child.name : `${path}/${child.name}`
      if (child.kind === 'submodule') yield { path: at, commit: child.id }
      if (child.kind === 'directory') yield* walkSubmodules(at, child, depth + 1)
    }
  }
}

function readTree(store: ObjectStore, id: string): TreeEntry[] {
  const { type, content } = store.get(id)
  if (type !== 'tree') throw new GitError('GIT_DAMAGED', `object ${id} is not a tree`)
  return parseTree(content, idLength(store.objectFormat) / 2)
}

function readBlob(store: ObjectStore, id: string): Uint8Array {
  const { type, content } = store.get(id)
  if (type !== 'blob') throw new GitError('GIT_DAMAGED', `object ${id} is not a blob`)
  return content
}

import { compareUtf8, type FileTree, FileTreeError } from '@sluice/ports'
import { ArchiveError } from './archive-error.ts'
import { gunzip } from './gzip.ts'
import { type ReadTarEntry, readTar } from './tar-reader.ts'

export type ArchiveBounds = {
  /** Bytes after decompression. */
  readonly maxBytes: number
  readonly maxEntries?: number
}

/** Directories need no entry of their own, so long paths could make far more of them than there are entries. */
const maxDirectories = 500_000

type ArchivedFile = Extract<ReadTarEntry, { readonly kind: 'file' }>

/**
 * Unpacks a tar.gz into memory as a {@link FileTree}: one buffer, of which files are slices. Links are left out.
 *
 * @throws {ArchiveError} when it is damaged, leaves its root, is larger than allowed, or a file is also a directory.
 */
export async function unpackTarGz(archive: Uint8Array, bounds: ArchiveBounds): Promise<FileTree> {
  const entries = readTar(await gunzip(archive, bounds), bounds)
  return archiveFileTree(entries)
}

/** A tree of the files and directories among `entries`; of two files at one path the later counts. */
export function archiveFileTree(entries: Iterable<ReadTarEntry>): FileTree {
  const files = new Map<string, ArchivedFile>()
  const children = new Map<string, Set<string>>([['', new Set()]])
  for (const entry of entries) {
    if (entry.kind === 'link' || (entry.kind === 'file' && entry.path === '')) continue
    const directory = entry.kind === 'directory' ? entry.path : parentOf(entry.path)
    addDirectory(directory, { files, children })
    if (entry.kind === 'directory') continue
    if (children.has(entry.path)) throw conflict(entry.path)
    files.set(entry.path, entry)
    children.get(directory)?.add(nameOf(entry.path))
  }
  return treeOf(files, children)
}

function treeOf(
  files: ReadonlyMap<string, ArchivedFile>,
  children: ReadonlyMap<string, ReadonlySet<string>>,
): FileTree {
  return {
    stat: (path) => {
      const file = files.get(path)
      if (file) {
        return { kind: 'file', executable: (file.mode & 0o111) !== 0, sizeBytes: file.content.length }
      }
      return children.has(path) ? { kind: 'directory' } : undefined
    },
    read: (path) => {
      const file = files.get(path)
      if (!file) throw new FileTreeError('FILE_NOT_FOUND', path, `no such file: '${path}'`)
      return file.content
    },
    list: (path) => {
      const names = children.get(path)
      if (!names) throw new FileTreeError('NOT_A_DIRECTORY', path, `no such directory: '${path}'`)
      return [...names].toSorted(compareUtf8)
    },
  }
}

function addDirectory(
  path: string,
  { files, children }: { files: Map<string, ArchivedFile>; children: Map<string, Set<string>> },
): void {
  for (let at = path; !children.has(at); at = parentOf(at)) {
    if (files.has(at)) throw conflict(at)
    if (children.size >= maxDirectories) {
      throw new ArchiveError('ARCHIVE_TOO_LARGE', `archive has more than ${maxDirectories} directories`)
    }
    children.set(at, new Set())
  }
  for (let at = path; at !== ''; at = parentOf(at)) {
    const siblings = children.get(parentOf(at))
    if (!siblings || siblings.has(nameOf(at))) return
    siblings.add(nameOf(at))
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function conflict(path: string): ArchiveError {
  return new ArchiveError('ARCHIVE_UNSAFE', `'${path}' is both a file and a directory in the archive`)
}

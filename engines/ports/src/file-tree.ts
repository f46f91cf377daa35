import { ToolkitError } from './errors.ts'

/** What stands at a path of a {@link FileTree}. Links are never followed by the tree itself. */
export type FileTreeEntry =
  | { readonly kind: 'file'; readonly executable: boolean; readonly sizeBytes: number }
  | { readonly kind: 'directory' }
  | { readonly kind: 'link'; readonly target: string }

/**
 * A read-only snapshot of files, read synchronously.
 *
 * Paths are relative, `/`-separated, without `.`, `..` or a leading slash; the root is `''`.
 * Nothing outside the tree can be named, so nothing outside it can be read.
 */
export interface FileTree {
  /** What is at `path`, or `undefined` when there is nothing. */
  stat(path: string): FileTreeEntry | undefined
  /** Content of the file at `path`. @throws {FileTreeError} when there is no file. */
  read(path: string): Uint8Array
  /** Names in the directory at `path`, sorted by UTF-8 bytes. @throws {FileTreeError} when there is no directory. */
  list(path: string): readonly string[]
}

/** A path is missing from a {@link FileTree}, is of the wrong kind, or leaves the tree. */
export class FileTreeError extends ToolkitError {
  override readonly name = 'FileTreeError'
  readonly path: string

  constructor(
    code: 'FILE_NOT_FOUND' | 'NOT_A_FILE' | 'NOT_A_DIRECTORY' | 'PATH_OUTSIDE_TREE',
    path: string,
    message: string,
  ) {
    super(code, message)
    this.path = path
  }
}

/**
 * Joins and cleans `parts` to a tree path: `join('a/b', '../c')` is `a/c`.
 *
 * @throws {FileTreeError} `PATH_OUTSIDE_TREE` when the result would climb above the root or a part is absolute.
 */
export function joinTreePath(...parts: readonly string[]): string {
  const kept: string[] = []
  for (const part of parts) {
    if (part.startsWith('/')) throw outside(part)
    for (const name of part.split('/')) {
      if (name === '' || name === '.') continue
      if (name !== '..') {
        kept.push(name)
      } else if (kept.pop() === undefined) {
        throw outside(parts.join('/'))
      }
    }
  }
  return kept.join('/')
}

function outside(path: string): FileTreeError {
  return new FileTreeError('PATH_OUTSIDE_TREE', path, `path '${path}' is outside of the tree`)
}

import { compareUtf8, type FileTree, type FileTreeEntry, FileTreeError } from '@sluice/ports'
import { CopyError } from './copy-error.ts'

export type StagedFile = { readonly content: Uint8Array; readonly executable: boolean }

type Directory = Map<string, Directory | StagedFile>

/** The files of an artifact while it is put together: a tree that is written to. Contents are shared with the sources. */
export class StagingTree implements FileTree {
  readonly #root: Directory = new Map()

  /** Makes a directory, with those above it, unless it is there. */
  makeDirectory(path: string): void {
    this.#enter(partsOf(path))
  }

  /** Writes a file, with the directories above it; what was there before is gone. */
  write(path: string, file: StagedFile): void {
    const parts = partsOf(path)
    const name = parts.pop()
    const directory = this.#enter(parts)
    if (name === undefined || directory.get(name) instanceof Map) {
      throw new CopyError(`${path}: is a directory`)
    }
    directory.set(name, file)
  }

  stat(path: string): FileTreeEntry | undefined {
    const found = this.#find(path)
    if (!found) return undefined
    if (found instanceof Map) return { kind: 'directory' }
    return { kind: 'file', executable: found.executable, sizeBytes: found.content.length }
  }

  read(path: string): Uint8Array {
    const found = this.#find(path)
    if (!found || found instanceof Map) {
      throw new FileTreeError('FILE_NOT_FOUND', path, `no such file: '${path}'`)
    }
    return found.content
  }

  list(path: string): readonly string[] {
    const found = this.#find(path)
    if (!(found instanceof Map)) {
      throw new FileTreeError('NOT_A_DIRECTORY', path, `no such directory: '${path}'`)
    }
    return [...found.keys()].toSorted(compareUtf8)
  }

  #enter(parts: readonly string[]): Directory {
    let directory = this.#root
    for (const part of parts) {
      const found = directory.get(part) ?? new Map()
      if (!(found instanceof Map)) throw new CopyError(`${parts.join('/')}: not a directory`)
      directory.set(part, found)
      directory = found
    }
    return directory
  }

  #find(path: string): Directory | StagedFile | undefined {
    let found: Directory | StagedFile | undefined = this.#root
    for (const part of partsOf(path)) found = found instanceof Map ? found.get(part) : undefined
    return found
  }
}

function partsOf(path: string): string[] {
  return path === '' ? [] : path.split('/')
}

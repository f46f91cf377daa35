import type { FileTree } from '@sluice/ports'
import { KustomizeError } from '../errors.ts'
import { isWithin, joinPath, parentPath, resolvePath } from './paths.ts'
import { isRemoteFile, parseRepoUrl } from './repo-url.ts'

/** Where remote files and repositories come from. Synchronous: callers fetch beforehand and answer from what they have. */
export interface RemoteSource {
  /** Content of the file at `url`. */
  file(url: string): Uint8Array
  /** The tree of a repository, and the directory in it that `url` means. */
  repository(url: string): { readonly tree: FileTree; readonly path: string }
}

/** What loading is allowed and bound to. */
export type LoadOptions = {
  /** Whether files may lie outside of their kustomization's directory. */
  readonly restrict: boolean
  readonly remote: RemoteSource | undefined
  /** How messages call the root of the tree; paths are relative to it when undefined. */
  readonly place: string | undefined
  readonly maxFileBytes: number
}

/** Reads the files of one kustomization; paths are relative to its directory. */
export class Loader {
  readonly tree: FileTree
  /** The directory, without links. */
  readonly root: string
  private readonly options: LoadOptions
  private readonly referrer: Loader | undefined

  private constructor(tree: FileTree, root: string, options: LoadOptions, referrer?: Loader) {
    this.tree = tree
    this.root = root
    this.options = options
    this.referrer = referrer
  }

  /** How messages call the directory. */
  get place(): string {
    return named(this.root, this.options)
  }

  /** How messages call a path of this kustomization. */
  placeOf(path: string): string {
    return named(joinPath(this.root, path), this.options)
  }

  /** @throws {KustomizeError} when there is no directory at `path`. */
  static at(tree: FileTree, path: string, options: LoadOptions): Loader {
    return new Loader(tree, confirmDirectory(tree, joinPath(path), options), options)
  }

  /** The text of a file. @throws {KustomizeError} when it cannot be had. */
  load(path: string): string {
    return decodeUtf8(this.loadBytes(path), path)
  }

  loadBytes(path: string): Uint8Array {
    if (isRemoteFile(path)) return this.remote(path).file(path)
    const { tree, root, options } = this
    const wanted = path.startsWith('/') ? undefined : joinPath(root, path)
    if (wanted === undefined) {
      throw new KustomizeError('PATH_INVALID', `security; file '${path}' is absolute and not in the tree`)
    }
    const told = named(wanted, options)
    const { path: resolved, entry } = resolvePath(tree, wanted, `open ${told}: no such file or directory`)
    if (entry.kind !== 'file') throw new KustomizeError('PATH_INVALID', `'${told}' must resolve to a file`)
    if (options.restrict && !isWithin(parentPath(resolved), root)) {
      throw new KustomizeError('PATH_INVALID', `security; file '${told}' is not in or below '${this.place}'`)
    }
    if (entry.sizeBytes > options.maxFileBytes) {
      throw new KustomizeError(
        'LIMIT_EXCEEDED',
        `file '${told}' has ${entry.sizeBytes} bytes, more than ${options.maxFileBytes}`,
      )
    }
    return tree.read(resolved)
  }

  /** The text of a file, or nothing where there is no file that may be read. */
  tryLoad(path: string): string | undefined {
    const entry = this.tree.stat(joinPath(this.root, path))
    return entry === undefined || entry.kind === 'directory' ? undefined : this.load(path)
  }

  /** Whether `path` leads to a kustomization rather than a file: a directory here, or a repository. */
  isEnterable(path: string): boolean {
    if (parseRepoUrl(path)) return true
    if (path === '' || path.startsWith('/') || isRemoteFile(path)) return false
    try {
      return resolvePath(this.tree, joinPath(this.root, path)).entry.kind === 'directory'
    } catch (error) {
      if (error instanceof KustomizeError) return false
      throw error
    }
  }

  /** A loader for another kustomization. @throws {KustomizeError} when there is none, or it leads back here. */
  enter(path: string): Loader {
    if (path === '') throw new KustomizeError('PATH_INVALID', 'new root cannot be empty')
    if (parseRepoUrl(path)) {
      const { tree, path: inside } = this.remote(path).repository(path)
      const options = { ...this.options, restrict: true, place: undefined }
      return new Loader(tree, confirmDirectory(tree, joinPath(inside), options), options, this)
    }
    if (path.startsWith('/')) {
      throw new KustomizeError('PATH_INVALID', `new root '${path}' cannot be absolute`)
    }
    if (path.split('/').some((part) => part !== '..' && part.includes('..'))) {
      throw new KustomizeError('PATH_INVALID', `path '${path}' is ambiguous: a part of it contains '..'`)
    }
    const root = confirmDirectory(this.tree, joinPath(this.root, path), this.options)
    this.expectNoCycle(root)
    return new Loader(this.tree, root, this.options, this)
  }

  private expectNoCycle(root: string): void {
    if (isWithin(this.root, root)) {
      throw new KustomizeError(
        'PATH_INVALID',
        `cycle detected: candidate root '${named(root, this.options)}' contains visited root '${this.place}'`,
      )
    }
    if (this.referrer?.tree === this.tree) this.referrer.expectNoCycle(root)
  }

  private remote(url: string): RemoteSource {
    if (this.options.remote) return this.options.remote
    throw new KustomizeError('NOT_ALLOWED', `remote resources are not allowed here: '${url}'`)
  }
}

/** How messages call a path of the tree. */
function named(path: string, { place }: LoadOptions): string {
  if (place === undefined) return path === '' ? '.' : path
  return path === '' ? place : `${place}/${path}`
}

function confirmDirectory(tree: FileTree, path: string, options: LoadOptions): string {
  const told = named(path, options)
  const missing = `must build at directory: not a valid directory: evalsymlink failure on '${told}' : lstat ${told}: no such file or directory`
  const { path: resolved, entry } = resolvePath(tree, path, missing)
  if (entry.kind === 'directory') return resolved
  throw new KustomizeError('PATH_INVALID', `must build at directory: '${told}': file is not directory`)
}

/** @throws {KustomizeError} when `bytes` are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new KustomizeError('RESOURCE_INVALID', `'${path}' is not valid UTF-8`, { cause })
  }
}

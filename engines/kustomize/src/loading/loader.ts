import { cleanPath, quote } from '@sluice/go'
import type { FileTree } from '@sluice/ports'
import { during, KustomizeError } from '../errors.ts'
import { decodeYaml } from './decode-yaml.ts'
import { isWithin, joinPath, parentPath, type Resolution, resolvePath, tryJoin } from './paths.ts'
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
  /**
   * Whether files must lie in or below their kustomization's directory. Messages follow: those of kustomize on a disk, or
   * those of the file system by which Flux binds builds without this restriction to their source.
   */
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

  /** @throws {KustomizeError} when there is no directory at `path`. */
  static at(tree: FileTree, path: string, options: LoadOptions): Loader {
    return new Loader(tree, confirmDirectory(tree, joinPath(path), options), options)
  }

  /** The text of a file. @throws {KustomizeError} when it cannot be had. */
  load(path: string): string {
    const bytes = this.loadBytes(path)
    return during('MalformedYAMLError', () => decodeYaml(bytes), 'MALFORMED_YAML')
  }

  loadBytes(path: string): Uint8Array {
    if (isRemoteFile(path)) return this.remote(path).file(path)
    const { tree, root, options } = this
    const wanted = this.inTree(path)
    if (wanted === undefined) throw this.outsideFile(path)
    const told = named(wanted, options)
    const resolved = resolvePath(tree, wanted)
    if (resolved.kind === 'outside') throw this.outsideFile(path)
    if (resolved.kind !== 'found') throw invalid(missingFile(told, resolved, options))
    const { path: found, entry } = resolved
    if (entry.kind !== 'file') {
      throw invalid(options.restrict ? `'${told}' must resolve to a file` : `read ${told}: is a directory`)
    }
    if (options.restrict && !isWithin(parentPath(found), root)) throw this.outsideFile(path)
    if (entry.sizeBytes > options.maxFileBytes) {
      throw new KustomizeError(
        'LIMIT_EXCEEDED',
        `file '${told}' has ${entry.sizeBytes} bytes, more than ${options.maxFileBytes}`,
      )
    }
    return tree.read(found)
  }

  /** The content of a file, or nothing where there is no file that may be read. */
  tryLoad(path: string): Uint8Array | undefined {
    try {
      return this.loadBytes(path)
    } catch (error) {
      if (error instanceof KustomizeError && error.code === 'PATH_INVALID') return undefined
      throw error
    }
  }

  /** A loader for another kustomization. @throws {KustomizeError} when there is none, or it leads back here. */
  enter(path: string): Loader {
    if (path === '') throw invalid('new root cannot be empty')
    if (parseRepoUrl(path)) {
      const { tree, path: inside } = this.remote(path).repository(path)
      const options = { ...this.options, restrict: true, place: undefined }
      return new Loader(tree, confirmDirectory(tree, joinPath(inside), options), options, this)
    }
    if (path.startsWith('/')) throw invalid(`new root '${path}' cannot be absolute`)
    // Flux 2.9 builds with a kustomize that does not look at this yet.
    if (this.options.restrict && path.split('/').some((part) => part !== '..' && part.includes('..'))) {
      throw invalid(
        `path ${quote(path)} is ambiguous: resolves to ${quote(cleanPath(path))} after normalization, which is likely not the intended target; check for YAML indentation errors in your kustomization file`,
      )
    }
    const wanted = this.inTree(path)
    if (wanted === undefined) throw this.outsideDirectory(path)
    const root = confirmDirectory(this.tree, wanted, this.options)
    this.expectNoCycle(root)
    return new Loader(this.tree, root, this.options, this)
  }

  /** `path` as a path of the tree, if it does not leave that. */
  private inTree(path: string): string | undefined {
    if (!path.startsWith('/')) return tryJoin(this.root, path)
    const { place } = this.options
    const clean = cleanPath(path)
    if (place === undefined || !isWithin(clean, place)) return undefined
    return clean.slice(place.length + 1)
  }

  private outsideFile(path: string): KustomizeError {
    const told = this.placeOutside(path)
    if (this.options.restrict) {
      return invalid(`security; file '${told}' is not in or below '${this.place}'`)
    }
    return invalid(`fs-security-constraint read ${told}: ${this.notInTree(told)}`)
  }

  private outsideDirectory(path: string): KustomizeError {
    const told = this.placeOutside(path)
    const above = isAbove(told, this.place)
    if (this.options.restrict && above) {
      return invalid(`cycle detected: candidate root '${told}' contains visited root '${this.place}'`)
    }
    const problem =
      this.options.restrict || above
        ? `fs-security-constraint abs ${told}: ${this.notInTree(told)}`
        : `evalsymlink failure on '${told}' : lstat ${this.firstMissing(told)}: no such file or directory`
    return invalid(`must build at directory: not a valid directory: ${problem}`)
  }

  /** Of what lies outside of the tree only the directories above it are there. */
  private firstMissing(told: string): string {
    const parts = told.split('/')
    const at = parts.findIndex((_, i) => i > 0 && !isAbove(parts.slice(0, i + 1).join('/'), this.place))
    return parts.slice(0, at + 1).join('/')
  }

  private placeOutside(path: string): string {
    return cleanPath(path.startsWith('/') ? path : `${this.place}/${path}`)
  }

  private notInTree(told: string): string {
    return `path '${told}' is not in or below '${named('', this.options)}'`
  }

  private expectNoCycle(root: string): void {
    if (isWithin(this.root, root)) {
      throw invalid(
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

/** Whether a directory holds another; both are absolute, or relative to the same one. */
function isAbove(directory: string, other: string): boolean {
  return directory === '/' || isWithin(other, directory) || directory.split('/').every((it) => it === '..')
}

/** How messages call a path of the tree. */
function named(path: string, { place }: LoadOptions): string {
  if (place === undefined) return path === '' ? '.' : path
  return path === '' ? place : `${place}/${path}`
}

function confirmDirectory(tree: FileTree, path: string, options: LoadOptions): string {
  const told = named(path, options)
  const resolved = resolvePath(tree, path)
  if (resolved.kind !== 'found') {
    throw invalid(`must build at directory: not a valid directory: ${unresolved(told, resolved, options)}`)
  }
  if (resolved.entry.kind === 'directory') return resolved.path
  throw invalid(`must build at directory: '${told}': file is not directory`)
}

type Failed = Exclude<Resolution, { kind: 'found' }>

/** Why a file cannot be opened. Without restriction nobody looks for it before it is opened. */
function missingFile(
  told: string,
  failed: Exclude<Failed, { kind: 'outside' }>,
  options: LoadOptions,
): string {
  if (options.restrict) return unresolved(told, failed, options)
  switch (failed.kind) {
    case 'missing':
      return `open ${told}: no such file or directory`
    case 'notDirectory':
      return `open ${told}: not a directory`
    case 'tooManyLinks':
      return `open ${told}: too many levels of symbolic links`
  }
}

/** Why the links of a path cannot be followed. */
function unresolved(told: string, failed: Failed, options: LoadOptions): string {
  const failure = `evalsymlink failure on '${told}' : `
  switch (failed.kind) {
    case 'missing':
      return `${failure}lstat ${named(failed.at, options)}: no such file or directory`
    case 'notDirectory':
      return `${failure}not a directory`
    case 'tooManyLinks':
      return `${failure}EvalSymlinks: too many links`
    case 'outside':
      return `fs-security-constraint abs ${told}: path '${told}' is not in or below '${named('', options)}'`
  }
}

function invalid(message: string): KustomizeError {
  return new KustomizeError('PATH_INVALID', message)
}

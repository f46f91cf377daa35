import type { Compression, FileTree } from '@sluice/ports'
import { ChartError } from './chart-error.ts'
import { ignoreRules } from './helmignore.ts'
import { readTar } from './tar-reader.ts'

/** A file of a chart by its path below the chart's root. */
export type ChartFile = {
  readonly name: string
  readonly data: Uint8Array
  /** RFC 3339, where it is known: release records that Helm 4 wrote have it. */
  readonly modifiedAt?: string
}

/** Bounds on what a chart may unpack to. The defaults are Helm's. */
export type ChartLimits = {
  readonly maxChartBytes: number
  /** Of a single file; Helm has none since 4.3, Flux has. */
  readonly maxFileBytes?: number
  /** Files, and directories that are looked through. */
  readonly maxFiles: number
}

export const defaultChartLimits: ChartLimits = {
  maxChartBytes: 100 * 1024 * 1024,
  maxFiles: 50_000,
}

const maxTreeDepth = 256
/** As many as Linux follows in one path. */
const maxLinks = 40
const drivePath = /^[a-zA-Z]:\//
// Headers and padding of the archive come on top of the content that the limit is about.
const tarOverhead = 2

/**
 * The files of a packed chart (`.tgz`), in the archive's order.
 *
 * Source: Helm 4.3, the rules and texts of its archive loader.
 * @throws {ChartError} for anything that would leave the chart's directory or exceed a limit.
 */
export function archiveFiles(
  archive: Uint8Array,
  { compression, limits }: { readonly compression: Compression; readonly limits: ChartLimits },
): ChartFile[] {
  const tar = gunzip(archive, compression, limits)
  const files: ChartFile[] = []
  let remaining = limits.maxChartBytes
  for (const { name, kind, data } of readTar(tar)) {
    if (kind === 'directory') continue
    const path = pathInChart(name)
    if (limits.maxFileBytes !== undefined && data.length > limits.maxFileBytes) {
      throw new ChartError(
        'CHART_TOO_LARGE',
        `decompressed chart file "${name}" is larger than the maximum file size ${limits.maxFileBytes}`,
      )
    }
    remaining -= data.length
    if (remaining <= 0) throw tooLarge(limits)
    if (files.length >= limits.maxFiles) throw tooManyFiles(limits)
    files.push({ name: path, data: withoutByteOrderMark(data) })
  }
  if (files.length === 0) throw new ChartError('CHART_ARCHIVE', 'no files in chart archive')
  return files
}

function gunzip(archive: Uint8Array, compression: Compression, limits: ChartLimits): Uint8Array {
  try {
    return compression.gunzip(archive, {
      maxBytes: limits.maxChartBytes * tarOverhead,
      trailing: 'ignored',
    })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : ''
    if (code === 'COMPRESSION_TOO_LARGE') throw tooLarge(limits)
    if (code === 'COMPRESSION_TRUNCATED') throw new ChartError('CHART_ARCHIVE', 'unexpected EOF', { cause })
    throw new ChartError('CHART_ARCHIVE', 'gzip: invalid header', { cause })
  }
}

/** The path below the archive's single top directory. */
function pathInChart(name: string): string {
  const separator = name.includes('\\') ? '\\' : '/'
  const [top = '', ...rest] = name.split(separator)
  const path = clean(rest.join('/'))
  if (path === '.') {
    throw new ChartError(
      'CHART_ARCHIVE',
      `chart illegally contains content outside the base directory: "${name}"`,
    )
  }
  if (path.startsWith('/')) throw new ChartError('CHART_ARCHIVE', 'chart illegally contains absolute paths')
  if (path.startsWith('..')) {
    throw new ChartError('CHART_ARCHIVE', 'chart illegally references parent directory')
  }
  if (drivePath.test(path)) throw new ChartError('CHART_ARCHIVE', 'chart contains illegally named files')
  if (top === 'Chart.yaml') throw new ChartError('CHART_ARCHIVE', 'chart yaml not in base directory')
  return path
}

/** Go's `path.Clean`. */
function clean(path: string): string {
  const absolute = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (part !== '..' || !absolute) kept.push(part)
  }
  const joined = kept.join('/')
  if (absolute) return `/${joined}`
  return joined === '' ? '.' : joined
}

export type DirectoryOptions = {
  readonly limits: ChartLimits
  /** Where the directory is, as its user knows it: messages name it. Default: the tree's own paths. */
  readonly location?: string
}

/**
 * The files of a chart in a directory, without those that `.helmignore` excludes, in walking order.
 * A link is followed when the tree resolves it to something inside.
 *
 * @param root path of the chart within `tree`
 * @throws {ChartError} for links that lead nowhere, and when a limit is exceeded
 */
export function directoryFiles(tree: FileTree, root: string, options: DirectoryOptions): ChartFile[] {
  return new DirectoryWalk(tree, root, options).files()
}

/** How deep a walk is in directories, and in links that it followed on the way. */
type Depth = { readonly directories: number; readonly links: number }

class DirectoryWalk {
  readonly #tree: FileTree
  readonly #root: string
  readonly #limits: ChartLimits
  readonly #location: string
  readonly #files: ChartFile[] = []
  #remainingBytes: number
  #remainingDirectories: number

  constructor(tree: FileTree, root: string, { limits, location = root }: DirectoryOptions) {
    this.#tree = tree
    this.#root = root
    this.#limits = limits
    this.#location = location
    this.#remainingBytes = limits.maxChartBytes
    this.#remainingDirectories = limits.maxFiles
  }

  files(): ChartFile[] {
    const ignoreFile = this.#root === '' ? '.helmignore' : `${this.#root}/.helmignore`
    const hasRules = this.#tree.stat(ignoreFile)?.kind === 'file'
    const ignored = ignoreRules(hasRules ? new TextDecoder().decode(this.#tree.read(ignoreFile)) : '')
    this.#walk(this.#root, '', { ignored, depth: { directories: 0, links: 0 } })
    return this.#files
  }

  #walk(
    directory: string,
    prefix: string,
    { ignored, depth }: { readonly ignored: ReturnType<typeof ignoreRules>; readonly depth: Depth },
  ): void {
    this.#remainingDirectories -= 1
    if (this.#remainingDirectories < 0) throw tooManyFiles(this.#limits)
    if (depth.directories > maxTreeDepth) {
      throw new ChartError('CHART_TOO_LARGE', `directories of the chart nest deeper than ${maxTreeDepth}`)
    }
    for (const name of this.#tree.list(directory)) {
      const path = prefix + name
      const { resolved, links } = this.#resolve(directory === '' ? name : `${directory}/${name}`, path)
      const entry = this.#tree.stat(resolved)
      const isDirectory = entry?.kind === 'directory'
      if (!entry || ignored(path, isDirectory)) continue
      if (depth.links + links > maxLinks) {
        throw new ChartError('CHART_INVALID', `open ${this.#place(path)}: too many levels of symbolic links`)
      }
      if (entry.kind === 'file') {
        this.#add(path, resolved, entry.sizeBytes)
      } else if (isDirectory) {
        const inner = { directories: depth.directories + 1, links: depth.links + links }
        this.#walk(resolved, `${path}/`, { ignored, depth: inner })
      }
    }
  }

  #add(path: string, resolved: string, sizeBytes: number): void {
    const { maxFileBytes, maxChartBytes, maxFiles } = this.#limits
    if (maxFileBytes !== undefined && sizeBytes > maxFileBytes) {
      throw new ChartError(
        'CHART_TOO_LARGE',
        `chart file "${path}" is larger than the maximum file size ${maxFileBytes}`,
      )
    }
    this.#remainingBytes -= sizeBytes
    if (this.#remainingBytes < 0) {
      throw new ChartError(
        'CHART_TOO_LARGE',
        `error reading ${path}: chart exceeds maximum decompressed size of ${maxChartBytes} bytes`,
      )
    }
    if (this.#files.length >= maxFiles) throw tooManyFiles(this.#limits)
    this.#files.push({ name: path, data: withoutByteOrderMark(this.#tree.read(resolved)) })
  }

  /** Follows links within the tree. @throws {ChartError} when a link leaves the tree, dangles or loops. */
  #resolve(full: string, path: string): { readonly resolved: string; readonly links: number } {
    let current = full
    for (let links = 0; links <= maxLinks; links += 1) {
      const entry = this.#tree.stat(current)
      if (entry === undefined) {
        throw this.#badLink(path, `lstat ${this.#place(this.#below(current))}: no such file or directory`)
      }
      if (entry.kind !== 'link') return { resolved: current, links }
      const parent = current.includes('/') ? current.slice(0, current.lastIndexOf('/')) : '.'
      const target = clean(`${parent}/${entry.target}`)
      if (entry.target.startsWith('/') || target.startsWith('..')) {
        throw this.#badLink(path, 'its target is outside of the tree')
      }
      current = target === '.' ? '' : target
    }
    throw this.#badLink(path, 'too many links')
  }

  #badLink(path: string, why: string): ChartError {
    return new ChartError('CHART_INVALID', `error evaluating symlink ${this.#place(path)}: ${why}`)
  }

  /** A path of the tree as one below the chart's root, if it is. */
  #below(path: string): string {
    const prefix = `${this.#root}/`
    return this.#root !== '' && path.startsWith(prefix) ? path.slice(prefix.length) : path
  }

  #place(path: string): string {
    return this.#location === '' ? path : `${this.#location}/${path}`
  }
}

/** The data behind a byte order mark, if there is one. */
export function withoutByteOrderMark(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data
}

function tooLarge({ maxChartBytes }: ChartLimits): ChartError {
  return new ChartError(
    'CHART_TOO_LARGE',
    `decompressed chart is larger than the maximum size ${maxChartBytes}`,
  )
}

function tooManyFiles({ maxFiles }: ChartLimits): ChartError {
  return new ChartError('CHART_TOO_LARGE', `chart has more than ${maxFiles} files`)
}

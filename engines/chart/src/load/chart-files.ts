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
  readonly maxFileBytes: number
  readonly maxFiles: number
}

export const defaultChartLimits: ChartLimits = {
  maxChartBytes: 100 * 1024 * 1024,
  maxFileBytes: 5 * 1024 * 1024,
  maxFiles: 50_000,
}

const maxTreeDepth = 64
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
    if (data.length > limits.maxFileBytes) {
      throw new ChartError(
        'CHART_TOO_LARGE',
        `decompressed chart file "${name}" is larger than the maximum file size ${limits.maxFileBytes}`,
      )
    }
    remaining -= data.length
    if (remaining < 0) throw tooLarge(limits)
    if (files.length >= limits.maxFiles) throw tooManyFiles(limits)
    files.push({ name: path, data: withoutByteOrderMark(data) })
  }
  if (files.length === 0) throw new ChartError('CHART_ARCHIVE', 'no files in chart archive')
  return files
}

function gunzip(archive: Uint8Array, compression: Compression, limits: ChartLimits): Uint8Array {
  try {
    return compression.gunzip(archive, { maxBytes: limits.maxChartBytes * tarOverhead })
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

/**
 * The files of a chart in a directory, without those that `.helmignore` excludes, in walking order.
 * A link is followed when the tree resolves it to something inside.
 *
 * @param root path of the chart within `tree`
 */
export function directoryFiles(
  tree: FileTree,
  root: string,
  { limits }: { readonly limits: ChartLimits },
): ChartFile[] {
  const at = (path: string): string => (root === '' ? path : `${root}/${path}`)
  const ignoreFile = at('.helmignore')
  const ignored = ignoreRules(
    tree.stat(ignoreFile)?.kind === 'file' ? new TextDecoder().decode(tree.read(ignoreFile)) : '',
  )
  const files: ChartFile[] = []
  let remaining = limits.maxChartBytes
  walk(root, '', 0)
  return files

  function walk(directory: string, prefix: string, depth: number): void {
    if (depth > maxTreeDepth) {
      throw new ChartError('CHART_TOO_LARGE', `directories of the chart nest deeper than ${maxTreeDepth}`)
    }
    for (const name of tree.list(directory)) {
      const path = prefix + name
      const full = directory === '' ? name : `${directory}/${name}`
      const resolved = resolveLink(tree, full)
      const entry = tree.stat(resolved)
      if (entry?.kind === 'directory') {
        if (!ignored(path, true)) walk(resolved, `${path}/`, depth + 1)
      } else if (entry?.kind === 'file' && !ignored(path, false)) {
        if (entry.sizeBytes > limits.maxFileBytes) {
          throw new ChartError(
            'CHART_TOO_LARGE',
            `chart file "${path}" is larger than the maximum file size ${limits.maxFileBytes}`,
          )
        }
        remaining -= entry.sizeBytes
        if (remaining < 0) throw tooLarge(limits)
        if (files.length >= limits.maxFiles) throw tooManyFiles(limits)
        files.push({ name: path, data: withoutByteOrderMark(tree.read(resolved)) })
      }
    }
  }
}

const maxLinks = 16

/** Follows links within the tree. @throws {ChartError} when a link leaves the tree, dangles or loops. */
function resolveLink(tree: FileTree, path: string): string {
  let current = path
  for (let hops = 0; hops < maxLinks; hops += 1) {
    const entry = tree.stat(current)
    if (entry === undefined) {
      throw new ChartError(
        'CHART_INVALID',
        `error evaluating symlink ${path}: lstat ${current}: no such file or directory`,
      )
    }
    if (entry.kind !== 'link') return current
    const parent = current.includes('/') ? current.slice(0, current.lastIndexOf('/')) : '.'
    const target = clean(`${parent}/${entry.target}`)
    if (entry.target.startsWith('/') || target.startsWith('..')) {
      throw new ChartError(
        'CHART_INVALID',
        `error evaluating symlink ${path}: its target is outside of the tree`,
      )
    }
    current = target === '.' ? '' : target
  }
  throw new ChartError('CHART_INVALID', `error evaluating symlink ${path}: too many links`)
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

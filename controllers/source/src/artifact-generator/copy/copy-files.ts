import { cleanPath, PathPatternError, pathBase } from '@sluice/go'
import { errorChain, type FileTree, ToolkitError } from '@sluice/ports'
import type { GeneratorCopy } from '@sluice/toolkit'
import { CopyError } from './copy-error.ts'
import { doubleStar } from './double-star.ts'
import { type Exclusions, exclusions } from './exclusions.ts'
import { extractTarball, isTarball } from './extract.ts'
import { mergeFiles } from './merge-files.ts'
import { shellGlob } from './shell-glob.ts'
import { StagingTree } from './staging-tree.ts'
import { joinPath, treePath } from './tree-path.ts'
import { walk } from './walk.ts'

/** What one operation works with. */
type Copying = {
  readonly source: FileTree
  readonly staging: StagingTree
  readonly strategy: NonNullable<GeneratorCopy['strategy']>
  readonly isExcluded: Exclusions
}

/**
 * Carries out copy operations, later ones over the results of earlier ones, with the semantics of `cp`.
 *
 * Source: fluxcd/source-watcher 2.2, documentation of ArtifactGenerator.
 * @throws {CopyError}
 */
export async function copyFiles(
  operations: readonly GeneratorCopy[],
  sources: ReadonlyMap<string, FileTree>,
): Promise<StagingTree> {
  const staging = new StagingTree()
  for (const operation of operations) {
    try {
      // An operation may lay its files over those of the one before.
      await copy(operation, sources, staging)
    } catch (cause) {
      if (!(cause instanceof ToolkitError)) throw cause
      const { from, to } = operation
      throw new CopyError(`failed to apply copy operation from '${from}' to '${to}': ${errorChain(cause)}`)
    }
  }
  return staging
}

async function copy(
  { from, to, exclude = [], strategy = 'Overwrite' }: GeneratorCopy,
  sources: ReadonlyMap<string, FileTree>,
  staging: StagingTree,
): Promise<void> {
  const { alias, pattern } = parseSource(from)
  const destination = parseDestination(to)
  const source = sources.get(alias)
  if (!source) throw new CopyError(`source alias '${alias}' not found`)
  const copying: Copying = { source, staging, strategy, isExcluded: exclusions(exclude) }
  if (/[*?[\]]/.test(pattern)) {
    await copyMatches(copying, { alias, pattern, destination })
    return
  }
  const path = sourcePath(pattern)
  const entry = source.stat(path)
  if (entry?.kind === 'directory') {
    if (strategy === 'Extract') {
      throw new CopyError(`extract strategy is not supported for directories, got '${cleanPath(pattern)}'`)
    }
    copyDirectory(copying, path, { target: joinPath(destination, pathBase(path)), base: path })
  } else if (entry?.kind === 'file') {
    await copySingleFile(copying, path, destination)
  } else {
    throw new CopyError(`source '${cleanPath(pattern)}' does not exist`)
  }
}

function parseSource(from: string): { readonly alias: string; readonly pattern: string } {
  const fail = (why: string): CopyError => new CopyError(`invalid copy source '${from}': ${why}`)
  if (!from.startsWith('@')) throw fail("source must start with '@'")
  const slash = from.indexOf('/')
  if (slash < 0) throw fail("source format must be '@alias/pattern'")
  return { alias: from.slice(1, slash), pattern: from.slice(slash + 1) }
}

function parseDestination(to: string): string {
  const prefix = '@artifact/'
  if (to.startsWith(prefix)) return to.slice(prefix.length)
  throw new CopyError(`invalid copy destination '${to}': destination must start with '@artifact/'`)
}

function sourcePath(pattern: string): string {
  try {
    return treePath(pattern)
  } catch (cause) {
    throw new CopyError(`failed to stat source '${cleanPath(pattern)}'`, { cause })
  }
}

/** A file becomes `destination`, or lies in it when that is a directory, by its slash or because it is one. */
async function copySingleFile(copying: Copying, path: string, destination: string): Promise<void> {
  const { source, staging, strategy, isExcluded } = copying
  if (isExcluded(path, '.')) return
  if (strategy === 'Extract') {
    if (!isTarball(path)) {
      throw new CopyError(`extract strategy requires tarball file (.tar.gz or .tgz), got '${path}'`)
    }
    await extractTarball(source, path, { staging, directory: destination })
    return
  }
  const isDirectory =
    destination === '' ||
    destination.endsWith('/') ||
    staging.stat(treePath(destination))?.kind === 'directory'
  copyFile(copying, path, isDirectory ? joinPath(destination, pathBase(path)) : destination)
}

type Matching = { readonly alias: string; readonly pattern: string; readonly destination: string }

async function copyMatches(copying: Copying, { alias, pattern, destination }: Matching): Promise<void> {
  const { source, staging, strategy, isExcluded } = copying
  const found = strategy === 'Extract' ? deepGlob(source, pattern) : glob(source, pattern)
  if (found.length === 0) throw new CopyError(`no files match pattern '${pattern}' in source '${alias}'`)
  const base = selectionRoot(pattern)
  const wanted = found.filter((path) => !isExcluded(path, base))
  if (wanted.length === 0) {
    throw new CopyError(`all files matching pattern '${pattern}' in source '${alias}' were excluded`)
  }
  for (const path of wanted) {
    const isDirectory = source.stat(path)?.kind === 'directory'
    if (strategy === 'Extract') {
      // Beside archives a pattern may match anything.
      if (isTarball(path) && !isDirectory) {
        await extractTarball(source, path, { staging, directory: destination })
      }
      continue
    }
    const target = matchTarget(pattern, path, destination)
    if (isDirectory) copyDirectory(copying, path, { target, base })
    else copyFile(copying, path, target)
  }
}

function glob(source: FileTree, pattern: string): readonly string[] {
  return orInvalid(pattern, () => shellGlob(source, pattern))
}

function deepGlob(source: FileTree, pattern: string): readonly string[] {
  return orInvalid(pattern, () => {
    const matches = doubleStar(pattern)
    return [...walk(source, '')].map(({ path }) => path).filter(matches)
  })
}

function orInvalid<T>(pattern: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof PathPatternError) throw new CopyError(`invalid glob pattern '${pattern}'`, { cause })
    throw cause
  }
}

/** `dir/**` copies what is in `dir`; of other patterns the whole path is kept. */
function matchTarget(pattern: string, path: string, destination: string): string {
  const prefix = pattern.endsWith('/**') ? pattern.slice(0, -2) : ''
  return joinPath(destination, prefix !== '' && path.startsWith(prefix) ? path.slice(prefix.length) : path)
}

/** The part of a pattern before the first glob. */
function selectionRoot(pattern: string): string {
  const parts = cleanPath(pattern).split('/')
  const first = parts.findIndex((part) => /[*?[\]]/.test(part))
  return parts.slice(0, first < 0 ? parts.length : first).join('/') || '.'
}

/** Directories are laid over what is there file by file; their files are never merged. */
function copyDirectory(
  { source, staging, isExcluded }: Copying,
  path: string,
  { target, base }: { readonly target: string; readonly base: string },
): void {
  staging.makeDirectory(treePath(target))
  const start = path === '' ? 0 : path.length + 1
  for (const { path: inside, entry } of walk(source, path, (it) => !isExcluded(it, base))) {
    const to = treePath(joinPath(target, inside.slice(start)))
    if (entry.kind === 'directory') staging.makeDirectory(to)
    else if (entry.kind === 'file' && !isExcluded(inside, base)) {
      staging.write(to, { content: source.read(inside), executable: entry.executable })
    }
  }
}

function copyFile({ source, staging, strategy }: Copying, path: string, target: string): void {
  const entry = source.stat(path)
  // Links lead nowhere in an artifact.
  if (entry?.kind !== 'file') return
  const to = treePath(target)
  const content = source.read(path)
  const known = strategy === 'Merge' ? staging.stat(to) : undefined
  if (known?.kind === 'file') {
    staging.write(to, { content: mergeFiles(staging.read(to), content), executable: known.executable })
  } else {
    staging.write(to, { content, executable: entry.executable })
  }
}

import type { FileTree } from '@sluice/ports'
import { type IgnorePattern, parseIgnorePattern } from './ignore-pattern.ts'

/** Whether a path is left out of an artifact. */
export type IgnoreFilter = (path: string, isDirectory: boolean) => boolean

const ignoreFileName = '.sourceignore'
/** Far more than any ignore file has; a line is one pattern matched against every path. */
const maxPatterns = 20_000

/** What belongs to version control is never part of an artifact, unless a pattern brings it back. */
const versionControl = ['.git/', '.gitignore', '.gitmodules', '.gitattributes']

/** Left out as long as no pattern of the user's own says otherwise. Source: fluxcd/pkg sourceignore. */
const defaults = [
  '*.jpg *.jpeg *.gif *.png *.wmv *.flv *.tar.gz *.zip',
  '.github/ .circleci/ .travis.yml .gitlab-ci.yml appveyor.yml .drone.yml',
  'cloudbuild.yaml codeship-services.yml codeship-steps.yml',
  '**/.goreleaser.yml **/.sops.yaml **/.flux.yaml',
].flatMap((line) => line.split(' '))

/**
 * The filter of a tree: `.sourceignore` files of all its directories, then `ignore`, the later pattern counting. One
 * pattern of the user's own takes the place of the default exclusions; version control stays excluded.
 */
export function sourceIgnoreFilter(tree: FileTree, ignore: string | undefined): IgnoreFilter {
  const own = [...readIgnoreFiles(tree, []), ...parseLines(ignore ?? '', [])]
  if (own.length > maxPatterns) throw new RangeError(`more than ${maxPatterns} ignore patterns`)
  return filterOf(own)
}

/** The filter of these ignore lines alone, for sources that have no tree beforehand. */
export function ignoreFilter(ignore: string): IgnoreFilter {
  return filterOf(parseLines(ignore, []))
}

/** The filter of these ignore lines and nothing else: no default counts. */
export function ignorePatternsFilter(ignore: string): IgnoreFilter {
  return matcherOf(parseLines(ignore, []))
}

function filterOf(own: readonly IgnorePattern[]): IgnoreFilter {
  const builtIn = own.length > 0 ? versionControl : [...versionControl, ...defaults]
  return matcherOf([...builtIn.map((line) => parseIgnorePattern(line, [])), ...own])
}

function matcherOf(inOrder: readonly IgnorePattern[]): IgnoreFilter {
  const patterns = inOrder.toReversed()
  return (path, isDirectory) => {
    if (path === '') return false
    const parts = path.split('/')
    const decisive = patterns.find((pattern) => pattern.matches(parts, isDirectory))
    return decisive !== undefined && !decisive.isInclusion
  }
}

function readIgnoreFiles(tree: FileTree, directory: readonly string[]): IgnorePattern[] {
  const at = (name: string): string => [...directory, name].join('/')
  const patterns: IgnorePattern[] = []
  const names = tree.list(directory.join('/'))
  if (names.includes(ignoreFileName) && tree.stat(at(ignoreFileName))?.kind === 'file') {
    const text = new TextDecoder().decode(tree.read(at(ignoreFileName)))
    patterns.push(...parseLines(text, directory))
  }
  for (const name of names) {
    if (name !== '.git' && tree.stat(at(name))?.kind === 'directory') {
      patterns.push(...readIgnoreFiles(tree, [...directory, name]))
    }
  }
  return patterns
}

function parseLines(text: string, domain: readonly string[]): IgnorePattern[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => parseIgnorePattern(line, domain))
}

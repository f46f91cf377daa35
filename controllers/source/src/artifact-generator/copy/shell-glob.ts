import { matchGlob } from '@sluice/artifact'
import { matchPath } from '@sluice/go'
import type { FileTree } from '@sluice/ports'

const special = /[*?[\\]/

/**
 * Files and directories whose path matches a pattern, part by part; `**` is no more than `*`.
 *
 * Source: https://pkg.go.dev/io/fs#Glob
 * @throws {PathPatternError} when the pattern is malformed.
 */
export function shellGlob(tree: FileTree, pattern: string): readonly string[] {
  const parts = pattern.split('/').filter((part) => part !== '.')
  for (const part of parts) matchPath(part, '')
  let found: readonly string[] = ['']
  for (const part of parts) found = found.flatMap((directory) => matchesIn(tree, directory, part))
  return found
}

function matchesIn(tree: FileTree, directory: string, part: string): readonly string[] {
  if (directory !== '' && tree.stat(directory)?.kind !== 'directory') return []
  const at = (name: string): string => (directory === '' ? name : `${directory}/${name}`)
  if (special.test(part)) {
    const names = tree.list(directory).filter((name) => matchGlob(part, name))
    return names.map(at)
  }
  return part !== '' && tree.stat(at(part)) ? [at(part)] : []
}

import type { TarEntry } from '@sluice/go'
import { compareUtf8, type FileTree } from '@sluice/ports'
import { ArtifactError } from '../artifact-error.ts'
import type { IgnoreFilter } from '../ignore/source-ignore.ts'

/** Modes in archives. Source: fluxcd/pkg artifact/storage. */
const modes = { file: 0o600, executable: 0o700, directory: 0o750 } as const

export type EntryBounds = { readonly maxEntries: number; readonly maxDepth: number }

export const defaultEntryBounds: EntryBounds = { maxEntries: 2_000_000, maxDepth: 512 }

/**
 * What goes into the archive of `tree`: directories and files in the order of Go's `filepath.Walk`, links left out.
 * An excluded directory is left out itself, but what is in it is judged file by file.
 */
export function* archiveEntries(
  tree: FileTree,
  isExcluded: IgnoreFilter,
  { maxEntries, maxDepth }: EntryBounds = defaultEntryBounds,
): Generator<TarEntry> {
  let count = 0
  yield { kind: 'directory', path: '.', mode: modes.directory }
  yield* walk('', 0)

  function* walk(directory: string, depth: number): Generator<TarEntry> {
    if (depth > maxDepth) throw tooLarge(`directories are more than ${maxDepth} deep`)
    for (const name of tree.list(directory).toSorted(compareUtf8)) {
      const path = directory === '' ? name : `${directory}/${name}`
      const entry = tree.stat(path)
      count += 1
      if (count > maxEntries) throw tooLarge(`more than ${maxEntries} files`)
      if (entry?.kind === 'file' && !isExcluded(path, false)) {
        const mode = entry.executable ? modes.executable : modes.file
        yield { kind: 'file', path, mode, content: tree.read(path) }
      } else if (entry?.kind === 'directory') {
        if (!isExcluded(path, true)) yield { kind: 'directory', path, mode: modes.directory }
        yield* walk(path, depth + 1)
      }
    }
  }
}

function tooLarge(reason: string): ArtifactError {
  return new ArtifactError('ARTIFACT_TOO_LARGE', `source is too large: ${reason}`)
}

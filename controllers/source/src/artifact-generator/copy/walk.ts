import type { FileTree, FileTreeEntry } from '@sluice/ports'

export type WalkedEntry = { readonly path: string; readonly entry: FileTreeEntry }

/** Everything below `directory`, a directory before what is in it, names in order. `enter` may leave a directory out. */
export function* walk(
  tree: FileTree,
  directory: string,
  enter: (path: string) => boolean = () => true,
): Generator<WalkedEntry> {
  for (const name of tree.list(directory)) {
    const path = directory === '' ? name : `${directory}/${name}`
    const entry = tree.stat(path)
    if (!entry) continue
    const isDirectory = entry.kind === 'directory'
    if (isDirectory && !enter(path)) continue
    yield { path, entry }
    if (isDirectory) yield* walk(tree, path, enter)
  }
}

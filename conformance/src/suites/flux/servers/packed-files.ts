import { existsSync } from 'node:fs'
import { type TarEntry, writeTar } from '@sluice/go'
import { diskFileTree, gzip } from '@sluice/host'
import { type FileTree, memoryFileTree } from '@sluice/ports'

/** The recorded files of a folder; none when the recordings at hand do not have it. */
export function recordedFiles(folder: string): FileTree {
  return existsSync(folder) ? diskFileTree(folder) : memoryFileTree([])
}

/** Files by path. */
export function filesIn(tree: FileTree, directory = ''): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const name of tree.list(directory)) {
    const path = directory === '' ? name : `${directory}/${name}`
    if (tree.stat(path)?.kind === 'file') files.set(path, tree.read(path))
    else for (const [inner, content] of filesIn(tree, path)) files.set(inner, content)
  }
  return files
}

/** A tar.gz of files. */
export async function pack(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const entries = [...files].map(
    ([path, content]): TarEntry => ({ kind: 'file', path, mode: 0o644, content }),
  )
  const chunks: Uint8Array[] = []
  for await (const chunk of gzip(writeTar(entries))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

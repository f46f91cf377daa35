import { writeTar } from '@sluice/go'
import { gzip } from '@sluice/host'
import type { FileTree } from '@sluice/ports'
import { type IgnoreFilter, ignorePatternsFilter } from '../ignore/source-ignore.ts'
import { archiveEntries } from './archive-entries.ts'

/** A tree as tar.gz, the way artifacts are packed, in memory. Everything is in it when nothing is said to be excluded. */
export async function packTree(
  tree: FileTree,
  isExcluded: IgnoreFilter = ignorePatternsFilter(''),
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of gzip(writeTar(archiveEntries(tree, isExcluded)))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

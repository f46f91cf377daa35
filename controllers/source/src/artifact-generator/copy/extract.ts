import { ArchiveError, unpackTarGz } from '@sluice/host'
import type { FileTree } from '@sluice/ports'
import { CopyError } from './copy-error.ts'
import type { StagingTree } from './staging-tree.ts'
import { joinPath, treePath } from './tree-path.ts'
import { walk } from './walk.ts'

/** As much as one archive may hold. */
const maxUnpackedBytes = 1024 ** 3

export function isTarball(path: string): boolean {
  return /\.(?:tar\.gz|tgz)$/i.test(path)
}

/** Unpacks an archive of `source` into a directory. @throws {CopyError} when it is damaged or too large. */
export async function extractTarball(
  source: FileTree,
  path: string,
  { staging, directory }: { readonly staging: StagingTree; readonly directory: string },
): Promise<void> {
  const unpacked = await unpack(source.read(path), `failed to extract tarball "${path}" to "${directory}"`)
  staging.makeDirectory(treePath(directory))
  for (const { path: inside, entry } of walk(unpacked, '')) {
    const target = treePath(joinPath(directory, inside))
    if (entry.kind === 'directory') staging.makeDirectory(target)
    if (entry.kind === 'file') {
      staging.write(target, { content: unpacked.read(inside), executable: entry.executable })
    }
  }
}

async function unpack(archive: Uint8Array, message: string): Promise<FileTree> {
  try {
    return await unpackTarGz(archive, { maxBytes: maxUnpackedBytes })
  } catch (cause) {
    if (cause instanceof ArchiveError) throw new CopyError(message, { cause })
    throw cause
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory that exists until it is disposed of. */
export type TempDirectory = AsyncDisposable & { readonly path: string }

/**
 * Makes an empty directory that only this user can read.
 *
 * @param prefix begins the directory's name; the rest is random.
 * @param parent where to make it; the system's directory for temporary files when absent.
 * @example
 * await using work = await createTempDirectory('clone-')
 */
export async function createTempDirectory(prefix: string, parent: string = tmpdir()): Promise<TempDirectory> {
  const path = await mkdtemp(join(parent, prefix))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

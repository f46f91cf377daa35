import { compareUtf8, type FileTree } from '@sluice/ports'
import { CopyError } from './copy/copy-error.ts'
import { walk } from './copy/walk.ts'

/**
 * A short hash of all files of a tree and their names, which names the artifact's file. It tells builds apart and protects
 * nothing; that is the digest's task.
 *
 * Source: fluxcd/source-watcher 2.2, dirhash.
 * @param prefix stands before each path.
 */
export function contentHash(tree: FileTree, prefix: string): string {
  const lines: string[] = []
  const files = [...walk(tree, '')].filter(({ entry }) => entry.kind === 'file')
  for (const { path } of files.toSorted((a, b) => compareUtf8(a.path, b.path))) {
    if (path.includes('\n')) throw new CopyError('filenames with newlines are not supported')
    lines.push(`${adler32(tree.read(path)).toString(16)}  ${prefix}/${path}\n`)
  }
  return String(adler32(new TextEncoder().encode(lines.join(''))))
}

const modulus = 65_521
/** So many bytes can be added up before a sum leaves 32 bits. Source: RFC 1950. */
const batch = 5_552

function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (let start = 0; start < bytes.length; start += batch) {
    const end = Math.min(start + batch, bytes.length)
    for (let at = start; at < end; at += 1) {
      a += bytes[at] ?? 0
      b += a
    }
    a %= modulus
    b %= modulus
  }
  return b * 65_536 + a
}

import { createHash } from 'node:crypto'

/** The digest of `content` with the algorithm of another digest, which was checked before. */
export function digestLike(digest: string, content: Uint8Array): string {
  const algorithm = algorithmOf(digest)
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
}

/** `sha256` or `sha512`. */
export function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(':'))
}

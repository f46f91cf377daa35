import { createHash, type Hash, timingSafeEqual } from 'node:crypto'
import { ArtifactError } from './artifact-error.ts'

/** Algorithms for digests of artifacts. */
export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512'

const lengths: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** `sha256:<hex>` of `data`. */
export function digestOf(data: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(data).digest('hex')}`
}

/** A hash that is fed piece by piece, and the form of its result. */
export function startDigest(algorithm: DigestAlgorithm): {
  readonly hash: Hash
  readonly finish: () => string
} {
  const hash = createHash(algorithm)
  return { hash, finish: () => `${algorithm}:${hash.digest('hex')}` }
}

/** The algorithm of a digest. @throws {ArtifactError} when it is malformed or of another algorithm. */
export function algorithmOf(digest: string): DigestAlgorithm {
  const [algorithm = '', hex = ''] = digest.split(':')
  const length = Object.hasOwn(lengths, algorithm) ? lengths[algorithm as DigestAlgorithm] : undefined
  if (length === undefined) {
    throw new ArtifactError(
      'ARTIFACT_INVALID',
      `failed to parse digest '${digest}': unsupported digest algorithm`,
    )
  }
  if (hex.length !== length || !/^[0-9a-f]+$/.test(hex)) {
    throw new ArtifactError(
      'ARTIFACT_INVALID',
      `failed to parse digest '${digest}': invalid checksum digest length`,
    )
  }
  return algorithm as DigestAlgorithm
}

/** Whether `data` has this digest. */
export function hasDigest(data: Uint8Array, digest: string): boolean {
  const actual = Buffer.from(digestOf(data, algorithmOf(digest)))
  const wanted = Buffer.from(digest)
  return actual.length === wanted.length && timingSafeEqual(actual, wanted)
}

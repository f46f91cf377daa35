import { ArchiveError, unpackTarGz } from '@sluice/host'
import { type FileTree, type Http, HttpError, readBody, requestFollowing } from '@sluice/ports'
import { ArtifactError } from '../artifact-error.ts'
import { algorithmOf, hasDigest } from '../digest.ts'

/** What is to be fetched: part of `status.artifact`. */
export type FetchableArtifact = { readonly url: string; readonly digest: string }

export type ArtifactFetcherOptions = {
  readonly http: Http
  /** Largest download. Default: 512 MiB. */
  readonly maxDownloadBytes?: number
  /** Largest content after unpacking. Default: 1 GiB. */
  readonly maxUnpackedBytes?: number
  /** Unpacked content kept for the next one who asks. Default: 128 MiB. */
  readonly cacheBytes?: number
  /** For one download. Default: `60_000`. */
  readonly timeoutMs?: number
  /** The address to use instead of an artifact's own, for a process outside of the cluster. */
  readonly rewriteUrl?: (url: string) => string
}

/** Fetches artifacts and checks that they are what their digest says. */
export type ArtifactFetcher = {
  /** The files of a tar.gz artifact. @throws {ArtifactError} */
  readonly fetchTree: (
    artifact: FetchableArtifact,
    options: { readonly signal: AbortSignal },
  ) => Promise<FileTree>
  /** The artifact as it is, such as a chart's archive. @throws {ArtifactError} */
  readonly fetchBytes: (
    artifact: FetchableArtifact,
    options: { readonly signal: AbortSignal },
  ) => Promise<Uint8Array>
}

type Kept = { readonly tree: FileTree; readonly sizeBytes: number }

/**
 * Trees are kept by digest, so that many appliers of one source unpack it once. Messages are those of Flux's fetcher.
 */
export function createArtifactFetcher(options: ArtifactFetcherOptions): ArtifactFetcher {
  const { http, maxDownloadBytes = 512 * 1024 ** 2, maxUnpackedBytes = 1024 ** 3 } = options
  const { cacheBytes = 128 * 1024 ** 2, timeoutMs = 60_000, rewriteUrl = (url) => url } = options
  const kept = new Map<string, Kept>()
  let keptBytes = 0

  return {
    fetchTree: async (artifact, { signal }) => {
      const known = kept.get(artifact.digest)
      if (known) {
        kept.delete(artifact.digest)
        kept.set(artifact.digest, known)
        return known.tree
      }
      const tree = await unpack(await download(artifact, signal))
      keep(artifact.digest, tree)
      return tree
    },
    fetchBytes: (artifact, { signal }) => download(artifact, signal),
  }

  async function download(artifact: FetchableArtifact, signal: AbortSignal): Promise<Uint8Array> {
    if (artifact.digest === '') {
      throw new ArtifactError('ARTIFACT_INVALID', 'failed to verify archive: empty digest')
    }
    algorithmOf(artifact.digest)
    const url = rewriteUrl(artifact.url)
    const content = await get(url, signal)
    if (!hasDigest(content, artifact.digest)) {
      throw new ArtifactError(
        'ARTIFACT_DIGEST_MISMATCH',
        `failed to verify archive: computed digest doesn't match provided '${artifact.digest}' ` +
          '(check whether file size exceeds max download size)',
      )
    }
    return content
  }

  async function get(url: string, signal: AbortSignal): Promise<Uint8Array> {
    try {
      const request = { method: 'GET', url, maxBodyBytes: maxDownloadBytes, timeoutMs } as const
      const { response } = await requestFollowing(http, request, { signal })
      if (response.status !== 200) {
        await readBody(response.body)
        throw statusError(url, response.status)
      }
      return await readBody(response.body)
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause
      if (cause.code !== 'HTTP_TOO_LARGE') {
        throw new ArtifactError('ARTIFACT_UNREACHABLE', 'failed to download archive', { cause })
      }
      throw new ArtifactError(
        'ARTIFACT_TOO_LARGE',
        `artifact is greater than the max download size of ${maxDownloadBytes} bytes`,
      )
    }
  }

  async function unpack(content: Uint8Array): Promise<FileTree> {
    try {
      return await unpackTarGz(content, { maxBytes: maxUnpackedBytes })
    } catch (cause) {
      if (!(cause instanceof ArchiveError)) throw cause
      throw new ArtifactError('ARTIFACT_INVALID', 'failed to extract archive', { cause })
    }
  }

  function keep(digest: string, tree: FileTree): void {
    const sizeBytes = sizeOf(tree, '')
    if (sizeBytes > cacheBytes || kept.has(digest)) return
    kept.set(digest, { tree, sizeBytes })
    keptBytes += sizeBytes
    for (const [oldest, it] of kept) {
      if (keptBytes <= cacheBytes) break
      kept.delete(oldest)
      keptBytes -= it.sizeBytes
    }
  }
}

function statusError(url: string, status: number): ArtifactError {
  return status === 404
    ? new ArtifactError('ARTIFACT_NOT_FOUND', 'file not found')
    : new ArtifactError('ARTIFACT_UNREACHABLE', `failed to download archive from ${url} (status: ${status})`)
}

/** Bytes that a tree holds in memory, about: content and a header for each entry. */
function sizeOf(tree: FileTree, directory: string): number {
  return tree.list(directory).reduce((sum, name) => {
    const path = directory === '' ? name : `${directory}/${name}`
    const entry = tree.stat(path)
    const own = 512 + (entry?.kind === 'file' ? entry.sizeBytes : 0)
    return sum + own + (entry?.kind === 'directory' ? sizeOf(tree, path) : 0)
  }, 0)
}

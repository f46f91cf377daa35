import { GitError } from './git-error.ts'
import { type Commit, parseCommit, parseTag, type Tag } from './objects/commit.ts'
import { defaultPackBounds, type ObjectStore, type PackBounds, readPack } from './pack/pack-reader.ts'
import type { GitConnection } from './protocol/connection.ts'
import type { RemoteRefs } from './protocol/refs.ts'
import {
  type Advertisement,
  type FetchRequest,
  fetchPack,
  listRefs,
  readAdvertisement,
} from './protocol/upload-pack.ts'

/** Bounds of one fetch. */
export type GitBounds = PackBounds & { readonly maxPackBytes: number }

export const defaultGitBounds: GitBounds = { ...defaultPackBounds, maxPackBytes: 1024 ** 3 }

const maxTagDepth = 16

/** A commit with all that its tree leads to, and the annotated tag by which it was asked for. */
export type Fetched = { readonly commit: Commit; readonly tag: Tag | undefined; readonly store: ObjectStore }

/** A conversation about one repository. Asks for the server's abilities once, unless they are known from before. */
export class GitSession {
  readonly #connection: GitConnection
  readonly #bounds: GitBounds
  #advertisement: Advertisement | undefined
  #hasFetched = false

  constructor(connection: GitConnection, bounds: GitBounds, known?: Advertisement) {
    this.#connection = connection
    this.#bounds = bounds
    this.#advertisement = known
  }

  async advertisement(): Promise<Advertisement> {
    if (!this.#advertisement) {
      const packets = await this.#connection.open('git-upload-pack')
      this.#advertisement = await readAdvertisement(packets)
      await packets.close()
    }
    return this.#advertisement
  }

  async listRefs(prefixes: readonly string[]): Promise<RemoteRefs> {
    return listRefs(this.#connection, await this.advertisement(), prefixes)
  }

  /** Objects that `wants` lead to. @throws {GitError} */
  async fetchObjects(request: FetchRequest): Promise<ObjectStore> {
    const advertisement = await this.advertisement()
    // A server of version 0 hears one request after each opening.
    if (advertisement.version === 0 && this.#hasFetched) {
      await readAdvertisement(await this.#connection.open('git-upload-pack'))
    }
    this.#hasFetched = true
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of fetchPack(this.#connection, advertisement, request)) {
      length += chunk.length
      if (length > this.#bounds.maxPackBytes) {
        throw new GitError('GIT_TOO_LARGE', `pack exceeds ${this.#bounds.maxPackBytes} bytes`)
      }
      chunks.push(chunk)
    }
    return readPack(Buffer.concat(chunks, length), advertisement.objectFormat, this.#bounds)
  }

  /** The commit that `id`, itself a commit or a tag, stands for, without its history. */
  async fetchCommit(id: string, { filter }: Pick<FetchRequest, 'filter'> = {}): Promise<Fetched> {
    const store = await this.fetchObjects({
      wants: [id],
      depth: 1,
      ...(filter === undefined ? {} : { filter }),
    })
    return peel(store, id)
  }
}

/** Follows tags until a commit. @throws {GitError} when there is none. */
export function peel(store: ObjectStore, id: string): Fetched {
  const { objectFormat } = store
  let tag: Tag | undefined
  let at = id
  for (let depth = 0; depth < maxTagDepth; depth += 1) {
    const { type, content } = store.get(at)
    if (type === 'commit') return { commit: parseCommit(at, content, objectFormat), tag, store }
    if (type !== 'tag') {
      throw new GitError('GIT_REF_NOT_FOUND', `reference does not lead to a commit but a ${type}`)
    }
    const next = parseTag(at, content, objectFormat)
    // The outermost tag is the one that was asked for.
    tag ??= next
    at = next.target
  }
  throw new GitError('GIT_DAMAGED', 'too many tags of tags')
}

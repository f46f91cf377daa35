import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryPrefix, writeAtomically } from '@sluice/host'
import { LRUCache } from 'lru-cache'
import { type TagList, tagList } from './tag-list.ts'
import type { TagStore } from './tag-store.ts'

/** Tags of all images that are kept in memory: some 20 MB. What does not fit is read again when it is asked for. */
const maxTagsInMemory = 300_000
const format = 'sluice-tags/1'

/** First line of a file, in JSON. The tags follow, one a line. */
type Header = {
  readonly format: typeof format
  readonly image: string
  readonly count: number
  readonly digest: string
}

/**
 * A file an image in `directory`, each replaced as a whole, so that a crash leaves the old tags or the new ones. A file that
 * is not what its first line says counts as absent: what is lost is scanned again.
 */
export async function fileTagStore(directory: string): Promise<TagStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const leftovers = (await readdir(directory)).filter((name) => name.startsWith(temporaryPrefix))
  await Promise.all(leftovers.map((name) => rm(join(directory, name), { force: true })))
  const lists = new LRUCache<string, TagList>({
    maxSize: maxTagsInMemory,
    sizeCalculation: ({ tags }) => tags.length + 1,
  })
  /** The latest access to each file that has not ended; the next one waits for it. */
  const pending = new Map<string, Promise<unknown>>()

  return {
    get: (image) => {
      const known = pending.has(image) ? undefined : lists.get(image)
      return known ? Promise.resolve(known) : inTurn(image, () => read(image))
    },
    set: (image, tags) =>
      inTurn(image, async () => {
        const before = await read(image)
        const list = tagList(tags, before)
        if (list !== before) await write(image, list)
        lists.set(image, list)
        return list
      }),
    delete: (image) =>
      inTurn(image, async () => {
        lists.delete(image)
        await rm(pathOf(image), { force: true })
      }),
  }

  async function inTurn<T>(image: string, work: () => Promise<T>): Promise<T> {
    const earlier = pending.get(image) ?? Promise.resolve()
    // How the access before ended is told to whoever asked for it.
    const mine = earlier.then(work, work)
    pending.set(image, mine)
    try {
      return await mine
    } finally {
      if (pending.get(image) === mine) pending.delete(image)
    }
  }

  async function read(image: string): Promise<TagList | undefined> {
    const known = lists.get(image)
    if (known) return known
    const text = await readText(pathOf(image))
    const list = text === undefined ? undefined : parse(image, text)
    if (list) lists.set(image, list)
    return list
  }

  async function write(image: string, { tags, digest }: TagList): Promise<void> {
    const header: Header = { format, image, count: tags.length, digest }
    const text = [JSON.stringify(header), ...tags].join('\n')
    await writeAtomically(pathOf(image), (file) => file.writeFile(text))
  }

  function pathOf(image: string): string {
    // Images have slashes, and names of files are bounded.
    return join(directory, `${createHash('sha256').update(image).digest('hex')}.tags`)
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(image: string, text: string): TagList | undefined {
  const [first = '', ...tags] = text.split('\n')
  const header = parseHeader(first)
  const list = tagList(tags)
  const isWhole = header?.image === image && header.count === tags.length && header.digest === list.digest
  return isWhole ? list : undefined
}

function parseHeader(line: string): Header | undefined {
  try {
    const header = JSON.parse(line) as Partial<Header> | null
    return header?.format === format ? (header as Header) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

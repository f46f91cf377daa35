import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDirectory, type TempDirectory } from '@sluice/host'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileTagStore } from './file-tag-store.ts'
import { memoryTagStore } from './memory-tag-store.ts'
import type { TagStore } from './tag-store.ts'

const image = 'ghcr.io/acme/app'
let directory: TempDirectory

beforeEach(async () => {
  directory = await createTempDirectory('tags-')
})
afterEach(() => directory[Symbol.asyncDispose]())

const stores: readonly (readonly [string, () => Promise<TagStore>])[] = [
  ['memory', () => Promise.resolve(memoryTagStore())],
  ['files', () => fileTagStore(directory.path)],
]

describe.for(stores)('a store in %s', ([, open]) => {
  test('keeps the tags of each image in descending order', async () => {
    const store = await open()
    await store.set(image, ['1.0', 'b', 'A', 'c'])
    await store.set('other', ['x'])
    expect((await store.get(image))?.tags).toEqual(['c', 'b', 'A', '1.0'])
    await store.delete(image)
    expect(await store.get(image)).toBeUndefined()
    expect((await store.get('other'))?.tags).toEqual(['x'])
  })

  test('knows what has changed since the list before', async () => {
    const store = await open()
    const first = await store.set(image, ['a', 'b'])
    const second = await store.set(image, ['c', 'b'])
    expect(second.since(first.digest)).toEqual({ added: ['c'], removed: new Set(['a']) })
    const third = await store.set(image, ['d'])
    expect(third.since(first.digest)).toBeUndefined()
    expect(await store.set(image, ['d'])).toBe(third)
  })

  test('an image without tags is not one that was never scanned', async () => {
    const store = await open()
    await store.set(image, [])
    expect(await store.get(image)).toMatchObject({ tags: [], revision: '18153657' })
    expect(await store.get('other')).toBeUndefined()
  })

  test('takes scans of the same image one after the other', async () => {
    const store = await open()
    const lists = await Promise.all(['a', 'b', 'c'].map((tag) => store.set(image, [tag])))
    expect(lists.map(({ tags }) => tags)).toEqual([['a'], ['b'], ['c']])
    expect(lists[2]?.since(lists[1]?.digest ?? '')).toEqual({ added: ['c'], removed: new Set(['b']) })
    expect((await store.get(image))?.tags).toEqual(['c'])
  })
})

describe('files', () => {
  test('are there for the next process', async () => {
    const before = await (await fileTagStore(directory.path)).set(image, ['1', '2'])
    const store = await fileTagStore(directory.path)
    expect(await store.get(image)).toMatchObject({ tags: ['2', '1'], digest: before.digest })
    // The change since the list of the earlier process is known, too.
    expect((await store.set(image, ['3', '1', '2'])).since(before.digest)?.added).toEqual(['3'])
  })

  test('of a write that was interrupted are removed', async () => {
    await writeFile(join(directory.path, '.tmp-x'), 'half')
    await fileTagStore(directory.path)
    expect(await readdir(directory.path)).toEqual([])
  })

  test.for<[string, (path: string) => Promise<unknown>]>([
    ['cut off', (path) => truncate(path, 150)],
    ['empty', (path) => truncate(path, 0)],
    ['no JSON', (path) => writeFile(path, '{\n1\n2')],
    ['of another format', (path) => writeFile(path, '{"format":"x"}\n1\n2')],
    ['null', (path) => writeFile(path, 'null\n1\n2')],
    ['changed', async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('\n2', '\n9'))],
  ])('that are %s count as absent and are written anew', async ([, damage]) => {
    await (await fileTagStore(directory.path)).set(image, ['1', '2', 'x'.repeat(100)])
    const [name = ''] = await readdir(directory.path)
    await damage(join(directory.path, name))
    const store = await fileTagStore(directory.path)
    expect(await store.get(image)).toBeUndefined()
    await store.set(image, ['1', '2'])
    expect((await (await fileTagStore(directory.path)).get(image))?.tags).toEqual(['2', '1'])
  })
})

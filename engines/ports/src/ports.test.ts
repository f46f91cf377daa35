import { describe, expect, test } from 'vitest'
import {
  compareUtf8,
  errorChain,
  FileTreeError,
  joinTreePath,
  memoryFileTree,
  parseApiVersion,
  readBody,
  ToolkitError,
} from './index.ts'
import { fakeClock, fakeHttp, seededRandom } from './testing/index.ts'

test('errorChain prints causes as Go does', () => {
  const inner = new ToolkitError('INNER', 'connection refused')
  expect(errorChain(new ToolkitError('OUTER', 'cannot fetch', { cause: inner }))).toBe(
    'cannot fetch: connection refused',
  )
})

describe('joinTreePath', () => {
  test.for([
    [['a/b', '../c'], 'a/c'],
    [['', './x//y'], 'x/y'],
    [['a', '..'], ''],
  ] as const)('%j is %j', ([parts, want]) => {
    expect(joinTreePath(...parts)).toBe(want)
  })

  test.for([[['..']], [['a', '../../b']], [['/etc']]] as const)('%j leaves the tree', ([parts]) => {
    expect(() => joinTreePath(...parts)).toThrow(FileTreeError)
  })
})

describe('memoryFileTree', () => {
  const tree = memoryFileTree([
    ['b/x.yaml', 'x'],
    ['b/link', { link: '../a' }],
    ['a', { content: '#!', executable: true }],
  ])

  test('lists names in byte order', () => {
    expect(tree.list('')).toEqual(['a', 'b'])
    expect(tree.list('b')).toEqual(['link', 'x.yaml'])
  })

  test('tells files, links and directories apart', () => {
    expect(tree.stat('a')).toEqual({ kind: 'file', executable: true, sizeBytes: 2 })
    expect(tree.stat('b')).toEqual({ kind: 'directory' })
    expect(tree.stat('b/link')).toEqual({ kind: 'link', target: '../a' })
    expect(tree.stat('c')).toBeUndefined()
  })

  test('does not read through a link', () => {
    expect(() => tree.read('b/link')).toThrow(expect.objectContaining({ code: 'NOT_A_FILE' }))
  })
})

test('compareUtf8 puts astral characters after the private use area', () => {
  expect(['\u{1f600}', '\ue000', 'a'].toSorted(compareUtf8)).toEqual(['a', '\ue000', '\u{1f600}'])
})

test('parseApiVersion knows the core group', () => {
  expect(parseApiVersion('v1')).toEqual({ group: '', version: 'v1' })
  expect(parseApiVersion('apps/v1')).toEqual({ group: 'apps', version: 'v1' })
})

test('fakeClock wakes sleepers in order of their time', async () => {
  const clock = fakeClock(1_000)
  const woken: number[] = []
  const sleepers = [300, 100, 200].map(async (ms) => {
    await clock.sleep(ms)
    woken.push(clock.now())
  })
  await clock.advance(1_000)
  await Promise.all(sleepers)
  expect(woken).toEqual([1_100, 1_200, 1_300])
  expect(clock.now()).toBe(2_000)
})

test('fakeHttp bounds bodies as the real one does', async () => {
  const http = fakeHttp(() => ({ status: 200, body: 'abcdef' }))
  const { signal } = new AbortController()
  const request = { method: 'GET', url: 'http://x/', maxBodyBytes: 3, timeoutMs: 1 } as const
  const { body } = await http.request(request, { signal })
  await expect(readBody(body)).rejects.toMatchObject({ code: 'HTTP_TOO_LARGE' })
})

test('seededRandom repeats itself', () => {
  expect(seededRandom(7).bytes(4)).toEqual(seededRandom(7).bytes(4))
})

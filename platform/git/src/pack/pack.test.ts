import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { GitError } from '../git-error.ts'
import { parseTree } from '../objects/tree.ts'
import { applyDelta } from './delta.ts'
import { defaultPackBounds, type PackBounds, readPack } from './pack-reader.ts'

const types = { commit: 1, tree: 2, blob: 3, tag: 4, offset: 6, id: 7 } as const

/** An entry as the test wants it, whether or not that is honest. */
type Entry = {
  readonly type: number
  readonly data: Uint8Array
  readonly base?: Uint8Array
  readonly sizeBytes?: number
}

function entryBytes({ type, data, base = Buffer.alloc(0), sizeBytes = data.length }: Entry): Buffer {
  const head = []
  let rest = Math.floor(sizeBytes / 16)
  head.push((rest > 0 ? 0x80 : 0) | (type << 4) | (sizeBytes & 15))
  while (rest > 0) {
    head.push((rest > 127 ? 0x80 : 0) | (rest & 127))
    rest = Math.floor(rest / 128)
  }
  return Buffer.concat([Buffer.from(head), base, deflateSync(data)])
}

function packOf(
  entries: readonly (Entry | Uint8Array)[],
  { count = entries.length, version = 2 } = {},
): Buffer {
  const header = Buffer.alloc(12)
  header.write('PACK')
  header.writeUInt32BE(version, 4)
  header.writeUInt32BE(count, 8)
  return sealed(Buffer.concat([header, ...entries.map((it) => ('type' in it ? entryBytes(it) : it))]))
}

function sealed(body: Buffer): Buffer {
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

const idOf = (type: string, content: Uint8Array): string =>
  createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')
const bytes = (text: string): Buffer => Buffer.from(text)
const blob = (text: string): Entry => ({ type: types.blob, data: bytes(text) })
/** Copies `length` bytes of a base of `baseBytes`, then adds `text`. */
const delta = (baseBytes: number, length: number, text = ''): Buffer =>
  Buffer.concat([
    Buffer.from([baseBytes, length + text.length, ...(length > 0 ? [0x90, length] : [])]),
    ...(text === '' ? [] : [Buffer.from([text.length]), bytes(text)]),
  ])
const small: PackBounds = {
  ...defaultPackBounds,
  maxObjectBytes: 10_000,
  maxWorkBytes: 100_000,
  maxObjects: 100,
}
const read = (pack: Buffer, bounds: PackBounds = small): ReturnType<typeof readPack> =>
  readPack(pack, 'sha1', bounds)

describe('a pack', () => {
  test('with deltas by offset and by name, also before their base', () => {
    const base = bytes('hello')
    const first = entryBytes({ type: types.blob, data: base })
    const late: Entry = {
      type: types.id,
      base: Buffer.from(idOf('blob', bytes('world')), 'hex'),
      data: delta(5, 5, '?'),
    }
    const offset: Entry = { type: types.offset, base: Buffer.from([first.length]), data: delta(5, 5, '!') }
    const store = read(packOf([first, offset, late, blob('world')]))
    expect(Buffer.from(store.get(idOf('blob', bytes('hello!'))).content).toString()).toBe('hello!')
    expect(Buffer.from(store.get(idOf('blob', bytes('world?'))).content).toString()).toBe('world?')
    expect(store.sizeBytes(idOf('blob', bytes('hello!')))).toBe(6)
  })

  test('made by Git, with long chains and without a cache', () => {
    const directory = mkdtempSync(join(tmpdir(), 'pack-'))
    const run = (input: string | undefined, ...args: string[]): Buffer =>
      execFileSync('git', args, { cwd: directory, ...(input === undefined ? {} : { input }) })
    run(undefined, 'init', '-q')
    const ids = Array.from({ length: 60 }, (_, i) => {
      const lines = Array.from({ length: 300 }, (__, line) => `line ${line} ${line < i ? 'changed' : ''}\n`)
      writeFileSync(join(directory, 'f'), lines.join(''))
      return run(undefined, 'hash-object', '-w', 'f').toString().trim()
    })
    const pack = run(`${ids.join('\n')}\n`, 'pack-objects', '--stdout', '--depth=50', '-q')
    rmSync(directory, { recursive: true })
    const store = readPack(pack, 'sha1', { ...defaultPackBounds, cacheBytes: 0 })
    for (const id of ids) expect(idOf('blob', store.get(id).content)).toBe(id)
  })
})

describe('a hostile pack is refused', () => {
  const honest = packOf([blob('a'), blob('b')])
  const self = Buffer.alloc(20, 1)
  const bomb: Entry = { type: types.blob, data: Buffer.alloc(9000) }
  const growing = Buffer.from([5, 0x80, 0x80, 0x04, 0x90, 5])

  test.for([
    ['nothing', Buffer.alloc(0)],
    ['another file', bytes('<html>not a pack, but long enough to be one</html>')],
    ['unknown version', packOf([blob('a')], { version: 4 })],
    ['wrong checksum', Buffer.concat([honest.subarray(0, -1), Buffer.from([0])])],
    ['more objects announced than sent', packOf([blob('a')], { count: 2 })],
    ['fewer objects announced than sent', packOf([blob('a'), blob('b')], { count: 1 })],
    ['a count beyond the bound', packOf([blob('a')], { count: 0xffffffff })],
    ['size too small', packOf([{ ...blob('abc'), sizeBytes: 2 }])],
    ['size too large', packOf([{ ...blob('abc'), sizeBytes: 20 }])],
    ['size beyond the bound', packOf([{ ...blob('abc'), sizeBytes: 2 ** 40 }])],
    ['endless size', packOf([Buffer.alloc(30, 0xff)])],
    ['type 0', packOf([{ type: 0, data: bytes('x') }])],
    ['type 5', packOf([{ type: 5, data: bytes('x') }])],
    ['no zlib data', packOf([Buffer.from([0x33, 1, 2, 3, 4])])],
    ['delta on nothing', packOf([{ type: types.id, base: self, data: delta(1, 1) }])],
    [
      'delta base before the pack',
      packOf([{ type: types.offset, base: Buffer.from([0x7f]), data: delta(1, 1) }]),
    ],
    [
      'delta base between objects',
      packOf([blob('abc'), { type: types.offset, base: Buffer.from([3]), data: delta(1, 1) }]),
    ],
    ['delta on itself', packOf([{ type: types.offset, base: Buffer.from([0]), data: delta(1, 1) }])],
    [
      'delta for another base',
      packOf([
        entryBytes(blob('hello')),
        { type: types.offset, base: Buffer.from([entryBytes(blob('hello')).length]), data: delta(9, 5) },
      ]),
    ],
    [
      'delta that promises too much',
      packOf([
        entryBytes(blob('hello')),
        { type: types.offset, base: Buffer.from([entryBytes(blob('hello')).length]), data: growing },
      ]),
    ],
    ['more work than allowed', packOf(Array.from({ length: 20 }, () => bomb))],
  ] as const)('%s', ([, pack]) => {
    expect(() => read(pack)).toThrow(GitError)
  })

  test('two deltas on each other', () => {
    // Names of what they would be: neither can be known before the other.
    const loop = packOf([
      { type: types.id, base: Buffer.alloc(20, 1), data: delta(5, 5) },
      { type: types.id, base: Buffer.alloc(20, 2), data: delta(5, 5) },
    ])
    expect(() => read(loop)).toThrow('delta without a base')
  })

  test('200 packs that were damaged at random give an error or the same objects', () => {
    const random = seededRandom(7)
    const outcomes = Array.from({ length: 200 }, () => {
      const body = Buffer.from(honest.subarray(0, -20))
      const at = Math.floor(random.float() * body.length)
      body[at] = Math.floor(random.float() * 256)
      const cut = random.float() < 0.2 ? Math.floor(random.float() * body.length) : body.length
      return outcomeOf(sealed(Buffer.from(body.subarray(0, cut))))
    })
    expect(new Set(outcomes)).toEqual(new Set(['refused', 'read']))
  })

  function outcomeOf(pack: Buffer): string {
    const ids = ['a', 'b'].map((text) => idOf('blob', bytes(text)))
    try {
      const store = read(pack)
      const isTrue = ids.every((id) => !store.has(id) || idOf('blob', store.get(id).content) === id)
      return isTrue ? 'read' : 'lied'
    } catch (error) {
      return error instanceof GitError ? 'refused' : String(error)
    }
  }
})

describe('applyDelta', () => {
  test.for([
    ['nothing', []],
    ['reserved command', [5, 1, 0]],
    ['copy past the base', [5, 5, 0x91, 3, 5]],
    ['insert past the delta', [5, 5, 5, 1]],
    ['insert past the result', [5, 1, 2, 65, 66]],
    ['result too short', [5, 9, 0x90, 5]],
    ['size without end', Array.from({ length: 20 }, () => 0xff)],
    ['copy without its bytes', [5, 5, 0xff]],
  ] as const)('%s is refused', ([, data]) => {
    expect(() => applyDelta(bytes('hello'), Buffer.from(data))).toThrow(GitError)
  })
})

describe('parseTree', () => {
  const entry = (mode: string, name: string): Buffer =>
    Buffer.concat([bytes(`${mode} ${name}\0`), Buffer.alloc(20, 7)])

  test('knows all kinds', () => {
    const tree = Buffer.concat([
      entry('100644', 'a'),
      entry('100755', 'b'),
      entry('120000', 'c'),
      entry('40000', 'd'),
      entry('160000', 'e'),
    ])
    expect(parseTree(tree, 20).map(({ kind }) => kind)).toEqual([
      'file',
      'executable',
      'link',
      'directory',
      'submodule',
    ])
  })

  test.for(['', '.', '..', 'a/b', '.git', '.GIT', '.git ', '.git...'])('the name %j is refused', (name) => {
    expect(() => parseTree(entry('100644', name), 20)).toThrow('unsafe name')
  })

  test.for([
    ['a name twice', Buffer.concat([entry('100644', 'a'), entry('40000', 'a')])],
    ['an unknown mode', entry('100600', 'a')],
    ['a short id', entry('100644', 'a').subarray(0, -1)],
    ['no end', bytes('100644 a')],
  ] as const)('%s is refused', ([, tree]) => {
    expect(() => parseTree(tree, 20)).toThrow(GitError)
  })
})

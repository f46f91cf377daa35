import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type TarEntry, writeTar } from '@sluice/go'
import { describe, expect, test } from 'vitest'
import { archiveFileTree, unpackTarGz } from './archive-tree.ts'
import { gunzip, gzip } from './gzip.ts'
import { readTar } from './tar-reader.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const file = (path: string, content = ''): TarEntry => ({
  kind: 'file',
  path,
  mode: 0o600,
  content: bytes(content),
})
const tar = (...entries: TarEntry[]): Buffer => Buffer.concat([...writeTar(entries)])

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

function* failing(): Generator<Uint8Array> {
  yield bytes('x')
  throw new Error('no more')
}

describe('writeTar', () => {
  const long = `${'d'.repeat(60)}/${'e'.repeat(60)}/f.yaml`
  const tooLong = `a/${'n'.repeat(120)}`
  const foreign = 'dir/ünïcödé.yaml'

  test('bytes are those of Go for USTAR', () => {
    const digest = createHash('sha256')
      .update(tar({ kind: 'directory', path: '.', mode: 0o750 }, file('a.txt', 'a\n')))
      .digest('hex')
    expect(digest).toMatchInlineSnapshot(`"2f65c2257f1ada2c815d8c81a158a7bfb8d64662f3fc15ea37122f658a96624c"`)
  })

  test.for([
    ['prefix', long],
    ['name over 100', tooLong],
    ['not ASCII', foreign],
  ] as const)('a path with %s comes back', ([, path]) => {
    expect([...readTar(tar(file(path, 'x')))]).toEqual([
      { kind: 'file', path, mode: 0o600, content: expect.anything() },
    ])
  })

  test('the system tar reads it', () => {
    const archive = tar(
      { kind: 'directory', path: '.', mode: 0o750 },
      file(long, '1'),
      file(tooLong),
      file(foreign),
    )
    const listed = execFileSync('tar', ['-tf', '-', '--quoting-style=literal'], {
      input: archive,
      encoding: 'utf8',
    })
    expect(listed.trim().split('\n')).toEqual(['.', long, tooLong, foreign])
  })
})

describe('readTar', () => {
  test('reads what GNU tar writes, long names and links included', () => {
    const script =
      'd=$(mktemp -d) && cd $d && mkdir -p a/b && printf hi > a/b/x && chmod 755 a/b/x && ln -s ../../etc l && ' +
      `printf 1 > a/${'n'.repeat(150)} && tar --format=gnu --sort=name -cf - . && rm -rf $d`
    const archive = execFileSync('sh', ['-c', script])
    const entries = [...readTar(archive)]
    expect(entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'directory ',
      'directory a',
      'directory a/b',
      'file a/b/x',
      `file a/${'n'.repeat(150)}`,
      'link l',
    ])
    const tree = archiveFileTree(entries)
    expect(tree.stat('a/b/x')).toEqual({ kind: 'file', executable: true, sizeBytes: 2 })
    expect(tree.stat('l')).toBeUndefined()
    expect(tree.list('a')).toEqual(['b', 'n'.repeat(150)])
  })

  const damage = (change: (archive: Buffer) => Buffer): Buffer => change(tar(file('ok', 'content')))
  test.for([
    ['absolute path', tar(file('/etc/passwd')), 'ARCHIVE_UNSAFE'],
    ['path with ..', tar(file('a/../../x')), 'ARCHIVE_UNSAFE'],
    ['cut content', damage((it) => it.subarray(0, 515)), 'ARCHIVE_DAMAGED'],
    ['wrong checksum', damage((it) => (it.writeUInt8(0x41, 0), it)), 'ARCHIVE_DAMAGED'],
    ['size that lies', tar({ ...file('x', 'x'), path: 'x' }).subarray(0, 512), 'ARCHIVE_DAMAGED'],
    ['file below a file', tar(file('a'), file('a/b')), 'ARCHIVE_UNSAFE'],
    [
      'directory where a file is',
      tar(file('a'), { kind: 'directory', path: 'a', mode: 0o750 }),
      'ARCHIVE_UNSAFE',
    ],
  ] as const)('%s is refused', ([, archive, code]) => {
    expect(() => archiveFileTree(readTar(archive))).toThrow(expect.objectContaining({ code }))
  })

  test('more entries than allowed are refused', () => {
    const archive = tar(file('a'), file('b'), file('c'))
    expect(() => [...readTar(archive, { maxEntries: 2 })]).toThrow('more than 2 entries')
  })
})

describe('gzip', () => {
  test('has the empty header of Go and comes back', async () => {
    const compressed = await collect(gzip([bytes('one '), bytes('two')]))
    expect(compressed.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff')
    expect(Buffer.from(await gunzip(compressed, { maxBytes: 100 })).toString()).toBe('one two')
  })

  test('ends with the error of what it compresses', async () => {
    await expect(collect(gzip(failing()))).rejects.toThrow('no more')
  })

  const bomb = gzipSync(Buffer.alloc(1_000_000))
  test.for([
    ['a bomb', bomb, 'ARCHIVE_TOO_LARGE'],
    ['something else', bytes('not gzip'), 'ARCHIVE_NOT_GZIP'],
    ['a cut stream', gzipSync('short').subarray(0, 20), 'ARCHIVE_DAMAGED'],
    ['a damaged stream', Buffer.concat([bomb.subarray(0, 12), Buffer.alloc(40, 0xff)]), 'ARCHIVE_DAMAGED'],
  ] as const)('%s is refused', async ([, data, code]) => {
    await expect(unpackTarGz(data, { maxBytes: 1000 })).rejects.toMatchObject({ code })
  })
})

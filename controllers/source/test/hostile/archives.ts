import { gzipSync } from 'node:zlib'
import { seededRandom } from '@sluice/ports/testing'

/** An archive that somebody made to do harm, by what it tries. */
export type HostileArchive = { readonly name: string; readonly content: Buffer }

type Header = {
  readonly path?: string | Buffer
  readonly link?: string
  readonly type?: string
  readonly mode?: string
  /** As it stands in the header; that of the content when absent. */
  readonly size?: string | Buffer
  readonly checksum?: string
  readonly magic?: string
}

const block = 512

/** One entry, with header fields that need not be true. */
function entry(header: Header, content: Buffer = Buffer.alloc(0)): Buffer {
  const { path = 'file', link = '', type = '0', mode = '0000644', magic = 'ustar\x0000' } = header
  const bytes = Buffer.alloc(block)
  const put = (value: string | Buffer, at: number, length: number): void => {
    Buffer.from(value as string, 'latin1').copy(bytes, at, 0, length)
  }
  put(path, 0, 100)
  put(mode, 100, 8)
  put('0000000', 108, 8)
  put('0000000', 116, 8)
  put(header.size ?? content.length.toString(8).padStart(11, '0'), 124, 12)
  put('00000000000', 136, 12)
  put('        ', 148, 8)
  put(type, 156, 1)
  put(link, 157, 100)
  put(magic, 257, 8)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  put(header.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8)
  return Buffer.concat([bytes, content, Buffer.alloc((block - (content.length % block)) % block)])
}

const end = Buffer.alloc(2 * block)
const tar = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, end])

/** A record of a pax header: its length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (`${length}${rest}`.length !== length) length += 1
  return `${length}${rest}`
}

const pax = (...records: readonly string[]): Buffer =>
  entry({ path: 'PaxHeader', type: 'x' }, Buffer.from(records.join('')))

const paths: readonly (string | Buffer)[] = [
  '../x',
  '../../../../etc/passwd',
  '/etc/passwd',
  '//etc/passwd',
  'a/../../x',
  'a/./../../x',
  '..',
  '.',
  './..',
  '',
  'a/',
  '/',
  './',
  'a//b',
  'a/b/../../../x',
  '..\\x',
  'C:\\x',
  'C:/x',
  'a\nb',
  'a\x07b',
  ' ',
  'CON',
  '~/.ssh/id',
  '.git/config',
  '.git/hooks/post-checkout',
  '.sourceignore',
  'x'.repeat(100),
  Buffer.from([0xff, 0xfe, 0x2f, 0x61]),
  Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x61]),
  '\u0000hidden',
  '__proto__',
  'constructor/prototype',
  'a\r',
]

const links: readonly (readonly [string, string])[] = [
  ['2', '/etc/passwd'],
  ['2', '../../../../etc/passwd'],
  ['2', '.'],
  ['2', 'link'],
  ['2', ''],
  ['1', '/etc/passwd'],
  ['1', '../x'],
  ['1', 'ok.yaml'],
  ['1', 'link'],
  ['3', ''],
  ['4', ''],
  ['6', ''],
  ['7', ''],
  ['S', ''],
  ['V', ''],
  ['M', ''],
  ['Z', ''],
  ['\0', ''],
  ['g', ''],
  ['K', ''],
]

const sizes: readonly (string | Buffer)[] = [
  '77777777777',
  '-0000000001',
  'xxxxxxxxxxx',
  '',
  '99999999999',
  '00000000001',
  '00000001000',
  Buffer.from([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
]

/**
 * Archives in which one entry is harmful, or that are damaged.
 *
 * @param good the files that a good one has.
 */
export function hostileArchives(good: readonly (readonly [string, string])[]): readonly HostileArchive[] {
  const files = good.map(([path, text]) => entry({ path }, Buffer.from(text)))
  const named = (name: string, ...parts: readonly Buffer[]): HostileArchive => ({
    name,
    content: gzipSync(tar(...files, ...parts)),
  })
  const text = Buffer.from('hostile')
  return [
    ...paths.map((path) => named(`file at ${JSON.stringify(String(path))}`, entry({ path }, text))),
    ...paths
      .slice(0, 12)
      .map((path) => named(`directory at ${JSON.stringify(path)}`, entry({ path, type: '5' }))),
    ...links.flatMap(([type, link]) => [
      named(`type ${JSON.stringify(type)} to ${JSON.stringify(link)}`, entry({ path: 'link', type, link })),
    ]),
    named(
      'file through a link',
      entry({ path: 'link', type: '2', link: '/tmp' }),
      entry({ path: 'link/x' }, text),
    ),
    named(
      'file through a hard link',
      entry({ path: 'link', type: '1', link: '/etc/passwd' }),
      entry({ path: 'link' }, text),
    ),
    named('file below a file', entry({ path: 'a' }, text), entry({ path: 'a/b' }, text)),
    named('directory over a file', entry({ path: 'a' }, text), entry({ path: 'a', type: '5' })),
    named('the same file twice', entry({ path: 'a' }, text), entry({ path: 'a' }, text)),
    ...sizes.map((size, index) => named(`size ${index}`, entry({ path: 'a', size }, text))),
    ...[
      'path=../x',
      'path=/etc/passwd',
      'linkpath=/etc/passwd',
      'size=-1',
      'size=99999999999999',
      'size=x',
      'path=',
      'GNU.sparse.major=1',
    ].map((record) => {
      const [key = '', value = ''] = record.split('=')
      return named(`pax ${record}`, pax(paxRecord(key, value)), entry({ path: 'a' }, text))
    }),
    ...['x', '99999999999 path=a\n', '-5 path=a\n', '5 a\n', '0 a=b\n', '6 a=b', ''].map((record) =>
      named(`pax record ${JSON.stringify(record)}`, pax(record), entry({ path: 'a' }, text)),
    ),
    named(
      'long name that leaves',
      entry({ path: '././@LongLink', type: 'L' }, Buffer.from('../'.repeat(100))),
      entry({}, text),
    ),
    named('long name without an entry', entry({ path: '././@LongLink', type: 'L' }, Buffer.from('a'))),
    named(
      'very long name',
      entry({ path: '././@LongLink', type: 'L' }, Buffer.alloc(2_000_000, 'a/')),
      entry({}, text),
    ),
    named('wrong checksum', entry({ path: 'a', checksum: '000000\0 ' }, text)),
    named('other magic', entry({ path: 'a', magic: 'nothing\0' }, text)),
    named(
      'deep directories',
      entry({ path: '././@LongLink', type: 'L' }, Buffer.from(`${'d/'.repeat(20_000)}x`)),
      entry({}, text),
    ),
    ...damaged(gzipSync(tar(...files, entry({ path: 'a' }, text)))),
    { name: 'tar without gzip', content: tar(...files) },
    { name: 'gzip of gzip', content: gzipSync(gzipSync(tar(...files))) },
    { name: 'two members', content: Buffer.concat([gzipSync(tar(...files)), gzipSync(tar(...files))]) },
    { name: 'gzip of nothing', content: gzipSync(Buffer.alloc(0)) },
    { name: 'gzip of noise', content: gzipSync(Buffer.alloc(4096, 0xa5)) },
    { name: 'nothing', content: Buffer.alloc(0) },
    // 64 MiB of nothing, which the bounds of charts refuse and those of layers do not.
    {
      name: 'bomb',
      content: gzipSync(tar(...files, entry({ path: 'zeros' }, Buffer.alloc(64 * 1024 * 1024)))),
    },
  ]
}

/** What a line that breaks, or a disk, leaves of an archive. */
function damaged(archive: Buffer): readonly HostileArchive[] {
  const random = seededRandom(7)
  const cuts = [
    0,
    1,
    2,
    9,
    10,
    11,
    20,
    archive.length >> 1,
    archive.length - 9,
    archive.length - 8,
    archive.length - 1,
  ]
  const flips = Array.from({ length: 20 }, () => Math.floor(random.float() * archive.length))
  return [
    ...cuts.map((at) => ({ name: `cut at ${at}`, content: archive.subarray(0, at) })),
    ...flips.map((at) => {
      const content = Buffer.from(archive)
      content[at] = (content[at] ?? 0) ^ 0x55
      return { name: `byte ${at} changed`, content }
    }),
    { name: 'with something after it', content: Buffer.concat([archive, Buffer.from('more')]) },
  ]
}

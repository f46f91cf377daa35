import { writeTar } from '@sluice/go'
import { gzip } from '@sluice/host'
import { errorChain, type FileTree, memoryFileTree } from '@sluice/ports'
import type { GeneratorCopy } from '@sluice/toolkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { copyFiles } from './copy-files.ts'
import { doubleStar } from './double-star.ts'
import type { StagingTree } from './staging-tree.ts'
import { walk } from './walk.ts'

let sources: ReadonlyMap<string, FileTree>

async function archive(path: string, text: string): Promise<Uint8Array> {
  const content = new TextEncoder().encode(text)
  const chunks: Uint8Array[] = []
  for await (const chunk of gzip(writeTar([{ kind: 'file', path, mode: 0o600, content }]))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

beforeAll(async () => {
  const repo = memoryFileTree([
    ['config.yaml', 'a: 1\nlist: [1, 2]\nnested: {x: 1, z: 2}\n'],
    ['over.yaml', 'list: [3]\nnested: {z: 3}\n---\nb: 2\n'],
    ['list.yaml', '- 1\n'],
    ['configs/one.yaml', '1'],
    ['configs/two.md', '2'],
    ['configs/sub/three.yaml', '3'],
    ['configs/sub/four.md', '4'],
    ['apps/a/deploy/x.yaml', 'x'],
    ['apps/b/deploy/y.yaml', 'y'],
    ['run.sh', { content: '#!', executable: true }],
    ['charts/app-1.0.0.tgz', await archive('app/Chart.yaml', 'name: app')],
    ['charts/deep/db.tar.gz', await archive('db/Chart.yaml', 'name: db')],
    ['charts/broken.tgz', 'no archive'],
    ['charts/README.md', '#'],
    ['link', { link: 'config.yaml' }],
  ])
  sources = new Map([
    ['repo', repo],
    ['other', memoryFileTree([['config.yaml', 'other']])],
  ])
})

const listOf = (tree: StagingTree): string[] =>
  [...walk(tree, '')].map(({ path, entry }) => (entry.kind === 'directory' ? `${path}/` : path))
const copy = async (...operations: GeneratorCopy[]): Promise<string> =>
  copyFiles(operations, sources).then((tree) => listOf(tree).join(' '), errorChain)

describe('copies as cp does', () => {
  test.for([
    ['@repo/config.yaml', '@artifact/apps/app.yaml', 'apps/ apps/app.yaml'],
    ['@repo/config.yaml', '@artifact/apps/', 'apps/ apps/config.yaml'],
    ['@repo/config.yaml', '@artifact/', 'config.yaml'],
    ['@repo/configs/*.yaml', '@artifact/x/', 'x/ x/configs/ x/configs/one.yaml'],
    [
      '@repo/configs/',
      '@artifact/x/',
      'x/ x/configs/ x/configs/one.yaml x/configs/sub/ x/configs/sub/four.md x/configs/sub/three.yaml x/configs/two.md',
    ],
    ['@repo/configs/sub', '@artifact/x', 'x/ x/sub/ x/sub/four.md x/sub/three.yaml'],
    ['@repo/configs/**', '@artifact/x/', 'x/ x/one.yaml x/sub/ x/sub/four.md x/sub/three.yaml x/two.md'],
    [
      '@repo/apps/*/deploy',
      '@artifact/',
      'apps/ apps/a/ apps/a/deploy/ apps/a/deploy/x.yaml apps/b/ apps/b/deploy/ apps/b/deploy/y.yaml',
    ],
    ['@repo/apps/[^a]/deploy/**', '@artifact/', 'apps/ apps/b/ apps/b/deploy/ apps/b/deploy/y.yaml'],
    ['@other/', '@artifact/', 'config.yaml'],
    ['@repo/configs/../run.sh', '@artifact/bin/start', 'bin/ bin/start'],
  ] as const)('%s to %s', async ([from, to, want]) => {
    expect(await copy({ from, to })).toBe(want)
  })

  test('a file lands in a directory that an earlier operation made', async () => {
    const first = { from: '@repo/configs/sub', to: '@artifact/' }
    expect(await copy(first, { from: '@repo/run.sh', to: '@artifact/sub' })).toBe(
      'sub/ sub/four.md sub/run.sh sub/three.yaml',
    )
  })

  test('later operations replace files, and keep what makes them programs', async () => {
    const tree = await copyFiles(
      [
        { from: '@repo/config.yaml', to: '@artifact/' },
        { from: '@other/config.yaml', to: '@artifact/' },
        { from: '@repo/run.sh', to: '@artifact/' },
      ],
      sources,
    )
    expect(new TextDecoder().decode(tree.read('config.yaml'))).toBe('other')
    expect(tree.stat('run.sh')).toEqual({ kind: 'file', executable: true, sizeBytes: 2 })
  })
})

describe('leaves out', () => {
  test.for([
    [['*.md'], 'one.yaml sub/ sub/three.yaml'],
    [['sub/**'], 'one.yaml two.md'],
    [['configs/sub/**'], 'one.yaml two.md'],
    [['**/sub/**'], 'one.yaml two.md'],
    [['sub/{three,none}.*'], 'one.yaml sub/ sub/four.md two.md'],
    [['[!o]*'], 'one.yaml'],
  ] as const)('%j', async ([exclude, want]) => {
    expect(await copy({ from: '@repo/configs/**', to: '@artifact/', exclude })).toBe(want)
  })

  test('a single file without a word', async () => {
    expect(await copy({ from: '@repo/config.yaml', to: '@artifact/', exclude: ['*.yaml'] })).toBe('')
  })
})

test('YAML files are merged as values', async () => {
  const tree = await copyFiles(
    [
      { from: '@repo/config.yaml', to: '@artifact/values.yaml', strategy: 'Merge' },
      { from: '@repo/over.yaml', to: '@artifact/values.yaml', strategy: 'Merge' },
    ],
    sources,
  )
  expect(new TextDecoder().decode(tree.read('values.yaml'))).toBe(
    'a: 1\nb: 2\nlist:\n- 3\nnested:\n  x: 1\n  z: 3\n',
  )
})

describe('archives are unpacked', () => {
  test.for([
    ['@repo/charts/app-1.0.0.tgz', '@artifact/', 'app/ app/Chart.yaml'],
    ['@repo/charts/a*', '@artifact/c/', 'c/ c/app/ c/app/Chart.yaml'],
    ['@repo/charts/**/*.tar.gz', '@artifact/', 'db/ db/Chart.yaml'],
    ['@repo/**/*.md', '@artifact/', ''],
  ] as const)('%s to %s', async ([from, to, want]) => {
    expect(await copy({ from, to, strategy: 'Extract' })).toBe(want)
  })
})

describe('refuses', () => {
  test.for([
    ['@repo/none', {}, "source 'none' does not exist"],
    ['@repo/link', {}, "source 'link' does not exist"],
    ['@none/x', {}, "source alias 'none' not found"],
    ['@repo/none*', {}, "no files match pattern 'none*' in source 'repo'"],
    ['@repo/[', {}, "invalid glob pattern '[': syntax error in pattern"],
    ['@repo/*.sh', { exclude: ['*.sh'] }, "all files matching pattern '*.sh' in source 'repo' were excluded"],
    ['@repo/*', { exclude: ['{a'] }, "invalid exclude pattern '{a'"],
    ['@repo/../etc', {}, "failed to stat source '../etc': ../etc: path escapes from parent"],
    ['@repo//etc', {}, "failed to stat source '/etc': /etc: path escapes from parent"],
    ['@repo/../*', {}, "no files match pattern '../*' in source 'repo'"],
    ['@repo/run.sh', { to: '@artifact/../x' }, '../x: path escapes from parent'],
    [
      '@repo/configs',
      { strategy: 'Extract' },
      "extract strategy is not supported for directories, got 'configs'",
    ],
    [
      '@repo/run.sh',
      { strategy: 'Extract' },
      "extract strategy requires tarball file (.tar.gz or .tgz), got 'run.sh'",
    ],
    [
      '@repo/charts/broken.tgz',
      { strategy: 'Extract' },
      'failed to extract tarball "charts/broken.tgz" to ""',
    ],
    ['repo', {}, "invalid copy source 'repo': source must start with '@'"],
    ['@repo', {}, "invalid copy source '@repo': source format must be '@alias/pattern'"],
    ['@repo/run.sh', { to: 'x' }, "invalid copy destination 'x': destination must start with '@artifact/'"],
  ] as const)('%s %j', async ([from, rest, want]) => {
    const operation: GeneratorCopy = { from, to: '@artifact/', ...rest }
    const message = await copy(operation)
    expect(message).toContain(`failed to apply copy operation from '${from}' to '${operation.to}': `)
    expect(message).toContain(want)
  })

  test('a file where a directory is, and the reverse', async () => {
    const first = { from: '@repo/config.yaml', to: '@artifact/a' }
    expect(await copy(first, { from: '@repo/run.sh', to: '@artifact/a/b' })).toContain('a: not a directory')
    const directory = { from: '@repo/configs/sub', to: '@artifact/config.yaml' }
    expect(await copy(directory, { from: '@repo/config.*', to: '@artifact/' })).toContain('is a directory')
  })

  test('to merge what is no map', async () => {
    const first = { from: '@repo/config.yaml', to: '@artifact/v' }
    const second = { from: '@repo/list.yaml', to: '@artifact/v', strategy: 'Merge' } as const
    expect(await copy(first, second)).toContain('cannot unmarshal YAML document: it is not a map')
  })
})

const matches = (pattern: string, path: string): boolean | string => {
  try {
    return doubleStar(pattern)(path)
  } catch (error) {
    return errorChain(error)
  }
}

describe('doubleStar', () => {
  test.for([
    ['**', 'a/b', true],
    ['a/**', 'a', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/x/y/c', false],
    ['**/b/**', 'a/b/c', true],
    ['a**', 'ab/c', false],
    ['{a,b{c,d/e}}', 'bd/e', true],
    ['\\{a}', '{a}', 'syntax error in pattern'],
    ['a}', 'a}', 'syntax error in pattern'],
    ['{a,b', 'a', 'syntax error in pattern'],
    ['{a,b}'.repeat(11), 'a', 'syntax error in pattern'],
  ] as const)('%s on %s', ([pattern, path, want]) => {
    expect(matches(pattern, path)).toBe(want)
  })

  test('many stars take no exponential time', () => {
    expect(doubleStar(`${'**/a/'.repeat(30)}b`)(`${'a/'.repeat(500)}c`)).toBe(false)
  })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryFileTree } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { matchGlob } from './glob.ts'
import { ignoreFilter, sourceIgnoreFilter } from './source-ignore.ts'

describe('matchGlob', () => {
  test.for([
    ['*', '', true],
    ['*.txt', 'a.txt', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXbY', false],
    ['?', 'é', true],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['[\\]]', ']', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['[a', 'a', false],
    ['[]a]', 'a', false],
    ['[a-]', 'a', false],
    ['a\\', 'a', false],
    ['', '', true],
  ] as const)('%s on %j is %s', ([pattern, name, want]) => {
    expect(matchGlob(pattern, name)).toBe(want)
  })

  test('many stars take no exponential time', () => {
    expect(matchGlob(`${'*a'.repeat(50)}b`, 'a'.repeat(2000))).toBe(false)
  })
})

describe('default exclusions', () => {
  const tree = memoryFileTree([['a/b.yaml', '']])
  const isExcluded = sourceIgnoreFilter(tree, undefined)
  test.for([
    ['.git', true, true],
    ['.gitignore', false, true],
    ['sub/.gitmodules', false, true],
    ['img/a.png', false, true],
    ['x.tar.gz', false, true],
    ['.github', true, true],
    ['.github/workflows/x.yaml', false, true],
    ['deep/down/.sops.yaml', false, true],
    ['.goreleaser.yml', false, true],
    ['app/deploy.yaml', false, false],
    ['', true, false],
  ] as const)('%s', ([path, isDirectory, want]) => {
    expect(isExcluded(path, isDirectory)).toBe(want)
  })
})

describe('own patterns', () => {
  test('one of them anywhere replaces the defaults, except for version control', () => {
    const tree = memoryFileTree([
      ['sub/.sourceignore', '*.txt\n'],
      ['a.jpg', ''],
    ])
    const isExcluded = sourceIgnoreFilter(tree, undefined)
    const excluded = ['a.jpg', 'a.txt', 'sub/a.txt', 'sub/x/b.txt', '.gitignore'].filter((path) =>
      isExcluded(path, false),
    )
    expect(excluded).toEqual(['sub/a.txt', 'sub/x/b.txt', '.gitignore'])
  })

  test.for([
    ['/*\n!/deploy\n/deploy/**/*.txt', 'deploy/a.yaml', false],
    ['/*\n!/deploy\n/deploy/**/*.txt', 'deploy/x/b.txt', true],
    ['/*\n!/deploy\n/deploy/**/*.txt', 'README.md', true],
    // Unlike in Git, a file comes back although its directory stays excluded.
    ['/*\n!/deploy/a.yaml', 'deploy/a.yaml', false],
    ['# a comment\n\n  \n*.md', 'x/README.md', true],
    ['docs/', 'docs/a', true],
    ['docs/', 'docs', false],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/z', true],
    ['a/**', 'a/b/c', true],
    ['a/x**y', 'a/xy', false],
    ['trailing   ', 'trailing', true],
    ['crlf\r\nb', 'crlf', true],
    ['\\#hash', '#hash', true],
    ['!/.gitignore', '.gitignore', false],
    ['[', '[', false],
  ] as const)('%j on %s', ([ignore, path, want]) => {
    expect(ignoreFilter(ignore)(path, false)).toBe(want)
  })

  test('what both understand, Git judges the same', () => {
    const patterns = '*.log\n/build\n!keep.log\ndoc/*.txt\nfoo/**/bar\n**/tmp\nsecret?.[a-c]\n'
    const files = 'a.log x/a.log keep.log build x/build doc/a.txt doc/x/a.txt doc/a.md other'
    const deep = 'foo/bar foo/a/b/bar x/foo/bar tmp a/b/tmp secret1.a secret1.d'
    const paths = `${files} ${deep}`.split(' ')
    const directory = mkdtempSync(join(tmpdir(), 'ignore-'))
    execFileSync('git', ['init', '-q'], { cwd: directory })
    writeFileSync(join(directory, '.gitignore'), patterns)
    const options = { cwd: directory, input: paths.join('\n'), encoding: 'utf8' } as const
    const byGit = execFileSync('git', ['check-ignore', '--no-index', '--stdin'], options).trim().split('\n')
    rmSync(directory, { recursive: true })
    const isExcluded = ignoreFilter(patterns)
    expect(paths.filter((path) => isExcluded(path, false))).toEqual(byGit)
  })
})

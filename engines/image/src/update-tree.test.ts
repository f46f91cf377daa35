import { errorChain, type MemoryFile, memoryFileTree } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { updateTree } from './update-tree.ts'

const policies = [{ namespace: 'apps', name: 'web', image: { name: 'r.io/web', tag: 'v2' } }]
const m = '# {"$imagepolicy": "apps:web:tag"}'
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

type Files = readonly (readonly [path: string, file: MemoryFile])[]

/** New contents by path, with files that could not be updated as `!`. */
function update(files: Files, path?: string): Record<string, string> {
  const { files: changed, problemFiles } = updateTree(memoryFileTree(files), policies, {
    path,
    maxFileBytes: 4096,
  })
  return Object.fromEntries([
    ...[...changed].map(([name, content]) => [name, decoder.decode(content)] as const),
    ...problemFiles.map((name) => [name, '!'] as const),
  ])
}

describe('a file of a hostile repository', () => {
  test.each<[name: string, text: string, want: string | undefined]>([
    ['has its marker beside an anchor', `a: &x v1 ${m}\nb: *x\n`, `a: &x v2 ${m}\nb: *x\n`],
    ['has its marker beside an alias', `a: &x v1\nb: *x ${m}\n`, undefined],
    ['has its marker beside a merge key', `a: &x {t: v1}\nb:\n  <<: *x ${m}\n`, undefined],
    [
      'has several documents',
      `a: v1 ${m}\n---\n# none\n---\nb: v1 ${m}\n`,
      `a: v2 ${m}\n---\n# none\n---\nb: v2 ${m}\n`,
    ],
    ['ends its lines with CR LF', `a: v1 ${m}\r\nb: 1\r\n`, `a: v2 ${m}\r\nb: 1\r\n`],
    ['begins with a byte order mark', `\ufeffa: v1 ${m}\n`, `\ufeffa: v2 ${m}\n`],
    ['has Windows paths', `p: C:\\x\\y:1 ${m}\n`, `p: v2 ${m}\n`],
    ['has its marker in a block text', `a: |\n  t: v1 ${m}\n`, undefined],
    ['has its marker on a block text', `a: | ${m}\n  v1\n`, undefined],
    ['has its marker on a key without a value', `a: ${m}\n  b: 1\n`, undefined],
    ['has a value twice', `a: v1 ${m}\na: v1 ${m}\n`, `a: v2 ${m}\na: v2 ${m}\n`],
    ['is no YAML', `a: [v1 ${m}\n`, '!'],
    ['is broken in its second document', `a: v1 ${m}\n---\nb: [\n`, '!'],
    ['is a list', `- v1 ${m}\n`, '!'],
    ['is a template', `image: {{ .x }}:{{ .y }} ${m}\n{{- end }}\n`, '!'],
    ['is nested too deep', `a: v1 ${m}\nb: ${'['.repeat(1500)}${']'.repeat(1500)}\n`, '!'],
    ['is too large', `a: v1 ${m}\nb: ${'x'.repeat(5000)}\n`, '!'],
    ['has a tab where none may be', `a:\n\tb: v1 ${m}\n`, '!'],
    ['has a control character', `a: v1 ${m}\nb: \u0001\n`, '!'],
    ['names a policy that there is not', 'a: v1 # {"$imagepolicy": "apps:other"}\n', undefined],
    ['has a marker that is no JSON', 'a: v1 # {"$imagepolicy": "apps:web"\n', undefined],
    ['names __proto__', 'a: v1 # {"$imagepolicy": "__proto__"}\n', undefined],
  ])('%s', (_name, text, want) => {
    expect(update([['f.yaml', text]])).toEqual(want === undefined ? {} : { 'f.yaml': want })
  })

  test('is left alone when it is not UTF-8', () => {
    const content = Uint8Array.from([...new TextEncoder().encode(`a: v1 ${m}\nb: `), 0xff])
    expect(update([['f.yaml', content]])).toEqual({ 'f.yaml': '!' })
  })
})

describe('a directory', () => {
  const file = `a: v1 ${m}\n`
  const changed = `a: v2 ${m}\n`

  test.each<[path: string | undefined, want: readonly string[]]>([
    [undefined, ['apps/a.yaml', 'apps/b.yml', 'apps/deep/er/Kustomization', 'top.yaml']],
    ['./apps/', ['apps/a.yaml', 'apps/b.yml', 'apps/deep/er/Kustomization']],
    ['apps/a.yaml', ['apps/a.yaml']],
    ['apps/x.json', []],
    ['link', ['apps/deep/er/Kustomization']],
    ['apps/../../../apps/deep', ['apps/deep/er/Kustomization']],
    ['absolute', ['apps/a.yaml', 'apps/b.yml', 'apps/deep/er/Kustomization']],
  ])('%s is searched, and links in it are not followed', (path, want) => {
    const files = update(
      [
        ['apps/a.yaml', file],
        ['apps/b.yml', file],
        ['apps/c.yaml', 'plain: 1'],
        ['apps/deep/er/Kustomization', file],
        ['apps/link.yaml', { link: 'a.yaml' }],
        ['apps/outside.yaml', { link: '../../../etc/passwd' }],
        ['apps/up', { link: '..' }],
        ['apps/x.json', file],
        ['link', { link: 'apps/../apps/deep' }],
        ['absolute', { link: '/apps' }],
        ['top.yaml', file],
      ],
      path,
    )
    expect(files).toEqual(Object.fromEntries(want.map((name) => [name, changed])))
  })

  test.each([
    ['zzz', 'walking path for files: lstat zzz: no such file or directory'],
    ['a/zzz', 'walking path for files: lstat a/zzz: no such file or directory'],
    ['out', 'walking path for files: lstat etc/passwd: no such file or directory'],
    ['loop', 'failed to secure join manifest path: too many links'],
  ])('%s is missed', (path, message) => {
    const files: Files = [
      ['a/f.yaml', file],
      ['out', { link: '../../etc/passwd' }],
      ['loop', { link: 'loop' }],
    ]
    let told = ''
    try {
      update(files, path)
    } catch (error) {
      told = errorChain(error)
    }
    expect(told).toBe(message)
  })

  test('names changed files as seen from it, in the order of a walk', () => {
    const tree = memoryFileTree([
      ['apps/b.yaml', file],
      ['apps/a/z.yaml', file],
      ['apps/a.yaml', file],
    ])
    const names = (path: string): readonly string[] =>
      updateTree(tree, policies, { path }).changes.map((it) => it.file)
    expect(names('apps')).toEqual(['a/z.yaml', 'a.yaml', 'b.yaml'])
    expect(names('apps/b.yaml')).toEqual(['b.yaml'])
  })
})

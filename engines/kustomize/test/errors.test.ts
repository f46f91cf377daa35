import { errorChain, memoryFileTree } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { build } from '../src/index.ts'
import { buildText, deployment, treeOf } from './trees.ts'

function failure(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return errorChain(error)
  }
  return 'nothing failed'
}

describe('errors name what is wrong', () => {
  test.for([
    ['a file that is missing', 'resources: [nope.yaml]', ['nope.yaml']],
    ['an unknown field', 'resource: [a.yaml]', ['unknown field "resource"']],
    [
      'a wrong type',
      'namePrefix: 1',
      ['cannot unmarshal number into Go struct field Kustomization.namePrefix of type string'],
    ],
    ['a wrong type within', 'images: [{name: x, newTag: 1}]', ['Image.images.newTag']],
    ['YAML 1.1 in a string', 'resources: [y]', ['cannot unmarshal bool', 'Kustomization.resources']],
    ['a patch without target', 'patches: [{path: d.yaml}]', ['Deployment.v1.apps/web']],
    [
      'a bad selector',
      'resources: [d.yaml]\npatches: [{target: {kind: "("}, patch: "- {op: remove, path: /spec}"}]',
      ['^(?:()$'],
    ],
    [
      'a JSON patch that does not apply',
      'resources: [d.yaml]\npatches: [{target: {kind: Deployment}, patch: "- {op: remove, path: /nope}"}]',
      ["error in remove for path: '/nope': Unable to remove nonexistent key: nope: missing value"],
    ],
    [
      'a replacement without source',
      'resources: [d.yaml]\nreplacements: [{source: {kind: Secret}, targets: [{select: {kind: Deployment}}]}]',
      ['Secret'],
    ],
    [
      'a literal without value',
      'configMapGenerator: [{name: c, literals: [x]}]',
      ['invalid literal source x'],
    ],
    [
      'a plugin that runs code',
      'transformers: ["{apiVersion: example.com/v1, kind: Mine, metadata: {name: a}}"]',
      ['external plugins disabled', 'Mine'],
    ],
    [
      'a remote resource',
      'resources: ["github.com/org/repo//path?ref=v1"]',
      ['remote resources are not allowed', 'github.com/org/repo'],
    ],
    ['a resource twice', 'resources: [d.yaml, e.yaml]', ['e.yaml', 'already registered id', 'web']],
    ['a sort order', 'sortOptions: {order: up}\nresources: [d.yaml]', ['sortOptions.order']],
    ['an empty kustomization', 'kind: Kustomization', ['is empty']],
  ] as const)('%s', ([, fields, wanted]) => {
    const tree = `>>> kustomization.yaml\n${fields}\n>>> d.yaml\n${deployment}\n>>> e.yaml\n${deployment}`
    const message = failure(() => buildText(tree))
    for (const it of wanted) expect(message).toContain(it)
  })

  test('a resource that is none', () => {
    const message = failure(() =>
      buildText('>>> kustomization.yaml\nresources: [a.yaml]\n>>> a.yaml\nkind: X\n'),
    )
    expect(message).toContain('a.yaml')
    expect(message).toContain('missing metadata.name')
  })

  test('what cannot be printed', () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {1: a}\n'
    const message = failure(() =>
      buildText(`>>> kustomization.yaml\nresources: [a.yaml]\n>>> a.yaml\n${text}`),
    )
    expect(message).toContain(
      'map[string]interface {}{"apiVersion":"v1", "data":map[interface {}]interface {}{1:"a"}',
    )
    expect(message).toContain(': json: unsupported type: map[interface {}]interface {}')
  })
})

describe('hostile trees end in clear errors', () => {
  test('links out of the tree, and in circles', () => {
    const files = [
      ['kustomization.yaml', 'resources: [a.yaml]'],
      ['loop/kustomization.yaml', 'resources: [l1.yaml]'],
      ['loop/l1.yaml', { link: 'l2.yaml' }],
      ['loop/l2.yaml', { link: 'l1.yaml' }],
      ['a.yaml', { link: '../../etc/passwd' }],
    ] as const
    const tree = memoryFileTree(files)
    expect(failure(() => build(tree, '.'))).toContain("file 'a.yaml' is not in or below '.'")
    expect(failure(() => build(tree, 'loop'))).toContain('too many links')
  })

  test('files beyond the kustomization, unless allowed', () => {
    const tree = treeOf(`>>> a/kustomization.yaml\nresources: [../d.yaml]\n>>> d.yaml\n${deployment}`)
    expect(failure(() => build(tree, 'a'))).toContain('is not in or below')
    expect(build(tree, 'a', { loadRestrictor: 'none' }).resources).toHaveLength(1)
  })

  test('cycles and bases nested too deep', () => {
    expect(
      failure(() =>
        build(
          treeOf(
            '>>> a/kustomization.yaml\nresources: [../b]\n>>> b/kustomization.yaml\nresources: [../a]\n',
          ),
          'a',
        ),
      ),
    ).toContain('cycle detected')
    const deep = Array.from(
      { length: 400 },
      (_, i) => `>>> d${i}/kustomization.yaml\nresources: [../d${i + 1}]\n`,
    )
    expect(failure(() => build(treeOf(deep.join('')), 'd0'))).toContain('nested deeper')
    const hundred = deep.slice(0, 100).join('')
    const tree = treeOf(
      `${hundred}>>> d100/kustomization.yaml\nresources: [d.yaml]\n>>> d100/d.yaml\n${deployment}`,
    )
    expect(build(tree, 'd0').resources).toHaveLength(1)
  })

  test('bases that double at each level', () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `>>> d${i}/kustomization.yaml\nresources: [../d${i + 1}, ../d${i + 1}/.]\n`,
    )
    const tree = treeOf(`${levels.join('')}>>> d30/kustomization.yaml\nnamePrefix: a\n`)
    expect(failure(() => build(tree, 'd0'))).toContain('more than 10000 kustomizations')
  })

  test('large files', () => {
    const tree = treeOf(`>>> kustomization.yaml\nresources: [d.yaml]\n>>> d.yaml\n${deployment}`)
    expect(failure(() => build(tree, '.', { maxFileBytes: 100 }))).toContain("file 'd.yaml' has")
  })

  test('alias bombs', () => {
    const bomb = Array.from({ length: 10 }, (_, i) => {
      const items = Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(', ')
      return `  a${i}: &a${i} [${items}]\n`
    }).join('')
    const tree = treeOf(
      `>>> kustomization.yaml\nresources: [b.yaml]\n>>> b.yaml\napiVersion: v1\nkind: X\nmetadata: {name: a}\nspec:\n${bomb}`,
    )
    expect(failure(() => build(tree, '.'))).toContain('aliases expand to too many nodes')
  })

  test('patterns that would backtrack match in linear time', () => {
    const fields = `resources: [c.yaml]\nimages: [{name: "(a+)+", newTag: b}]\nreplacements: [{source: {kind: ConfigMap, name: c, fieldPath: metadata.name}, targets: [{select: {kind: "(C+)+x"}, fieldPaths: ["data.[(a+)+b=x]"]}]}]`
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ncontainers: [{image: ${'a'.repeat(50_000)}!}]\n`
    expect(buildText(`>>> kustomization.yaml\n${fields}\n>>> c.yaml\n${text}`)).toContain('kind: ConfigMap')
  })
})

describe('messages that Flux shows', () => {
  test.each([
    {
      text: '>>> kustomization.yaml\nresources: [nope.yaml]\n',
      message:
        "accumulating resources: accumulation err='accumulating resources from 'nope.yaml': open nope.yaml: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on 'nope.yaml' : lstat nope.yaml: no such file or directory",
    },
    {
      text: '>>> kustomization.yaml\nresources: [a.yaml]\n>>> a.yaml\nkind: ConfigMap\napiVersion: v1\n',
      message: "must build at directory: 'a.yaml': file is not directory",
    },
    {
      text: '>>> kustomization.yaml\ncomponents: [nope]\n',
      message:
        'accumulating components: loader.New "must build at directory: not a valid directory: evalsymlink failure on \'nope\' : lstat nope: no such file or directory"',
    },
    {
      text: '>>> kustomization.yaml\ncomponents: [sub]\n>>> sub/kustomization.yaml\nnamePrefix: a-\n',
      message:
        "accumulating components: accumulateDirectory: \"expected kind 'Component' for path 'sub' but got 'Kustomization'\"",
    },
    {
      text: '>>> kustomization.yaml\nresources: [sub]\n>>> sub/kustomization.yaml\nresources: [b.yaml]\n>>> sub/b.yaml\n{a: [}\n',
      message:
        "accumulating resources: accumulation err='accumulating resources from 'sub': read sub: is a directory': recursed accumulation of path 'sub': accumulating resources: accumulating resources from 'b.yaml': MalformedYAMLError: yaml: did not find expected node content in File: b.yaml",
    },
    {
      text: '>>> kustomization.yaml\nresources: [../../etc]\n',
      message:
        "accumulating resources from '../../etc': fs-security-constraint read ../../etc: path '../../etc' is not in or below '.'",
    },
    {
      text: '>>> kustomization.yaml\npatches: [{path: p.yaml, options: {allowNameChange: true}}]\n',
      message:
        'trouble configuring builtin PatchTransformer with config: `\noptions:\n  allowNameChange: true\npath: p.yaml\n`: failed to get the patch file from path(p.yaml): open p.yaml: no such file or directory',
    },
    {
      text: '>>> kustomization.yaml\nconfigMapGenerator: [{name: 1}]\n',
      message:
        'invalid Kustomization: json: cannot unmarshal number into Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.name of type string',
    },
  ])('$message', ({ text, message }) => {
    expect(failure(() => build(treeOf(text), '.', { loadRestrictor: 'none' }))).toContain(message)
  })
})

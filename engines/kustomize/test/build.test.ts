import { describe, expect, test } from 'vitest'
import { build, printResources } from '../src/index.ts'
import { buildText, deployment, treeOf } from './trees.ts'

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: "1"\n'

/** A kustomization with `fields` over one ConfigMap and one Deployment. */
function withFields(fields: string): string {
  return `>>> kustomization.yaml
resources: [d.yaml, c.yaml]
${fields}
>>> d.yaml
${deployment}
>>> c.yaml
${configMap}`
}

describe('build', () => {
  test('orders by kinds, sorts keys and separates documents', () => {
    expect(buildText(withFields(''))).toBe(
      `${configMap.replace('kind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: "1"\n', '')}data:\n  a: "1"\nkind: ConfigMap\nmetadata:\n  name: settings\n---\n${deployment.replace(
        '      - name: web\n        image: nginx:1.25\n        envFrom:\n        - configMapRef:\n            name: settings\n',
        '      - envFrom:\n        - configMapRef:\n            name: settings\n        image: nginx:1.25\n        name: web\n',
      )}`,
    )
  })

  test.for([
    [
      'namePrefix',
      'namePrefix: p-',
      ['name: p-web', 'name: p-settings', 'configMapRef:\n            name: p-settings'],
    ],
    ['nameSuffix', 'nameSuffix: -s', ['name: web-s', 'configMapRef:\n            name: settings-s']],
    [
      'namespace',
      'namespace: shop',
      ['  name: web\n  namespace: shop', '  name: settings\n  namespace: shop'],
    ],
    [
      'commonLabels',
      'commonLabels: {team: a}',
      ['matchLabels:\n      app: web\n      team: a', 'labels:\n        app: web\n        team: a'],
    ],
    [
      'labels without selectors',
      'labels: [{pairs: {team: a}}]',
      ['metadata:\n  labels:\n    team: a\n  name: web', 'matchLabels:\n      app: web\n  template'],
    ],
    ['commonAnnotations', 'commonAnnotations: {note: "1"}', ['annotations:\n        note: "1"']],
    ['images', 'images: [{name: nginx, newName: r.io/nginx, newTag: "2"}]', ['image: r.io/nginx:2']],
    ['digests', 'images: [{name: nginx, digest: "sha256:abc"}]', ['image: nginx@sha256:abc']],
    ['replicas', 'replicas: [{name: web, count: 3}]', ['replicas: 3']],
    [
      'strategic merge patches',
      'patches: [{patch: "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{name: web, env: [{name: A, value: b}]}, {name: side, image: s}]}}}}"}]',
      ['env:\n        - name: A\n          value: b', 'image: s\n        name: side'],
    ],
    [
      'JSON patches',
      `patches: [{target: {kind: Dep.*}, patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]'}]`,
      ['annotations:\n    a: b\n  name: web'],
    ],
    [
      'replacements',
      'replacements: [{source: {kind: ConfigMap, fieldPath: data.a}, targets: [{select: {kind: Deployment}, fieldPaths: ["spec.template.spec.containers.[name=web].image"], options: {delimiter: ":", index: 1}}]}]',
      ['image: nginx:1\n'],
    ],
    [
      'variables',
      'vars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: settings}}]\npatches: [{target: {kind: Deployment}, patch: "- {op: add, path: /spec/template/spec/containers/0/args, value: [$(V)]}"}]',
      ['args:\n        - settings'],
    ],
    [
      'transformers in line',
      'transformers: ["{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: x}, prefix: t-, fieldSpecs: [{path: metadata/name}]}"]',
      ['name: t-web', 'name: t-settings'],
    ],
    ['sort options', 'sortOptions: {order: fifo}', ['kind: Deployment']],
    [
      'origin annotations',
      'buildMetadata: [originAnnotations]',
      ['config.kubernetes.io/origin: |\n      path: d.yaml\n'],
    ],
    ['managed-by label', 'buildMetadata: [managedByLabel]', ['app.kubernetes.io/managed-by: kustomize-']],
  ] as const)('%s', ([, fields, wanted]) => {
    const text = buildText(withFields(fields))
    for (const it of wanted) expect(text).toContain(it)
  })

  test('generators hash their content into names and references', () => {
    const text = buildText(`>>> kustomization.yaml
resources: [d.yaml]
configMapGenerator: [{name: settings, literals: [LEVEL=info], files: [conf/a.txt, b=conf/a.txt], envs: [x.env]}]
secretGenerator: [{name: keys, literals: [k=v], type: t}]
generatorOptions: {labels: {g: h}}
>>> d.yaml
${deployment}
>>> conf/a.txt
line one
line two
>>> x.env
# comment
A=b
`)
    const name = /name: (settings-[a-z0-9]{10})\n/.exec(text)?.[1]
    expect(name).toBeDefined()
    expect(text).toContain(`configMapRef:\n            name: ${name}\n`)
    expect(text).toContain('  A: b\n  LEVEL: info\n  a.txt: |\n    line one\n    line two\n  b: |\n')
    expect(text).toContain('data:\n  k: dg==\nkind: Secret')
    expect(text).toContain('labels:\n    g: h\n')
  })

  test('overlays merge what bases generate', () => {
    const text = buildText(
      `>>> o/kustomization.yaml
resources: [../b]
configMapGenerator: [{name: c, behavior: merge, literals: [b=2]}]
>>> b/kustomization.yaml
configMapGenerator: [{name: c, literals: [a=1], options: {disableNameSuffixHash: true}}]
`,
      'o',
    )
    expect(text).toBe('apiVersion: v1\ndata:\n  a: "1"\n  b: "2"\nkind: ConfigMap\nmetadata:\n  name: c\n')
  })

  test('components change what the kustomization has gathered', () => {
    const text = buildText(
      `>>> o/kustomization.yaml
resources: [c.yaml]
components: [../k]
>>> o/c.yaml
${configMap}
>>> k/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
namePrefix: k-
`,
      'o',
    )
    expect(text).toContain('name: k-settings')
  })

  test('results are trees, YAML and plain objects', () => {
    const { resources, warnings } = build(treeOf(withFields('commonLabels: {a: b}')), '.')
    const [first] = resources
    expect(first).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace: '' })
    expect(first?.toObject()).toEqual({
      apiVersion: 'v1',
      data: { a: '1' },
      kind: 'ConfigMap',
      metadata: { labels: { a: 'b' }, name: 'settings' },
    })
    expect(warnings).toEqual([expect.stringContaining("'commonLabels' is deprecated")])
  })

  test('what is built is built to itself', () => {
    const built = buildText(withFields('namePrefix: p-\ncommonLabels: {a: b}\nnamespace: shop'))
    const again = buildText(`>>> kustomization.yaml\nresources: [all.yaml]\n>>> all.yaml\n${built}`)
    expect(again).toBe(built)
  })

  test('lists are taken apart', () => {
    const text = buildText(`>>> kustomization.yaml
resources: [l.yaml]
>>> l.yaml
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
`)
    expect(text.split('---\n')).toHaveLength(2)
  })

  test('remote files come from the port', () => {
    const tree = treeOf('>>> kustomization.yaml\nresources: ["https://example.com/c.yaml"]\n')
    const remote = {
      file: () => new TextEncoder().encode(configMap),
      repository: () => ({ tree, path: '' }),
    }
    expect(printResources(build(tree, '.', { remote }).resources)).toContain('name: settings')
    expect(() => build(tree, '.')).toThrow('accumulating resources')
  })

  test('charts come from the port', () => {
    const tree = treeOf(
      '>>> kustomization.yaml\nhelmCharts: [{name: c, valuesInline: {a: 1}}]\nnamespace: shop\n',
    )
    const inflater = {
      defaultValues: () => 'a: 0\nb: 2\n',
      inflate: ({ values }: { values: readonly string[] }) =>
        configMap.replace('a: "1"', `v: ${JSON.stringify(values[0])}`),
    }
    expect(printResources(build(tree, '.', { inflater }).resources)).toContain('v: |\n    a: 1\n    b: 2\n')
    expect(() => build(tree, '.')).toThrow('valuesInline:\n  a: 1\n')
  })
})

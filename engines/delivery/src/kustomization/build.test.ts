import { errorChain, memoryFileTree } from '@sluice/ports'
import type { KustomizationSpec } from '@sluice/toolkit'
import { describe, expect, test } from 'vitest'
import { buildKustomization, type KustomizationInput } from './build.ts'

const base: KustomizationSpec = {
  interval: '1m',
  prune: true,
  sourceRef: { kind: 'GitRepository', name: 'app' },
}

function configMap(name: string, data: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  v: ${data}\n`
}

const files = new Map([
  ['app/b.yaml', configMap('b', 'one')],
  ['app/a.yml', configMap('a', 'two')],
  ['app/notes.txt', 'no manifest'],
  ['app/sub/c.yaml', configMap('c', '"${color:=red} ${shape}"')],
  ['app/own/kustomization.yaml', 'namePrefix: own-\nresources: [d.yaml]\n'],
  ['app/own/d.yaml', configMap('d', 'three')],
  ['set/kustomization.yml', 'images:\n- {name: web, newTag: "1"}\nresources: [deploy.yaml]\n'],
  [
    'set/deploy.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: c, image: web}]}}}\n',
  ],
  ['gen/kustomization.yaml', 'configMapGenerator:\n- {name: g, literals: [k=v]}\n'],
  [
    'part/kustomization.yaml',
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -part\n',
  ],
  ['empty/readme.md', ''],
])

function build(
  directory: string,
  spec: Partial<KustomizationSpec> = {},
  more: Partial<KustomizationInput> = {},
) {
  const tree = memoryFileTree(files)
  const { objects, yaml } = buildKustomization({ tree, directory, spec: { ...base, ...spec }, ...more })
  return { names: objects.map(({ metadata }) => metadata.name), objects, yaml }
}

function given(entries: readonly (readonly [string, string])[]): Pick<KustomizationInput, 'variables'> {
  return { variables: () => new Map(entries) }
}

function unreadable(): never {
  throw new Error('no such secret')
}

function failure(work: () => unknown): string {
  try {
    work()
    return 'nothing failed'
  } catch (error) {
    const messages: string[] = []
    for (let at: unknown = error; at instanceof Error; at = at.cause) messages.push(at.message)
    return messages.join(': ')
  }
}

describe('a directory without kustomization', () => {
  test('has all manifests below it, each kustomization in its own way', () => {
    expect(build('app').names).toEqual(['a', 'b', 'own-d', 'c'])
  })

  test('may be empty', () => {
    expect(build('empty').names).toEqual([])
  })

  test('takes names, namespace, components and patches from the specification', () => {
    const { objects } = build('app', {
      namePrefix: 'p-',
      nameSuffix: '-s',
      targetNamespace: 'team',
      components: ['../part'],
      patches: [{ patch: '- {op: replace, path: /data/v, value: patched}', target: { name: 'a' } }],
    })
    expect(objects[0]).toMatchObject({
      metadata: { name: 'p-a-part-s', namespace: 'team' },
      data: { v: 'patched' },
    })
  })
})

describe('a kustomization', () => {
  test('has its images overridden by name, others added', () => {
    const { yaml } = build('set', { images: [{ name: 'web', newName: 'example.com/web', newTag: '2' }] })
    expect(yaml).toContain('image: example.com/web:2')
  })

  test('with generators alone tells where its objects come from, as Flux has it', () => {
    expect(build('gen').yaml).toContain('config.kubernetes.io/origin')
  })

  test.for(['/abs', 'https://example.com/x', 'github.com:org/repo'])(
    'refuses the component %s',
    (component) => {
      expect(failure(() => build('app', { components: [component] }))).toBe(
        `component path '${component}' must be local and relative`,
      )
    },
  )

  test('fails without a component, unless that is to be ignored', () => {
    expect(failure(() => build('app', { components: ['absent'] }))).toMatch(/^kustomize build failed: /)
    expect(build('app', { components: ['absent'], ignoreMissingComponents: true }).names).toHaveLength(4)
  })
})

describe('variables', () => {
  const postBuild = { substitute: {} }

  test('are replaced, and values read again', () => {
    const { objects } = build('app', { postBuild }, given([['shape', 'round']]))
    expect(objects.at(-1)).toMatchObject({ data: { v: 'red round' } })
  })

  test('are left alone when there are none, unless always asked for', () => {
    expect(build('app', { postBuild }).objects.at(-1)).toMatchObject({
      data: { v: '${color:=red} ${shape}' },
    })
    expect(failure(() => build('app', { postBuild: { substituteStrategy: 'Always' } }))).toBe(
      'post build failed for \'ConfigMap.v1.[noGrp]/c\': envsubst error: variable substitution failed: variable not set (strict mode): "shape"',
    )
  })

  test.for([
    [
      [['a-b', 'x']],
      "envsubst error: 'a-b' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'",
    ],
    [[['x', 'y']], 'envsubst error: variable substitution failed: variable not set (strict mode): "shape"'],
  ] as const)('%j: %s', ([entries, want]) => {
    expect(failure(() => build('app', { postBuild }, given(entries)))).toContain(want)
  })

  test('that cannot be read fail the first object that would need them', () => {
    expect(failure(() => build('app', { postBuild }, { variables: unreadable }))).toBe(
      "post build failed for 'ConfigMap.v1.[noGrp]/a': no such secret",
    )
  })
})

test('errors call files by the place that is given, and name the manifest that a listed directory cannot be built of', () => {
  const tree = memoryFileTree([
    ['bad/a.yaml', 'a: [b'],
    ['lost/kustomization.yaml', 'resources: [missing.yaml]'],
  ])
  const refusalIn = (directory: string): string => {
    try {
      buildKustomization({ tree, directory, spec: base, place: '/srv' })
    } catch (error) {
      return errorChain(error)
    }
    return ''
  }
  expect(refusalIn('bad')).toContain('failed to decode Kubernetes YAML from /srv/bad/a.yaml: ')
  expect(refusalIn('lost')).toContain('open /srv/lost/missing.yaml: no such file or directory')
})

function builtOf(texts: readonly (readonly [string, string])[]) {
  return buildKustomization({ tree: memoryFileTree(texts), directory: 'd', spec: base, place: '/srv' })
}

describe('as Flux does it', () => {
  const configMapText = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'

  test('of a kustomization what kustomize knows counts, numbers as texts where texts are wanted', () => {
    const { objects } = builtOf([
      ['d/kustomization.yaml', 'resources: [a.yaml]\nnamespace: 5\nunknown: 1\n'],
      ['d/a.yaml', configMapText],
    ])
    expect(objects[0]?.metadata.namespace).toBe('5')
  })

  test('what has no text for a name is left out, and so is configuration of kustomize', () => {
    const result = builtOf([
      ['d/a.yaml', configMapText],
      ['d/b.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 5}\n'],
      ['d/c.yaml', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: k}\n'],
    ])
    expect(result.objects.map(({ metadata }) => metadata.name)).toEqual(['a'])
    expect(result.files).toHaveLength(1)
  })

  test.for([
    ['resources: {a: b}', 'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into'],
    ['a: b: c', 'error converting YAML to JSON: yaml: mapping values are not allowed in this context'],
    ['resources: [nope.yaml]', 'kustomize build failed: accumulating resources: '],
    ['resources: [x.yaml]', `Object 'Kind' is missing in '{"apiVersion":"a/b/c","kind":"X",`],
    ['resources: [y.yaml]', 'failed to decode Kubernetes apiVersion, kind and name from: {"kind":"X",'],
    ['resources: [z.yaml]', 'kustomize build failed: map[string]interface {}{"apiVersion":"v1",'],
    [
      'resources: [twice.yaml]',
      'map[string]interface {}(nil): yaml: unmarshal errors:\n  line 5: mapping key "data"',
    ],
  ] as const)('%s: %s', ([kustomization, message]) => {
    const texts = [
      ['d/kustomization.yaml', kustomization],
      ['d/x.yaml', 'apiVersion: a/b/c\nkind: X\nmetadata: {name: a}\n'],
      ['d/y.yaml', 'kind: X\nmetadata: {name: a}\n'],
      ['d/z.yaml', `${configMapText}data: {a: .inf}\n`],
      ['d/twice.yaml', `${configMapText}data: {a: b}\ndata: {c: d}\n`],
    ] as const
    let told = ''
    try {
      builtOf(texts)
    } catch (error) {
      told = errorChain(error)
    }
    expect(told).toContain(message)
  })
})

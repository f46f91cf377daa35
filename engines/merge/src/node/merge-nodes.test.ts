import { parseDocument, printTree, type YamlNode } from '@sluice/yaml'
import { describe, expect, test } from 'vitest'
import { mergeNodes } from './merge-nodes.ts'
import type { NodeSchema, NodeSchemas } from './schema.ts'

const containers: NodeSchema = {
  s: 'merge',
  k: ['name'],
  i: { p: { ports: { s: 'merge', k: ['containerPort', 'protocol'], i: {} }, args: {} } },
}
const schema: NodeSchema = { p: { containers, finalizers: { s: 'merge' }, plain: {} } }
const schemas: NodeSchemas = {
  definition: () => undefined,
  kind: (apiVersion, kind) => (apiVersion === 'v1' && kind === 'Thing' ? schema : undefined),
}

function node(text: string): YamlNode | undefined {
  return parseDocument(text)?.content[0]
}

function merge(target: string, patch: string, newItems: 'first' | 'last' = 'first'): string {
  const head = 'apiVersion: v1\nkind: Thing\n'
  const merged = mergeNodes(node(head + target), node(head + patch), { schemas, newItems })
  return merged ? printTree(merged).replace(head, '') : '-'
}

describe('mergeNodes', () => {
  test.for([
    ['fields are set and added', 'a: 1\nb: 2\n', 'b: 3\nc: 4\n', 'a: 1\nb: 3\nc: 4\n'],
    ['a null removes', 'a: 1\nb: {c: 1, d: 2}\n', 'a: null\nb: {c: null}\n', 'b: {d: 2}\n'],
    ['nulls of an added mapping are left out', 'a: 1\n', 'b: {c: 1, d: null}\n', 'a: 1\nb: {c: 1}\n'],
    ['a list without strategy is replaced', 'plain: [a, b]\n', 'plain: [c]\n', 'plain: [c]\n'],
    ['$patch: replace', 'm:\n  a: 1\n', 'm:\n  $patch: replace\n  b: 2\n', 'm:\n  b: 2\n'],
    ['$patch: delete of a field', 'm: {a: 1}\nn: 1\n', 'm: {$patch: delete}\n', 'n: 1\n'],
    ['$patch: delete of the whole', 'a: 1\n', '$patch: delete\n', '-'],
    ['the style of the old value stays', 'a: "1"\n', 'a: 2\n', 'a: "2"\n'],
    [
      'items of a list are found by their key, new ones come first',
      'containers:\n- name: a\n  x: 1\n- name: b\n',
      'containers:\n- name: a\n  y: 2\n- name: c\n',
      'containers:\n- name: a\n  x: 1\n  y: 2\n- name: c\n- name: b\n',
    ],
    [
      'an item is deleted',
      'containers:\n- name: a\n- name: b\n',
      'containers:\n- name: a\n  $patch: delete\n',
      'containers:\n- name: b\n',
    ],
    [
      'a list is replaced by a directive in an item of its own',
      'containers:\n- name: a\n- name: b\n',
      'containers:\n- $patch: replace\n- name: c\n',
      'containers:\n- name: c\n',
    ],
    [
      'ports are told apart by two keys',
      'containers:\n- name: a\n  ports:\n  - containerPort: 80\n    protocol: TCP\n  - containerPort: 80\n    protocol: UDP\n',
      'containers:\n- name: a\n  ports:\n  - containerPort: 80\n    protocol: UDP\n    name: dns\n',
      'containers:\n- name: a\n  ports:\n  - containerPort: 80\n    protocol: TCP\n  - containerPort: 80\n    protocol: UDP\n    name: dns\n',
    ],
    [
      'scalars of a merged list are united',
      'finalizers:\n- a\n- b\n',
      'finalizers:\n- b\n- c\n',
      'finalizers:\n- b\n- c\n- a\n',
    ],
    ['a null in the target stays when it is written out', 'a: null\nb:\n', 'c: 1\n', 'a: null\nc: 1\n'],
  ] as const)('%s', ([, target, patch, want]) => {
    expect(merge(target, patch)).toBe(want)
  })

  test('new items go last when asked for', () => {
    expect(merge('finalizers: [a]\n', 'finalizers: [b]\n', 'last')).toBe('finalizers: [a, b]\n')
  })

  test('a comment gives the schema of its field', () => {
    const comment =
      '# {"type":"array","x-kubernetes-patch-strategy":"merge","x-kubernetes-patch-merge-key":"id"}'
    const target = node(`items: ${comment}\n- id: a\n  x: 1\n`)
    const merged = mergeNodes(target, node('items:\n- id: a\n  y: 2\n'), { schemas })
    expect(merged && printTree(merged)).toContain('x: 1\n  y: 2')
  })

  test.for([
    ['a: {b: 1}\n', 'a: 1\n'],
    ['a: [1]\n', 'a: {b: 1}\n'],
  ] as const)('%j cannot be merged with %j', ([target, patch]) => {
    expect(() => merge(target, patch)).toThrow(expect.objectContaining({ code: 'MERGE_KIND_MISMATCH' }))
  })

  test('an unknown directive is refused', () => {
    expect(() => merge('a: 1\n', '$patch: shuffle\n')).toThrow(
      expect.objectContaining({ code: 'MERGE_DIRECTIVE' }),
    )
  })

  test('lists that are too long to be compared are refused', () => {
    const items = Array.from({ length: 11_000 }, (_, i) => `- name: c${i}\n`).join('')
    expect(() => merge(`containers:\n${items}`, 'containers:\n- name: x\n')).toThrow(
      expect.objectContaining({ code: 'MERGE_LIMIT' }),
    )
  })
})

import type { JsonObject, KubeObject, ManagedFieldsEntry } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { hasDrifted, respectIgnored } from './drift.ts'
import { pointerSegments, readPointer, withPointer } from './json-pointer.ts'
import { compareIds, stageOf } from './kind-order.ts'
import { isAppliedByOther, takeOverFields } from './managed-fields.ts'
import { matchesMetadata } from './metadata-match.ts'
import {
  formatInventoryId,
  formatObjectId,
  InventoryError,
  inventoryDifference,
  parseInventoryId,
} from './object-id.ts'

function object(apiVersion: string, kind: string, more: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'a' }, ...more }
}

describe('inventory ids', () => {
  test.for([
    ['g07_podinfo_apps_Deployment', { namespace: 'g07', name: 'podinfo', group: 'apps', kind: 'Deployment' }],
    ['g07_config__ConfigMap', { namespace: 'g07', name: 'config', group: '', kind: 'ConfigMap' }],
    ['_apps__Namespace', { namespace: '', name: 'apps', group: '', kind: 'Namespace' }],
    [
      '_system__node_rbac.authorization.k8s.io_ClusterRole',
      { namespace: '', name: 'system:node', group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
    ],
  ] as const)('%s is read and written', ([text, id]) => {
    expect(parseInventoryId(text)).toEqual(id)
    expect(formatInventoryId(id)).toBe(text)
  })

  test.for(['', 'x', 'a_b', 'a_b_c'])('%j is refused', (text) => {
    expect(() => parseInventoryId(text)).toThrow(InventoryError)
  })

  test('differ by id alone', () => {
    const before = [
      { id: 'a_x__Secret', v: 'v1' },
      { id: 'a_y__Secret', v: 'v1' },
    ]
    expect(inventoryDifference(before, [{ id: 'a_x__Secret', v: 'v2' }])).toEqual([
      { id: 'a_y__Secret', v: 'v1' },
    ])
  })

  test('are short in messages', () => {
    expect(formatObjectId({ namespace: '', name: 'x', group: '', kind: 'Namespace' })).toBe('Namespace/x')
  })
})

test('objects are applied in the order of their kinds, webhooks last', () => {
  const kinds = [
    'Widget',
    'ValidatingWebhookConfiguration',
    'Deployment',
    'Namespace',
    'CustomResourceDefinition',
    'Service',
  ]
  const ids = kinds.map((kind) => ({ namespace: '', name: 'x', group: '', kind }))
  expect(ids.toSorted(compareIds).map((it) => it.kind)).toEqual([
    'CustomResourceDefinition',
    'Namespace',
    'Service',
    'Deployment',
    'Widget',
    'ValidatingWebhookConfiguration',
  ])
})

test.for([
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'definitions'],
  ['v1', 'Namespace', 'definitions'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'definitions'],
  ['storage.k8s.io/v1', 'StorageClass', 'classes'],
  ['example.com/v1', 'Early', 'custom'],
  ['v1', 'Secret', 'rest'],
  ['example.com/v1', 'Namespace', 'rest'],
] as const)('%s %s belongs to the stage %s', ([apiVersion, kind, stage]) => {
  expect(stageOf(object(apiVersion, kind), new Set(['example.com/Early']))).toBe(stage)
})

test.for([
  [{ labels: { k: 'Disabled' } }, true],
  [{ annotations: { k: 'disabled' } }, true],
  [{ annotations: { k: 'no' } }, false],
  [{}, false],
] as const)('%j matches k=disabled: %s', ([metadata, want]) => {
  expect(matchesMetadata({ apiVersion: 'v1', kind: 'X', metadata }, { k: 'disabled' })).toBe(want)
})

describe('JSON pointers', () => {
  const value = { a: [{ 'b/c': 1 }, 2], d: null }
  test.for([
    ['/a/0/b~1c', 1],
    ['/a/1', 2],
    ['/a/01', undefined],
    ['/a/9', undefined],
    ['/d', null],
    ['/d/e', undefined],
    ['/__proto__', undefined],
  ] as const)('%s is %j', ([pointer, want]) => {
    expect(readPointer(value, pointerSegments(pointer))).toBe(want)
  })

  test.for([
    ['/a/0', undefined, { a: [2], d: null }],
    ['/a/1', 3, { a: [{ 'b/c': 1 }, 3], d: null }],
    ['/x/y', 1, value],
    ['/a/0/b~1c', undefined, { a: [{}, 2], d: null }],
  ] as const)('setting %s to %j', ([pointer, replacement, want]) => {
    expect(withPointer(value, pointerSegments(pointer), replacement)).toEqual(want)
  })
})

function entry(
  manager: string,
  operation: 'Apply' | 'Update',
  fieldsV1: JsonObject,
  subresource?: string,
): ManagedFieldsEntry {
  return { manager, operation, fieldsV1, ...(subresource !== undefined && { subresource }) }
}

function withFields(...managedFields: ManagedFieldsEntry[]): KubeObject {
  return { ...object('v1', 'X'), metadata: { managedFields } }
}

describe('managed fields', () => {
  const matches = [{ prefix: 'kubectl', operation: 'Update' as const }]
  test('of matching managers are merged into the own entry', () => {
    const live = withFields(
      entry('own', 'Apply', { 'f:a': {} }),
      entry('kubectl-edit', 'Update', { 'f:b': { 'f:c': {} } }),
      entry('kubectl', 'Update', { 'f:status': {} }, 'status'),
    )
    expect(takeOverFields(live, matches, 'own')).toEqual([
      entry('kubectl', 'Update', { 'f:status': {} }, 'status'),
      entry('own', 'Apply', { 'f:a': {}, 'f:b': { 'f:c': {} } }),
    ])
  })

  test('of a matching manager become the own entry where there is none', () => {
    const live = withFields(entry('kubectl-client-side-apply', 'Update', { 'f:b': {} }))
    expect(takeOverFields(live, matches, 'own')).toEqual([entry('own', 'Apply', { 'f:b': {} })])
  })

  test('of others are left alone', () => {
    expect(takeOverFields(withFields(entry('kubectl', 'Apply', {})), matches, 'own')).toBeUndefined()
  })

  test.for([
    ['/spec/replicas', true],
    ['/spec/containers/0/image', true],
    ['/spec/containers/1/image', false],
    ['/spec/paused', false],
  ] as const)('%s is applied by another: %s', ([pointer, want]) => {
    const live = {
      ...withFields(
        entry('own', 'Apply', { 'f:spec': { 'f:paused': {} } }),
        entry('hpa', 'Apply', {
          'f:spec': { 'f:replicas': {}, 'f:containers': { 'k:{"name":"a"}': { 'f:image': {} } } },
        }),
      ),
      spec: {
        replicas: 1,
        containers: [
          { name: 'a', image: 'x' },
          { name: 'b', image: 'y' },
        ],
      },
    }
    expect(isAppliedByOther(live, pointerSegments(pointer), 'own')).toBe(want)
  })

  test('ignored fields are left out or keep their live value', () => {
    const live = {
      ...withFields(entry('hpa', 'Apply', { 'f:spec': { 'f:replicas': {} } })),
      spec: { replicas: 5, paused: true },
    }
    const desired = { ...object('v1', 'X'), spec: { replicas: 1, paused: false } }
    const ignored = ['/spec/replicas', '/spec/paused']
    const wouldBe = { ...live, spec: { replicas: 1, paused: false } }
    expect(hasDrifted(live, wouldBe, ignored)).toBe(false)
    expect(respectIgnored(desired, { live, wouldBe, ignored, applier: 'own' })['spec']).toEqual({
      paused: true,
    })
  })
})

describe('drift', () => {
  const live = {
    ...object('v1', 'X'),
    metadata: { labels: { a: 'b' }, resourceVersion: '1' },
    spec: { x: 1 },
    status: 1,
  }
  test.for([
    ['nothing', live, false],
    [
      'resource version and status',
      { ...live, metadata: { ...live.metadata, resourceVersion: '2' }, status: 2 },
      false,
    ],
    ['a label', { ...live, metadata: { labels: { a: 'c' } } }, true],
    ['the content', { ...live, spec: { x: 2 } }, true],
  ] as const)('%s: %s', ([, wouldBe, want]) => {
    expect(hasDrifted(live, wouldBe as KubeObject, [])).toBe(want)
  })
})

import type { JsonValue } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import {
  applyDefaults,
  builtinDefinition,
  builtinDefinitionNames,
  builtinSchema,
  dropNulls,
  prune,
  structuralSchema,
} from '../index.ts'

const deployment = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' })!

describe('built-in schemas', () => {
  test('every definition can be read, down to its leaves', () => {
    for (const name of builtinDefinitionNames()) {
      const schema = builtinDefinition(name)!
      for (const property of schema.properties.values()) expect(property.field('x')?.type).not.toBe(null)
    }
    expect(builtinDefinitionNames().length).toBeGreaterThan(500)
  })

  test('merge keys, list types and references arrive', () => {
    const pod = deployment.properties.get('spec')!.properties.get('template')!.properties.get('spec')!
    const containers = pod.properties.get('containers')!
    expect(containers.listType).toBe('map')
    expect(containers.listMapKeys).toEqual(['name'])
    expect(containers.patchMergeKey).toBe('name')
    expect(containers.items!.definition).toBe('io.k8s.api.core.v1.Container')
    expect(containers.items!.properties.get('ports')!.listMapKeys).toEqual(['containerPort', 'protocol'])
  })

  test('other kinds are unknown', () => {
    expect(builtinSchema({ group: 'example.com', version: 'v1', kind: 'Thing' })).toBeUndefined()
  })
})

describe('prune', () => {
  test.for<[string, JsonValue, JsonValue, string[]]>([
    ['known fields stay', { spec: { replicas: 1 } }, { spec: { replicas: 1 } }, []],
    ['a field of a kind', { spec: { replica: 1 } }, { spec: {} }, ['spec.replica']],
    [
      'a field in a list',
      { spec: { template: { spec: { containers: [{ name: 'a', imagee: 'b' }] } } } },
      { spec: { template: { spec: { containers: [{ name: 'a' }] } } } },
      ['spec.template.spec.containers[0].imagee'],
    ],
    [
      'values of maps',
      { metadata: { labels: { any: 'x' }, foo: 1 } },
      { metadata: { labels: { any: 'x' } } },
      ['metadata.foo'],
    ],
  ])('%s', ([, value, want, unknown]) => {
    expect(prune(value, deployment, { isResource: true })).toEqual({ value: want, unknown })
  })

  test('keeps what a CRD preserves and reads embedded resources', () => {
    const schema = structuralSchema({
      type: 'object',
      properties: {
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { a: { type: 'object' } },
        },
        inner: { type: 'object', 'x-kubernetes-embedded-resource': true },
        any: { type: 'object', additionalProperties: true },
      },
    })
    const value = {
      apiVersion: 'v1',
      free: { a: { x: 1 }, b: { y: 1 } },
      inner: { kind: 'X', metadata: { name: 'a', foo: 1 }, spec: 1 },
      any: { x: { y: 1 } },
    }
    expect(prune(value, schema)).toEqual({
      value: {
        free: { a: {}, b: { y: 1 } },
        inner: { kind: 'X', metadata: { name: 'a' } },
        any: { x: { y: 1 } },
      },
      unknown: ['apiVersion', 'free.a.x', 'inner.metadata.foo', 'inner.spec'],
    })
  })

  test('returns the value itself when nothing is dropped', () => {
    const value = { spec: { replicas: 1 } }
    expect(prune(value, deployment, { isResource: true }).value).toBe(value)
  })
})

describe('applyDefaults', () => {
  const schema = structuralSchema({
    type: 'object',
    properties: {
      port: { type: 'integer', default: 80 },
      none: { type: 'string', nullable: true, default: 'x' },
      spec: { type: 'object', properties: { mode: { type: 'string', default: 'auto' } } },
      made: { type: 'object', default: {}, properties: { mode: { type: 'string', default: 'auto' } } },
      list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer', default: 1 } } } },
      map: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { n: { type: 'integer', default: 2 } } },
      },
    },
  })
  test.for<[JsonValue, JsonValue]>([
    [{}, { port: 80, none: 'x', made: { mode: 'auto' } }],
    [
      { port: null, none: null, spec: {}, made: { mode: 'm' } },
      { port: 80, none: null, spec: { mode: 'auto' }, made: { mode: 'm' } },
    ],
    [
      { port: 1, none: '', made: { mode: 'm' }, list: [{}, { n: 5 }], map: { a: {} } },
      { port: 1, none: '', made: { mode: 'm' }, list: [{ n: 1 }, { n: 5 }], map: { a: { n: 2 } } },
    ],
  ])('%j', ([value, want]) => {
    expect(applyDefaults(value, schema)).toEqual(want)
  })
})

test('dropNulls reads nulls as Go does', () => {
  const value = {
    metadata: { creationTimestamp: null, labels: { a: null } },
    spec: { template: { spec: { containers: [{ name: 'a', args: [null], command: null }] } } },
  }
  expect(dropNulls(value, deployment)).toEqual({
    metadata: { labels: { a: '' } },
    spec: { template: { spec: { containers: [{ name: 'a', args: [''] }] } } },
  })
})

import type { KubeObject } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { normalizeObject } from './normalize.ts'

const metadata = { name: 'x', namespace: 'apps' }

function deployment(container: object, template: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'x' } },
      template: {
        metadata: { labels: { app: 'x' } },
        spec: { containers: [{ name: 'a', ...container }] },
        ...template,
      },
    },
  }
}

describe('normalizeObject', () => {
  test('gives a Deployment the empty structs and protocols of its Go type', () => {
    const { spec } = normalizeObject(deployment({ image: 'i', ports: [{ containerPort: 80 }] }))
    expect(spec).toEqual({
      replicas: 0,
      selector: { matchLabels: { app: 'x' } },
      strategy: {},
      template: {
        metadata: { labels: { app: 'x' } },
        spec: {
          containers: [
            { name: 'a', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} },
          ],
        },
      },
    })
  })

  test('drops unknown fields, nulls, empty lists and maps, but no pointers to empty structs', () => {
    const { spec } = normalizeObject(
      deployment(
        { imagee: 'i', args: [], env: null },
        { spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: [] } },
      ),
    )
    expect(spec).toMatchObject({
      template: { spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: [] } },
    })
    expect(JSON.stringify(normalizeObject(deployment({ imagee: 'i', args: [], env: null })))).not.toMatch(
      /imagee|args|env/,
    )
  })

  test('leaves what does not fit its type to the server', () => {
    const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { n: 1 }, other: [] }
    expect(normalizeObject(object)).toEqual(object)
  })

  test('leaves Roles and kinds without a type alone', () => {
    for (const [apiVersion, kind] of [
      ['rbac.authorization.k8s.io/v1', 'Role'],
      ['example.com/v1', 'Widget'],
    ] as const) {
      const object: KubeObject = { apiVersion, kind, metadata, rules: [], unknown: null }
      expect(normalizeObject(object)).toEqual(object)
    }
  })

  test('drops the status and creation time, but not the status of a CRD', () => {
    const object = { apiVersion: 'example.com/v1', kind: 'Widget', status: { a: 1 } }
    expect(normalizeObject({ ...object, metadata: { ...metadata, creationTimestamp: null } })).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata,
    })
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata,
      status: {},
    }
    expect(normalizeObject(crd)).toEqual(crd)
  })

  test('puts stringData of a Secret into data, over what is there', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data: { a: 'eA==' },
      stringData: { a: 'ü', b: '' },
    }
    expect(normalizeObject(secret)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data: { a: 'w7w=', b: '' },
    })
  })

  test('gives a Namespace its spec', () => {
    expect(normalizeObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } })).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'x' },
      spec: {},
    })
  })
})

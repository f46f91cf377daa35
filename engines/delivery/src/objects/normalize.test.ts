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

  test('drops zero values of plain fields, and keeps those of pointers', () => {
    const pod = {
      hostNetwork: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      nodeName: '',
      volumes: [
        { name: 'h', hostPath: { path: '/x', type: '' } },
        { name: 'e', emptyDir: { medium: '' } },
      ],
      containers: [
        {
          name: 'a',
          tty: false,
          env: [{ name: 'E', value: '' }],
          securityContext: { privileged: false, runAsUser: 0 },
          livenessProbe: { initialDelaySeconds: 0, httpGet: { port: 0, path: '' } },
        },
      ],
    }
    const { spec } = normalizeObject({ apiVersion: 'v1', kind: 'Pod', metadata, spec: pod })
    expect(spec).toEqual({
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      volumes: [
        { name: 'h', hostPath: { path: '/x', type: '' } },
        { name: 'e', emptyDir: {} },
      ],
      containers: [
        {
          name: 'a',
          env: [{ name: 'E' }],
          resources: {},
          securityContext: { privileged: false, runAsUser: 0 },
          livenessProbe: { httpGet: { port: 0 } },
        },
      ],
    })
    const claim = { storageClassName: '', volumeName: '', accessModes: ['ReadWriteOnce'] }
    const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: claim }
    expect(normalizeObject(object)['spec']).toMatchObject({ storageClassName: '' })
    expect(normalizeObject(object)['spec']).not.toHaveProperty('volumeName')
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

import { describe, expect, test } from 'vitest'
import { objectCheck } from '../decode.ts'
import { customResourceDefinitions, kindDefinitions } from './catalogue.ts'
import { gitRepositoryDefinition } from './git-repository.ts'

type Schema = { properties?: Record<string, Schema>; required?: string[]; items?: Schema }

function schemaOf(kind: string, version: string): Schema {
  const crd = customResourceDefinitions().find(
    (it) => (it['spec'] as { names: { kind: string } }).names.kind === kind,
  )
  const { versions } = crd!['spec'] as {
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[]
  }
  return versions.find((it) => it.name === version)!.schema.openAPIV3Schema
}

describe('every kind', () => {
  test.for(kindDefinitions.map((it) => [it.kind, it] as const))(
    '%s stores all that any version knows',
    ([kind, it]) => {
      const stored = paths(schemaOf(kind, it.storage))
      for (const { name } of it.versions) {
        expect([...paths(schemaOf(kind, name))].filter((path) => !stored.has(path))).toEqual([])
      }
    },
  )

  test.for(kindDefinitions.map((it) => [it.kind, it] as const))(
    '%s requires only what it knows',
    ([kind, it]) => {
      for (const { name } of it.versions) {
        for (const [path, schema] of walk(schemaOf(kind, name))) {
          const unknown = (schema.required ?? []).filter((field) => !schema.properties?.[field])
          expect([path, unknown]).toEqual([path, []])
        }
      }
    },
  )

  test.for(kindDefinitions.map((it) => [it.kind, it] as const))('%s has one storage version', ([, it]) => {
    expect(it.versions.filter((version) => version.name === it.storage)).toHaveLength(1)
  })
})

test.for([
  ['GitRepository', 'v1', 'sparseCheckout', true],
  ['GitRepository', 'v1beta2', 'sparseCheckout', false],
  ['GitRepository', 'v1beta1', 'gitImplementation', true],
  ['GitRepository', 'v1', 'gitImplementation', true],
  ['Kustomization', 'v1beta2', 'patchesStrategicMerge', true],
  ['Kustomization', 'v1beta1', 'components', false],
  ['HelmRelease', 'v2beta1', 'driftDetection', true],
  ['HelmRelease', 'v2beta1', 'commonMetadata', false],
  ['HelmChart', 'v1', 'valuesFile', true],
  ['ImagePolicy', 'v1beta1', 'digestReflectionPolicy', false],
  ['Provider', 'v1beta2', 'commitStatusExpr', false],
  ['Receiver', 'v1beta1', 'interval', false],
] as const)('%s %s knows spec.%s: %s', ([kind, version, field, known]) => {
  expect(Object.hasOwn(schemaOf(kind, version).properties?.['spec']?.properties ?? {}, field)).toBe(known)
})

test.for([
  ['GitRepository', 'v1', 'URL Age Ready Status'],
  ['GitRepository', 'v1beta1', 'URL Ready Status Age'],
  ['OCIRepository', 'v1beta2', 'URL Ready Status Age'],
  ['HelmChart', 'v1', 'Chart Version Source Kind Source Name Age Ready Status'],
  ['ImageRepository', 'v1beta2', 'Last scan Tags'],
  ['ImagePolicy', 'v1beta1', 'LatestImage'],
  ['ImageUpdateAutomation', 'v1', 'Ready Status Last run Age'],
  ['Alert', 'v1beta3', 'Age'],
  ['Alert', 'v1beta2', 'Age Ready Status'],
] as const)('%s %s has the columns %s', ([kind, version, want]) => {
  expect(columnsOf(kind, version).join(' ')).toBe(want)
})

test('a default of an older version does not reach the storage version', () => {
  const path = 'properties.spec.properties.gitImplementation.default'
  expect(schemaOf('GitRepository', 'v1beta2')).toHaveProperty(path, 'go-git')
  expect(schemaOf('GitRepository', 'v1')).not.toHaveProperty(path)
})

describe('objectCheck', () => {
  test('accepts fields that are not known', () => {
    const value = object({ url: 'https://x', interval: '1m', future: 1 })
    expect(() => objectCheck(gitRepositoryDefinition)(value)).not.toThrow()
  })

  test.for([
    [{ interval: '1m' }, 'spec.url'],
    [{ url: 1, interval: '1m' }, 'spec.url'],
    [{ url: 'https://x', interval: '1m', ref: [] }, 'spec.ref'],
    [{ url: 'https://x', interval: '1m', include: [null] }, 'spec.include[0]'],
    [undefined, 'spec'],
  ] as const)('%j is refused at %s', ([spec, path]) => {
    expect(() => objectCheck(gitRepositoryDefinition)(object(spec))).toThrow(
      expect.objectContaining({ path }),
    )
  })
})

function columnsOf(kind: string, version: string): readonly string[] {
  const definition = kindDefinitions.find((it) => it.kind === kind)
  const found = definition?.versions.find((it) => it.name === version)
  return (found?.columns ?? []).map((it) => it.name)
}

function object(spec: unknown) {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1beta2',
    kind: 'GitRepository',
    metadata: { name: 'x' },
    spec,
  }
}

function paths(schema: Schema): Set<string> {
  return new Set([...walk(schema)].map(([path]) => path))
}

function* walk(schema: Schema, path = ''): Generator<readonly [string, Schema]> {
  yield [path, schema]
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* walk(property, `${path}.${name}`)
  }
  if (schema.items) yield* walk(schema.items, `${path}[]`)
}

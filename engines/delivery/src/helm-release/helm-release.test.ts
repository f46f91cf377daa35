import { type HookEvent, loadChartDirectory, type Release } from '@sluice/chart'
import { GoInt } from '@sluice/go'
import { memoryFileTree } from '@sluice/ports'
import type { HelmRelease } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import {
  commonMetadataDigest,
  composeValues,
  helmChartFor,
  isSnapshotOf,
  postRenderer,
  postRenderersDigest,
  releaseNames,
  snapshotOf,
  testHooksOf,
  type ValuesSource,
  valuesDigest,
} from '../index.ts'

function helmRelease(spec: Partial<HelmRelease['spec']>, name = 'web'): HelmRelease {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace: 'apps' },
    spec: { interval: '5m', ...spec },
  }
}

test('names', () => {
  expect(releaseNames(helmRelease({}))).toMatchObject({
    name: 'web',
    namespace: 'apps',
    storageNamespace: 'apps',
  })
  expect(releaseNames(helmRelease({ targetNamespace: 'prod', storageNamespace: 'ops' }))).toMatchObject({
    name: 'prod-web',
    namespace: 'prod',
    storageNamespace: 'ops',
  })
  const { name } = releaseNames(helmRelease({ targetNamespace: 'a'.repeat(30) }, 'b'.repeat(30)))
  expect(name).toMatch(new RegExp(`^${'a'.repeat(30)}-${'b'.repeat(9)}-[0-9a-f]{12}$`))
  expect(name).toHaveLength(53)
})

test('the HelmChart of a template has its fields, durations as Go prints them, and the labels of its owner', () => {
  const made = helmChartFor(
    helmRelease({
      chart: {
        metadata: { labels: { team: 'x' } },
        spec: {
          chart: './charts/web',
          sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: 'flux-system' },
          reconcileStrategy: 'Revision',
          valuesFiles: ['values.yaml'],
          valuesFile: 'old.yaml',
        },
      },
    }),
  )
  expect(made).toEqual({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmChart',
    metadata: {
      name: 'apps-web',
      namespace: 'flux-system',
      labels: {
        team: 'x',
        'helm.toolkit.fluxcd.io/name': 'web',
        'helm.toolkit.fluxcd.io/namespace': 'apps',
      },
    },
    spec: {
      chart: './charts/web',
      interval: '5m0s',
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
      reconcileStrategy: 'Revision',
      valuesFiles: ['values.yaml', 'old.yaml'],
    },
  })
  expect(helmChartFor(helmRelease({ chartRef: { kind: 'OCIRepository', name: 'web' } }))).toBeUndefined()
})

const bytes = (text: string) => new TextEncoder().encode(text)
const sources: Readonly<Record<string, ValuesSource>> = {
  'ConfigMap/base': { data: { 'values.yaml': bytes('a: 1\nlist: [x, z]\n'), bad: bytes('- 1') } },
  'Secret/keys': {
    data: { token: bytes('t0,ken={}'), quoted: bytes('"007"'), number: bytes('7'), path: bytes('x,b=1') },
  },
  'Secret/gone': { missing: 'secrets "gone" not found' },
}
const sourceOf = (kind: string, name: string) => sources[`${kind}/${name}`] ?? { missing: 'not found' }

test.each([
  ['files, then inline values', [{ kind: 'ConfigMap', name: 'base' }], { a: 2 }, { a: 2, list: ['x', 'z'] }],
  [
    'a target path wins over inline values',
    [{ kind: 'Secret', name: 'keys', valuesKey: 'number', targetPath: 'n.m' }],
    { other: true },
    { other: true, n: { m: 7 } },
  ],
  [
    'unless they set the same',
    [{ kind: 'Secret', name: 'keys', valuesKey: 'number', targetPath: 'n' }],
    { n: 1 },
    { n: 1 },
  ],
  [
    'quotes make a text',
    [{ kind: 'Secret', name: 'keys', valuesKey: 'quoted', targetPath: 'n' }],
    undefined,
    { n: '007' },
  ],
  [
    'a literal is taken as it is, its path is not',
    [{ kind: 'Secret', name: 'keys', valuesKey: 'token', targetPath: String.raw`a\.b.c`, literal: true }],
    undefined,
    { 'a.b': { c: 't0,ken={}' } },
  ],
  [
    'a comma begins another path otherwise',
    [{ kind: 'Secret', name: 'keys', valuesKey: 'path', targetPath: 'a' }],
    undefined,
    { a: 'x', b: 1 },
  ],
  ['what is optional may be missing', [{ kind: 'Secret', name: 'gone', optional: true }], { a: 1 }, { a: 1 }],
] as const)('%s', (_, references, values, expected) => {
  const composed = composeValues({ namespace: 'apps', values, references }, sourceOf)
  expect(plain(composed)).toEqual(expected)
})

function plain(value: unknown): unknown {
  if (value instanceof GoInt) return Number(value.value)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  return Array.isArray(value) ? value.map(plain) : value
}

test.each([
  [
    { kind: 'Secret', name: 'gone' },
    `could not resolve Secret chart values reference 'apps/gone' with key 'values.yaml': secrets "gone" not found`,
  ],
  [
    { kind: 'ConfigMap', name: 'base', valuesKey: 'zz' },
    `could not resolve ConfigMap chart values reference 'apps/base' with key 'zz': key not found`,
  ],
  [
    { kind: 'Secret', name: 'keys', valuesKey: 'number', targetPath: 'l[a]' },
    `could not resolve Secret chart values reference 'apps/keys' with key 'number': error parsing index`,
  ],
  [
    { kind: 'ConfigMap', name: 'base', valuesKey: 'bad' },
    `could not resolve ConfigMap chart values reference 'apps/base' with key 'bad': cannot unmarshal`,
  ],
] as const)('a reference that cannot be resolved is named: %j', (reference, message) => {
  const compose = () => composeValues({ namespace: 'apps', values: {}, references: [reference] }, sourceOf)
  expect(compose).toThrow(message)
})

test('digests are those that Flux computes', () => {
  expect(valuesDigest(new Map())).toBe(
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  const values = composeValues(
    {
      namespace: 'apps',
      references: [],
      values: {
        replicaCount: 2,
        nested: { a: { b: '007' } },
        message: 'from-secret',
        image: { tag: '6.5.4' },
        extra: 'inline',
      },
    },
    sourceOf,
  )
  expect(valuesDigest(values)).toBe('sha256:e74c6f946f7da9671223aed21f29533f9690d4f917b3cee077dffe99f624ea1a')
  expect(commonMetadataDigest({ labels: { team: 'x' } })).toBe(
    'sha256:623a142392c32c6ecf53aaa63c68e51ea102e0468610a682393b4089b1e65554',
  )
  const patch = '- op: add\n  path: /metadata/labels\n  value: {patched: "yes"}\n'
  const images = [{ name: 'ghcr.io/stefanprodan/podinfo', newTag: '7.7.7' }]
  const patches = [{ target: { kind: 'Deployment' }, patch }]
  const [one, two] = [1, 2].map((replicas) =>
    postRenderersDigest([{ kustomize: { patchesStrategicMerge: [{ spec: { replicas } }] } }]),
  )
  expect(one).not.toBe(two)
  expect(postRenderersDigest([{ kustomize: { patches, images } }])).toBe(
    'sha256:8f2054b8dd9dbfd73130877c9051a24042a4034de5833f1da1e5b74ab50d966a',
  )
})

test('post-renderers run in their order, then common metadata, then the labels of the owner', () => {
  const render = postRenderer(
    helmRelease({
      postRenderers: [
        { kustomize: { images: [{ name: 'web', newTag: '2' }] } },
        {
          kustomize: {
            patchesStrategicMerge: [
              { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', annotations: { first: 'one' } } },
            ],
            patches: [
              {
                patch: '- {op: add, path: /metadata/annotations/second, value: two}',
                target: { kind: 'Pod' },
              },
            ],
          },
        },
      ],
      commonMetadata: { labels: { team: 'x', 'helm.toolkit.fluxcd.io/name': 'other' } },
    }),
  )
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'web:1' }] },
  }
  expect(render([pod])).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'web',
        annotations: { first: 'one', second: 'two' },
        labels: {
          team: 'x',
          'helm.toolkit.fluxcd.io/name': 'web',
          'helm.toolkit.fluxcd.io/namespace': 'apps',
        },
      },
      spec: { containers: [{ name: 'web', image: 'web:2' }] },
    },
  ])
})

const bare = memoryFileTree([['Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.2.3\n']])
const chart = loadChartDirectory(bare, '', { compression: { gzip: unused, gunzip: unused } })
const neverRun = { startedAt: '', completedAt: '', phase: '' }

function unused(): never {
  throw new TypeError('a directory has nothing to unpack')
}

function release(changes: Partial<Release> = {}): Release {
  return {
    name: 'web',
    namespace: 'apps',
    revision: 2,
    info: {
      firstDeployed: '2026-01-02T03:04:05.678901234+01:00',
      lastDeployed: '2026-01-02T03:05:05.999Z',
      deleted: '',
      description: 'Upgrade complete',
      status: 'deployed',
      rollbackRevision: 0,
      notes: '',
    },
    chart,
    config: new Map([['a', 1]]),
    manifest: '---\nkind: Pod\n',
    hooks: [hook('check', 'test'), hook('prepare', 'pre-install')],
    applyMethod: 'ssa',
    labels: new Map(),
    ...changes,
  }
}

function hook(name: string, event: HookEvent, lastRun = neverRun): Release['hooks'][number] {
  return {
    name,
    kind: 'Pod',
    path: `web/${name}.yaml`,
    manifest: '',
    events: [event],
    weight: 0,
    deletePolicies: [],
    outputLogPolicies: [],
    lastRun,
  }
}

test('a snapshot knows its release again unless somebody changed the record', () => {
  const snapshot = snapshotOf(release(), { action: 'upgrade', ociDigest: 'sha256:1' })
  expect(snapshot).toMatchObject({
    apiVersion: 'v2',
    version: 2,
    status: 'deployed',
    chartVersion: '1.2.3',
    firstDeployed: '2026-01-02T02:04:05Z',
    lastDeployed: '2026-01-02T03:05:05Z',
    action: 'upgrade',
    ociDigest: 'sha256:1',
  })
  expect(isSnapshotOf(snapshot, release())).toBe(true)
  const ran = { startedAt: '2026-01-02T03:06:00Z', completedAt: '2026-01-02T03:06:09Z', phase: 'Succeeded' }
  const tested = release({ hooks: [hook('check', 'test', ran), hook('prepare', 'pre-install')] })
  expect(isSnapshotOf(snapshot, tested)).toBe(true)
  expect(isSnapshotOf(snapshot, release({ manifest: '---\nkind: Job\n' }))).toBe(false)
  expect(isSnapshotOf({ ...snapshot, apiVersion: 'v1' }, release({ manifest: '' }))).toBe(true)
  expect(testHooksOf(tested)).toEqual({
    check: { phase: 'Succeeded', lastStarted: '2026-01-02T03:06:00Z', lastCompleted: '2026-01-02T03:06:09Z' },
  })
  expect(testHooksOf(tested, [{ name: 'check', exclude: true }])).toEqual({})
  expect(testHooksOf(tested, [{ name: 'other' }])).toEqual({})
})

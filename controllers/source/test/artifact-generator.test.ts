import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createArtifactFetcher } from '@sluice/artifact'
import { memoryFileTree } from '@sluice/ports'
import { artifactGeneratorController } from '@sluice/source-controller'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { namespace, type SourceHarness, startSources } from './source-harness.ts'

const kind = 'ArtifactGenerator'
const externalArtifact = 'ExternalArtifact'
let it: SourceHarness

beforeEach(async () => {
  it = await startSources((deps) => [
    artifactGeneratorController({
      ...deps,
      fetcher: createArtifactFetcher(deps),
      noCrossNamespaceRefs: true,
    }) as never,
  ])
  await serve('repo', { 'apps/a/x.yaml': 'x', 'apps/b/y.yaml': 'y', 'config.yaml': 'c' }, 'main@sha1:1')
})
afterEach(() => it.close())

/** A source as its own controller would leave it. */
async function serve(
  name: string,
  files: Readonly<Record<string, string>>,
  revision: string,
  metadata?: object,
): Promise<void> {
  const place = { kind: 'GitRepository', namespace, name, fileName: `${revision.slice(-1)}.tar.gz` }
  const artifact = await it.store.archive(place, revision, { tree: memoryFileTree(Object.entries(files)) })
  const status = { artifact: { ...artifact, ...(metadata ? { metadata } : {}) } }
  it.apply({ kind: 'GitRepository', name, spec: { url: 'https://example.com', interval: '1m' }, status })
}

const source = { alias: 'repo', kind: 'GitRepository', name: 'repo' }
const copyAll = [{ from: '@repo/**', to: '@artifact/' }]
const app = (name: string): object => ({ name, copy: [{ from: `@repo/apps/${name}/**`, to: '@artifact/' }] })
const generate = (spec: object, annotations: Record<string, string> = {}): void =>
  it.apply({ kind, name: 'gen', spec: { sources: [source], ...spec }, annotations })
const requested = (at: string): Record<string, string> => ({ 'reconcile.fluxcd.io/requestedAt': at })
const digestOf = (name: string): string => it.status(externalArtifact, name).artifact?.digest ?? ''

test('a monorepo is taken apart, and only what changed gets a new revision', async () => {
  const spec = {
    artifacts: [{ ...app('a'), originRevision: '@repo' }, app('b')],
    commonMetadata: {
      labels: { team: 'x', 'app.kubernetes.io/managed-by': 'me' },
      annotations: { note: 'n' },
    },
  }
  generate(spec)
  await it.settled(kind, 'gen')
  expect(it.conditions(kind, 'gen')).toEqual([
    'Ready=True Succeeded: reconciliation succeeded, generated 2 artifact(s)',
  ])
  const [a, b] = [it.status(externalArtifact, 'a'), it.status(externalArtifact, 'b')]
  expect(it.status(kind, 'gen')).toEqual({
    conditions: expect.anything(),
    observedGeneration: -1,
    observedSourcesDigest: expect.stringMatching(/^sha256:/),
    inventory: [
      { name: 'a', namespace, digest: a.artifact?.digest, filename: expect.stringMatching(/^\d+\.tar\.gz$/) },
      { name: 'b', namespace, digest: b.artifact?.digest, filename: expect.stringMatching(/^\d+\.tar\.gz$/) },
    ],
  })
  expect(a.artifact).toMatchObject({
    revision: `latest@${a.artifact?.digest}`,
    path: expect.stringMatching(/^externalartifact\/apps\/a\/\d+\.tar\.gz$/),
    metadata: { 'org.opencontainers.image.revision': 'main@sha1:1' },
  })
  expect(it.conditions(externalArtifact, 'a')).toEqual(['Ready=True Succeeded: Artifact is ready'])
  expect(it.find(externalArtifact, 'a')).toMatchObject({
    metadata: {
      labels: {
        team: 'x',
        'app.kubernetes.io/managed-by': 'source-watcher',
        'source.extensions.fluxcd.io/generator': it.find(kind, 'gen')?.metadata.uid,
      },
      annotations: { note: 'n' },
    },
    spec: { sourceRef: { apiVersion: 'source.extensions.fluxcd.io/v1beta1', kind, name: 'gen', namespace } },
  })
  expect((await it.fetch(externalArtifact, 'a')).list('')).toEqual(['x.yaml'])
  expect(await it.events()).toContain(
    `Normal Ready: external artifacts reconciled: apps/a (${a.artifact?.digest})\napps/b (${b.artifact?.digest})`,
  )

  await it.advance(5_000)
  await serve('repo', { 'apps/a/x.yaml': 'changed', 'apps/b/y.yaml': 'y' }, 'main@sha1:2')
  await it.until(() => digestOf('a') !== a.artifact?.digest)
  await it.settled(kind, 'gen')
  expect(it.status(externalArtifact, 'b').artifact).toEqual(b.artifact)
  expect((await it.events()).at(-1)).toBe(
    `Normal Ready: external artifacts reconciled: apps/a (${digestOf('a')})`,
  )
})

test('sources are put together, with the revision of one of them', async () => {
  await serve('other', { 'config.yaml': 'other', 'z.yaml': 'z' }, 'v2@sha1:3', {
    'org.opencontainers.image.revision': 'v2.0.0',
  })
  const copy = [...copyAll, { from: '@other/config.yaml', to: '@artifact/' }]
  generate({
    sources: [source, { alias: 'other', kind: 'GitRepository', name: 'other', namespace }],
    artifacts: [{ name: 'both', revision: '@repo', originRevision: '@other', copy }],
  })
  await it.settled(kind, 'gen')
  expect(it.status(externalArtifact, 'both').artifact).toMatchObject({
    revision: 'main@sha1:1',
    metadata: { 'org.opencontainers.image.revision': 'v2.0.0' },
  })
  const tree = await it.fetch(externalArtifact, 'both')
  expect(tree.list('')).toEqual(['apps', 'config.yaml'])
  expect(new TextDecoder().decode(tree.read('config.yaml'))).toBe('other')
})

test('directories are found by a pattern; what is gone is removed', async () => {
  const template = { name: 'app-{app}', copy: [{ from: '@repo/apps/{app}/**', to: '@artifact/' }] }
  generate({ pathPattern: '@repo/apps/{app}', artifacts: [template] })
  await it.settled(kind, 'gen')
  expect(it.find(externalArtifact, 'app-b')?.metadata.labels).toMatchObject({ app: 'b' })
  await serve('repo', { 'apps/a/x.yaml': 'x' }, 'main@sha1:2')
  await it.until(() => !it.exists(externalArtifact, 'app-b'))
  await it.settled(kind, 'gen')
  expect(it.ready(kind, 'gen')?.message).toBe('reconciliation succeeded, generated 1 artifact(s)')
  expect(await it.store.removeAll({ kind: externalArtifact, namespace, name: 'app-b' })).toBe(false)
  expect(it.exists(externalArtifact, 'app-a')).toBe(true)
})

const stored = (): string => join(it.storeDirectory, it.status(externalArtifact, 'a').artifact?.path ?? '')
const again = async (at: string): Promise<readonly string[]> => {
  generate({ artifacts: [app('a')] }, requested(at))
  await it.settled(kind, 'gen')
  return it.events()
}

describe('what is as it should be', () => {
  beforeEach(async () => {
    generate({ artifacts: [app('a')] })
    await it.settled(kind, 'gen')
  })

  test('is left alone', async () => {
    const before = it.find(externalArtifact, 'a')?.metadata.resourceVersion
    expect(await again('1')).toContain('Normal Ready: No drift detected, 1 artifact(s) up to date')
    expect(it.find(externalArtifact, 'a')?.metadata.resourceVersion).toBe(before)
    expect(it.status(kind, 'gen').lastHandledReconcileAt).toBe('1')
  })

  test.for(['missing', 'damaged'])('is made again when its file is %s', async (what) => {
    if (what === 'missing') rmSync(stored())
    else writeFileSync(stored(), 'damaged')
    await again('1')
    expect((await it.fetch(externalArtifact, 'a')).list('')).toEqual(['x.yaml'])
  })

  test('is made again when someone deletes it', async () => {
    it.remove(externalArtifact, 'a')
    await it.until(() => it.exists(externalArtifact, 'a'))
    await it.until(() => digestOf('a') !== '')
    expect((await it.fetch(externalArtifact, 'a')).list('')).toEqual(['x.yaml'])
  })

  test('goes with its generator', async () => {
    it.remove(kind, 'gen')
    await it.until(() => !it.exists(kind, 'gen'))
    expect(it.exists(externalArtifact, 'a')).toBe(false)
    expect(await it.store.removeAll({ kind: externalArtifact, namespace, name: 'a' })).toBe(false)
  })
})

test('suspended by an annotation, it waits', async () => {
  generate({ artifacts: [app('a')] }, { 'source.extensions.fluxcd.io/reconcile': 'Disabled' })
  await it.settled(kind, 'gen')
  expect(it.conditions(kind, 'gen')).toEqual([
    'Ready=True ReconciliationDisabled: Initialized with reconciliation suspended',
  ])
  expect(it.exists(externalArtifact, 'a')).toBe(false)
  generate({ artifacts: [app('a')] })
  await it.until(() => it.exists(externalArtifact, 'a'))
})

describe('failures', () => {
  const once = { sources: [{ ...source, name: 'none' }], artifacts: [app('a')] }
  test.for([
    [
      'no source',
      once,
      'SourceFetchFailed: get sources failed: GitRepository.source.toolkit.fluxcd.io "none" not found',
    ],
    [
      'no such files',
      { artifacts: [app('c')] },
      "BuildFailed: c build failed: failed to apply copy operations: failed to apply copy operation from '@repo/apps/c/**' to '@artifact/': no files match pattern 'apps/c/**' in source 'repo'",
    ],
  ] as const)('%s: tried again', async ([, spec, want]) => {
    generate(spec)
    await it.until(() => it.ready(kind, 'gen')?.status === 'False', 1_000)
    expect(it.conditions(kind, 'gen')).toContain(`Ready=False ${want}`)
    expect(await it.events()).toContain(`Warning ${want}`)
  })

  test.for([
    [
      'same alias',
      { sources: [source, source], artifacts: [app('a')] },
      "ValidationFailed: duplicate source alias 'repo' found",
    ],
    ['same name', { artifacts: [app('a'), app('a')] }, "ValidationFailed: duplicate artifact name 'a' found"],
    [
      'unknown revision',
      { artifacts: [{ ...app('a'), revision: '@x' }] },
      "ValidationFailed: artifact a revision source alias 'x' not found",
    ],
    [
      'other namespace',
      { sources: [{ ...source, namespace: 'other' }], artifacts: [app('a')] },
      'AccessDenied: cross-namespace reference to source GitRepository/other/repo is not allowed',
    ],
    [
      'bad pattern',
      { pathPattern: '@repo/{', artifacts: [app('a')] },
      'BuildFailed: failed to expand path pattern: pathPattern "@repo/{": invalid capture starting at offset 0: missing closing brace',
    ],
  ] as const)('%s: stalled', async ([, spec, want]) => {
    generate(spec)
    await it.until(() => it.ready(kind, 'gen')?.status === 'False', 1_000)
    expect(it.conditions(kind, 'gen')).toEqual([`Stalled=True ${want}`, `Ready=False ${want}`])
  })

  test('a source without an artifact is waited for', async () => {
    it.apply({
      kind: 'GitRepository',
      name: 'late',
      spec: { url: 'https://example.com', interval: '1m' },
      status: {},
    })
    generate({ ...once, sources: [{ ...source, name: 'late' }] })
    await it.until(() => it.ready(kind, 'gen')?.status === 'False', 1_000)
    expect(it.ready(kind, 'gen')?.message).toBe(
      "get sources failed: source 'GitRepository/apps/late' is not ready",
    )
    await serve('late', { 'apps/a/x.yaml': 'x' }, 'main@sha1:4')
    await it.until(() => it.ready(kind, 'gen')?.status === 'True')
  })
})

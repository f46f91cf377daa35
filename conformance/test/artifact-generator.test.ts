import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { memoryStorage } from '@sluice/apiserver'
import { closeServer, type Embedded, listenOnLoopback, startEmbedded } from '@sluice/cli'
import { gitHttpHandler } from '@sluice/git'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { parseYamlDocuments } from '@sluice/yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../src/process/sluice-process.ts'

const generator = `
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata:
  name: apps
spec:
  sources:
    - { alias: repo, kind: GitRepository, name: monorepo }
  artifacts:
    - name: shop
      originRevision: "@repo"
      copy:
        - { from: "@repo/base/**", to: "@artifact/" }
        - { from: "@repo/apps/shop/**", to: "@artifact/" }
    - name: blog
      copy:
        - { from: "@repo/base/**", to: "@artifact/" }
        - { from: "@repo/apps/blog/**", to: "@artifact/" }
`

const consumers = ['shop', 'blog'].map(
  (name) => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
spec:
  interval: 10m
  prune: true
  path: ./
  sourceRef: { kind: ExternalArtifact, name: ${name} }
`,
)

const manifests = (url: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: monorepo
spec:
  interval: 10m
  url: ${url}
  ref: { branch: main }
---${[generator, ...consumers].join('---')}`

const { signal } = new AbortController()
let directory: string
let embedded: Embedded
let closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-generator-'))
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', join(directory, 'work')])
  commit('Start', {
    'base/kustomization.yaml': 'resources: [config.yaml]\n',
    'apps/shop/config.yaml': configMap('shop', 'one'),
    'apps/blog/config.yaml': configMap('blog', 'one'),
  })
  const git = createServer(
    gitHttpHandler({ locate: () => join(directory, 'work/.git'), authorize: () => 'read' }),
  )
  const port = await listenOnLoopback(git, 0)
  embedded = await startEmbedded({
    storage: memoryStorage(),
    artifactDirectory: join(directory, 'artifacts'),
    tagDirectory: join(directory, 'tags'),
    ports: { api: 0, artifacts: 0 },
    mirrors: new Map(),
    log: silentLogger,
  })
  closing = [async () => embedded[Symbol.asyncDispose](), () => closeServer(git)]
  for (const { value } of parseYamlDocuments(manifests(`http://127.0.0.1:${port}/monorepo`))) {
    await write(value as KubeObject)
  }
}, 60_000)

afterAll(async () => {
  for (const close of closing) {
    await close()
  }
  rmSync(directory, { recursive: true, force: true })
})

test('a monorepo is taken apart, and a commit for one application leaves the other alone', async () => {
  await until(async () => (await text('shop')) === 'one' && (await text('blog')) === 'one', {
    what: () => 'both applications',
    withinMs: 30_000,
  })
  const before = await revisions()

  commit('Second shop', { 'apps/shop/config.yaml': configMap('shop', 'two') })
  const repositories = await resourceFor('source.toolkit.fluxcd.io/v1', 'GitRepository')
  await embedded.cluster.patch(
    repositories,
    { namespace: 'default', name: 'monorepo' },
    {
      signal,
      fieldManager: 'flux',
      patch: {
        kind: 'merge',
        body: { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } },
      },
    },
  )
  await until(async () => (await text('shop')) === 'two', { what: () => 'the shop', withinMs: 30_000 })
  const after = await revisions()
  expect(after['shop']).not.toBe(before['shop'])
  expect(after['blog']).toBe(before['blog'])
  const { lastAppliedOriginRevision } = await status(
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    'shop',
  )
  const head = execFileSync('git', ['-C', join(directory, 'work'), 'rev-parse', 'HEAD'], { encoding: 'utf8' })
  expect(lastAppliedOriginRevision).toBe(`main@sha1:${head.trim()}`)
})

test('an artifact goes with its generator, and what was applied from it stays', async () => {
  const resource = await resourceFor('source.extensions.fluxcd.io/v1beta1', 'ArtifactGenerator')
  await embedded.cluster.delete(resource, { namespace: 'default', name: 'apps' }, { signal })
  const artifacts = await resourceFor('source.toolkit.fluxcd.io/v1', 'ExternalArtifact')
  await until(async () => (await embedded.cluster.list(artifacts, { signal })).items.length === 0, {
    what: () => 'no artifacts',
    withinMs: 30_000,
  })
  expect(await text('shop')).toBe('two')
})

function configMap(name: string, value: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: default }\ndata: { text: ${value} }\n`
}

function commit(message: string, files: Readonly<Record<string, string>>): void {
  const work = join(directory, 'work')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), content)
  }
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
      encoding: 'utf8',
    })
  git('add', '--all')
  git('commit', '--quiet', '-m', message)
}

async function write(object: KubeObject): Promise<void> {
  const placed = { ...object, metadata: { ...object.metadata, namespace: 'default' } }
  await embedded.cluster.create(await resourceFor(object.apiVersion, object.kind), placed, {
    signal,
    fieldManager: 'kubectl-create',
  })
}

/** What the application's ConfigMap says, once there is one. */
async function text(name: string): Promise<string | undefined> {
  const { items } = await embedded.cluster.list(await resourceFor('v1', 'ConfigMap'), {
    namespace: 'default',
    signal,
  })
  const found = items.find((it) => it.metadata.name === name)
  return (found?.['data'] as { readonly text: string } | undefined)?.text
}

async function revisions(): Promise<Readonly<Record<string, unknown>>> {
  const names = ['shop', 'blog']
  const all = names.map(async (name) => {
    const { lastAppliedRevision } = await status('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', name)
    return [name, lastAppliedRevision]
  })
  return Object.fromEntries(await Promise.all(all))
}

async function status(
  apiVersion: string,
  kind: string,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  const found = await embedded.cluster.get(
    await resourceFor(apiVersion, kind),
    { namespace: 'default', name },
    { signal },
  )
  return (found?.['status'] ?? {}) as Readonly<Record<string, unknown>>
}

function resourceFor(apiVersion: string, kind: string): ReturnType<Embedded['cluster']['resourceFor']> {
  return embedded.cluster.resourceFor(apiVersion, kind, { signal })
}

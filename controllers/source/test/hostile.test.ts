import { execFileSync } from 'node:child_process'
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGitClient } from '@sluice/git'
import { mediaTypes } from '@sluice/oci'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import {
  bucketController,
  gitRepositoryController,
  helmChartController,
  helmRepositoryController,
  ociRepositoryController,
} from '@sluice/source-controller'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestGit, type TestGit } from '../../../platform/git/test/real-git.ts'
import { hostileArchives } from './hostile/archives.ts'
import { hostileIndexes, hostileListings } from './hostile/hostile-documents.ts'
import { hostileRegistry } from './hostile/hostile-registry.ts'
import { problemsOf } from './hostile/judge.ts'
import { serveArchives } from './hostile/serve-archives.ts'
import { type SourceHarness, startSources } from './source-harness.ts'

/** What the issue asks for at least. */
const wanted = 300
let judged = 0
let it: SourceHarness
let git: TestGit
let origin: string
type Answer = (request: IncomingMessage, response: ServerResponse) => void
let answer: Answer = (_, response) => response.writeHead(404).end()
const server = createServer((request, response) => answer(request, response))

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`
  git = await startTestGit()
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  git.close()
})
beforeEach(async () => {
  it = await startSources(({ cluster, store, http }) =>
    [
      gitRepositoryController({ cluster, store, git: createGitClient({ http }) }),
      ociRepositoryController({ cluster, store, http }),
      helmRepositoryController({ cluster, store, http }),
      helmChartController({ cluster, store, http }),
      bucketController({ cluster, store, http, clock: fakeClock() }),
    ].map((reconciler) => reconciler as never),
  )
  it.secret('login', { username: 'me', password: 's3cret', accesskey: 'me', secretkey: 's3cret' })
})
afterEach(() => it.close())

/** Applies objects and gives what is wrong with what becomes of them. */
async function judge(
  kind: string,
  specs: readonly (readonly [string, object])[],
): Promise<readonly string[]> {
  for (const [name, spec] of specs) it.apply({ kind, name, spec: { interval: '1m', timeout: '2s', ...spec } })
  judged += specs.length
  return problemsOf(
    it,
    kind,
    specs.map(([name]) => name),
  )
}

test('archives in a registry', async () => {
  const archives = hostileArchives([['ok.yaml', 'a: 1']])
  const registry = serveArchives(archives.map(({ content }) => content))
  answer = registry.handle
  const specs = archives.map(
    (_, index) => [`archive-${index}`, { url: `oci://${origin}/a${index}` }] as const,
  )
  expect(await judge('OCIRepository', specs)).toEqual([])
})

test('archives that are charts', async () => {
  const archives = hostileArchives([
    ['mini/Chart.yaml', 'apiVersion: v2\nname: mini\nversion: 0.1.0\n'],
    ['mini/templates/a.yaml', 'a: 1'],
  ])
  const registry = serveArchives(
    archives.map(({ content }) => content),
    mediaTypes.helmChart,
  )
  answer = registry.handle
  it.apply({ kind: 'HelmRepository', name: 'oci', spec: { type: 'oci', url: `oci://${origin}` } })
  const sourceRef = { kind: 'HelmRepository', name: 'oci' }
  const specs = archives.map(
    (_, index) => [`chart-${index}`, { chart: `a${index}`, version: '0.1.0', sourceRef }] as const,
  )
  expect(await judge('HelmChart', specs)).toEqual([])
})

test('registries that break the rules', async () => {
  answer = (request, response) => {
    const [, name = ''] = /^\/v2\/([^/]+)\//.exec(request.url ?? '') ?? []
    hostileRegistry.handle(request, response, name)
  }
  const specs = hostileRegistry.names.map((name) => [name, { url: `oci://${origin}/${name}` }] as const)
  expect(await judge('OCIRepository', specs)).toEqual([])
})

test('indexes of chart repositories', async () => {
  answer = (request, response) => {
    const [, index = ''] = /^\/i(\d+)\//.exec(request.url ?? '') ?? []
    response.end(hostileIndexes[Number(index)] ?? '')
  }
  const secretRef = { name: 'login' }
  const specs = hostileIndexes.map(
    (_, index) => [`index-${index}`, { url: `http://${origin}/i${index}/`, secretRef }] as const,
  )
  expect(await judge('HelmRepository', specs)).toEqual([])
})

test('listings of buckets', async () => {
  answer = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    const [, bucket = '', ...key] = url.pathname.split('/')
    if (key.join('') === '') response.end(hostileListings[Number(bucket.slice(1))] ?? '')
    else if (key.join('/') === '.sourceignore') response.writeHead(404).end()
    else response.end('x')
  }
  const common = { endpoint: origin, insecure: true, secretRef: { name: 'login' } }
  const specs = hostileListings.map(
    (_, index) => [`listing-${index}`, { ...common, bucketName: `b${index}` }] as const,
  )
  expect(await judge('Bucket', specs)).toEqual([])
})

const gitAt = (id: string): object => ({
  url: `http://${origin}/g${id}/pub/app`,
  ref: { branch: 'main' },
  secretRef: { name: 'login' },
})

/** Leads to the real server and changes what comes back. */
function proxyTo(target: string, change: (url: string, body: Buffer) => Buffer): Answer {
  return (request, response) => {
    const { method, headers, url = '' } = request
    const [, id = '', path = ''] = /^\/g(\w+)(\/.*)$/.exec(url) ?? []
    const inner = ask(
      `${target}${path}`,
      { method: method ?? 'GET', headers: { ...headers, host: 'git' } },
      (result) => {
        const chunks: Buffer[] = []
        result.on('data', (chunk: Buffer) => chunks.push(chunk))
        result.on('end', () => {
          const { 'transfer-encoding': _, 'content-length': __, ...rest } = result.headers
          response
            .writeHead(result.statusCode ?? 500, rest)
            .end(change(`${id} ${path}`, Buffer.concat(chunks)))
        })
      },
    )
    inner.on('error', () => response.destroy())
    request.pipe(inner)
  }
}

test('packs that are cut short or changed', async () => {
  const repository = git.create('pub/app')
  repository.commit('first', { 'a.yaml': 'a: 1\n'.repeat(200), 'b/c.yaml': 'b: 1' })
  repository.commit('second', { 'a.yaml': `${'a: 1\n'.repeat(200)}b: 2\n` })
  const cuts = 20
  const flips = 40
  const random = seededRandom(11)
  const places = Array.from({ length: flips }, () => random.float())
  answer = proxyTo(git.url, (what, body) => {
    const [id = '', path = ''] = what.split(' ')
    // Only what follows the list of references, which is the first answer, is a pack.
    if (!path.endsWith('git-upload-pack') || !body.includes('packfile')) return body
    const number = Number(id.slice(1))
    if (id.startsWith('c')) return body.subarray(0, Math.floor((body.length * number) / cuts))
    const changed = Buffer.from(body)
    const at = Math.floor((places[number] ?? 0) * changed.length)
    changed[at] = (changed[at] ?? 0) ^ (1 << (number % 8))
    return changed
  })
  const specs = [
    ...Array.from({ length: cuts }, (_, index) => [`cut-${index}`, gitAt(`c${index}`)] as const),
    ...places.map((_, index) => [`flip-${index}`, gitAt(`f${index}`)] as const),
  ]
  expect(await judge('GitRepository', specs)).toEqual([])
})

const protocolNoise = [
  '',
  '0',
  '0000',
  '0001',
  '0002',
  '0003',
  '0004',
  'ffff',
  'zzzz',
  '-001',
  '001e# service=git-upload-pack\n',
  '001e# service=git-upload-pack\n0000',
  '000eversion 2\n',
  '000eversion 2\n0000',
  '001e# service=git-upload-pack\n0000000eversion 2\n0000',
  '<html>',
  '{}',
  'x'.repeat(100_000),
  '0009ERR x',
  '0012ERR not our ref',
  '\0\0\0\0',
  '001e# service=git-receive-pack\n0000',
  '000eversion 9\n0000',
  '000eversion 2\n0018object-format=md5\n0000',
  `fff0${'a'.repeat(65_516)}`,
]
const zeros = '0'.repeat(40)
const ones = '1'.repeat(40)
const line = (text: string): string => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`
const referenceNoise = [
  '0000',
  line(`${ones} refs/heads/main\n`),
  line(`${ones} refs/heads/main`),
  line(`${zeros} refs/heads/main\n`),
  line('x refs/heads/main\n'),
  line(`${ones}\n`),
  line(`${ones} \n`),
  line(`${ones} refs/heads/../../x\n`),
  line(`${ones} refs/heads/main\0evil\n`),
  line(`${ones} refs/heads/main symref-target:refs/heads/main\n`),
  line(`unborn HEAD symref-target:refs/heads/main\n`),
  line(`${ones} refs/tags/v1 peeled:x\n`),
  line(`${'1'.repeat(64)} refs/heads/main\n`),
  line(`${ones} ${'refs/'.repeat(10_000)}\n`),
  line(`${ones} refs/heads/main\n`).repeat(5_000),
  'ffff',
  '0001',
  '0002',
  '00',
].map((text) => (text.endsWith('0000') ? text : `${text}0000`))

const advertisement = `001e# service=git-upload-pack\n0000${line('version 2\n')}${line('ls-refs\n')}${line('fetch\n')}0000`

test('servers that do not speak Git', async () => {
  answer = (request, response) => {
    const [, form = '', index = ''] = /^\/g([pr])(\d+)\//.exec(request.url ?? '') ?? []
    const isDiscovery = (request.url ?? '').includes('/info/refs')
    const type = isDiscovery ? 'advertisement' : 'result'
    response.setHeader('content-type', `application/x-git-upload-pack-${type}`)
    const noise = form === 'p' ? protocolNoise : referenceNoise
    response.end(form === 'r' && isDiscovery ? advertisement : (noise[Number(index)] ?? ''))
  }
  const specs = [
    ...protocolNoise.map((_, index) => [`protocol-${index}`, gitAt(`p${index}`)] as const),
    ...referenceNoise.map((_, index) => [`references-${index}`, gitAt(`r${index}`)] as const),
  ]
  expect(await judge('GitRepository', specs)).toEqual([])
})

test('trees with names that lead elsewhere', async () => {
  const repository = git.create('pub/trees')
  const first = repository.commit('first', { a: 'a' })
  const blob = repository.git('rev-parse', `${first}:a`).trim()
  const tree = repository.git('rev-parse', `${first}^{tree}`).trim()
  const entries: readonly (readonly [string, string, string])[] = [
    ['100644', '..', blob],
    ['100644', '.', blob],
    ['100644', '.git', blob],
    ['100644', '', blob],
    ['100644', 'a/b', blob],
    ['100644', '../../etc/passwd', blob],
    ['100644', '/etc/passwd', blob],
    ['40000', '..', tree],
    ['40000', '.git', tree],
    ['120000', 'link', blob],
    ['160000', 'module', first],
    ['100644', '.gitmodules', blob],
    ['0', 'zero', blob],
    ['777777', 'mode', blob],
    ['100644', 'a\nb', blob],
    ['100644', '__proto__', blob],
    ['40000', 'loop', blob],
    ['100644', 'tree', tree],
    ['100644', '.GIT', blob],
    ['100644', 'git~1', blob],
  ]
  const specs = entries.map(([mode, name, id], index) => {
    const content = Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
    const made = execFileSync(
      'git',
      ['-C', repository.path, 'hash-object', '-t', 'tree', '--literally', '--stdin', '-w'],
      { input: content },
    )
    const commit = repository
      .git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit-tree', '-m', 'x', made.toString().trim())
      .trim()
    repository.git('update-ref', `refs/heads/tree-${index}`, commit)
    return [
      `tree-${index}`,
      { url: `${git.url}/pub/trees`, ref: { branch: `tree-${index}` }, recurseSubmodules: true },
    ] as const
  })
  expect(await judge('GitRepository', specs)).toEqual([])
})

test('that was enough', () => {
  expect(judged).toBeGreaterThanOrEqual(wanted)
})

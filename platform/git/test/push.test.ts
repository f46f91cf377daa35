import { execFileSync } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttp } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createGitClient,
  type GitChanges,
  type GitPush,
  type GitPushed,
  type GitRemote,
  pgpSigner,
  verifyGitObject,
} from '../src/index.ts'
import { startTestGit, type TestGit, type TestRepository } from './real-git.ts'

const { signal } = new AbortController()
const options = { signal, timeoutMs: 20_000 }
const http = createHttp()
const client = createGitClient({ http })
const author = { name: 'Flux', email: 'flux@example.com', seconds: 1_767_225_600, zone: '+0000' }
let git: TestGit

beforeAll(async () => {
  git = await startTestGit()
})
afterAll(async () => {
  git.close()
  await http.close()
})

const file = (text: string): { content: Uint8Array } => ({ content: Buffer.from(text) })
const changes = (entries: Readonly<Record<string, string | undefined>>): GitChanges =>
  new Map(Object.entries(entries).map(([path, text]) => [path, text === undefined ? undefined : file(text)]))
const failure = (work: Promise<unknown>): Promise<string> => work.then(String, errorChain)

describe.for(['sha1', 'sha256'])('a push to a repository of %s', (objectFormat) => {
  let repository: TestRepository
  let remote: GitRemote
  let parent: string
  let count = 0

  beforeEach(() => {
    count += 1
    const name = `pub/${objectFormat}-${count}`
    repository = git.create(name, { objectFormat })
    repository.git('config', 'receive.denyCurrentBranch', 'ignore')
    repository.git('config', 'receive.fsckObjects', 'true')
    // Some servers leave files out of what is fetched, some do not.
    repository.git('config', 'uploadpack.allowFilter', String(count % 2 === 0))
    parent = repository.commit('first', {
      'a.yaml': 'a: 1',
      'a/x.yaml': 'x: 1',
      'a/deep/y.yaml': 'y: 1',
      'run.sh': '#!/bin/sh',
      'z.yaml': 'z: 1',
    })
    repository.git('update-index', '--chmod=+x', 'run.sh')
    repository.git('commit', '-q', '-m', 'executable')
    parent = repository.git('rev-parse', 'HEAD')
    remote = { url: `${git.url}/${name}` }
  })

  const push = (overrides: Partial<GitPush>): Promise<GitPushed> =>
    client.push(
      remote,
      {
        parent,
        author,
        message: 'change\n',
        targets: [{ name: 'refs/heads/main' }],
        changes: new Map(),
        ...overrides,
      },
      options,
    )

  test('changes, adds and removes files', async () => {
    const pushed = await push({
      changes: changes({
        'a/x.yaml': 'x: 2',
        'a/deep/y.yaml': undefined,
        'new/dir/n.yaml': 'n: 1',
        'z.yaml': undefined,
        'z.yaml/inner': 'now a directory',
        'run.sh': '#!/bin/bash',
      }),
    })
    expect(pushed).toEqual({ kind: 'pushed', commit: repository.git('rev-parse', 'main') })
    expect(repository.git('ls-tree', '-r', '--format=%(objectmode) %(path)', 'main').split('\n')).toEqual([
      '100644 a.yaml',
      '100644 a/x.yaml',
      '100644 new/dir/n.yaml',
      '100755 run.sh',
      '100644 z.yaml/inner',
    ])
    expect(repository.git('show', 'main:a/x.yaml')).toBe('x: 2')
    expect(repository.git('log', '-1', '--format=%an <%ae> %at|%cn|%B|%P', 'main')).toBe(
      `Flux <flux@example.com> 1767225600|Flux|change\n|${parent}`,
    )
    expect(repository.git('fsck', '--strict')).toBe('')
  })

  test('of nothing sends nothing', async () => {
    expect(await push({ changes: changes({ 'a/x.yaml': 'x: 1', 'not-there': undefined }) })).toEqual({
      kind: 'unchanged',
    })
    expect(repository.git('rev-parse', 'main')).toBe(parent)
  })

  test('makes new branches and tags, all or none', async () => {
    const targets = ['refs/heads/auto', 'refs/heads/main', 'refs/tags/v1'].map((name) => ({ name }))
    const pushed = await push({ changes: changes({ n: '1' }), targets })
    const commits = ['auto', 'main', 'v1'].map((name) => repository.git('rev-parse', name))
    expect(pushed).toEqual({ kind: 'pushed', commit: commits[0] })
    expect(new Set(commits).size).toBe(1)
  })

  test('does not lose what came in between, unless forced', async () => {
    const other = repository.commit('in between', { o: '1' })
    const change = { changes: changes({ n: '1' }) }
    expect(await failure(push(change))).toBe('non-fast-forward update: refs/heads/main')
    expect(repository.git('rev-parse', 'main')).toBe(other)
    const pushed = await push({ ...change, targets: [{ name: 'refs/heads/main', force: true }] })
    expect(pushed).toEqual({ kind: 'pushed', commit: repository.git('rev-parse', 'main') })
  })

  test('to an empty repository makes its first commit', async () => {
    const empty = git.create(`pub/empty-${objectFormat}`, { objectFormat })
    empty.git('config', 'receive.denyCurrentBranch', 'ignore')
    const {
      author: by,
      message,
      targets,
    } = { author, message: 'init', targets: [{ name: 'refs/heads/main' }] }
    await client.push(
      { url: `${git.url}/pub/empty-${objectFormat}` },
      { author: by, message, targets, changes: changes({ 'clusters/a/b.yaml': 'b: 1' }) },
      options,
    )
    expect(empty.git('show', 'main:clusters/a/b.yaml')).toBe('b: 1')
    expect(empty.git('rev-list', '--count', 'main')).toBe('1')
  })

  test('is refused by a hook, in its words', async () => {
    repository.git('config', 'receive.denyNonFastForwards', 'true')
    repository.git('config', 'receive.denyCurrentBranch', 'refuse')
    expect(await failure(push({ changes: changes({ n: '1' }) }))).toBe(
      'command error on refs/heads/main: branch is currently checked out',
    )
  })

  test.each([
    [{ '../x': '1' }, 'unsafe path "../x"'],
    [{ '.git/config': '1' }, 'unsafe path ".git/config"'],
    [{ 'a//b': '1' }, 'unsafe path "/b"'],
    [{ n: '1', 'n/m': '1' }, "'n' cannot be both a file and a directory"],
  ])('of %j is refused before anything is sent', async (files, message) => {
    expect(await failure(push({ changes: changes(files) }))).toBe(message)
  })

  test('takes no reference that would break out of its line', async () => {
    const targets = [{ name: 'refs/heads/a\nb' }]
    expect(await failure(push({ changes: changes({ n: '1' }), targets }))).toMatch(/^invalid reference/)
  })

  test('keeps what a person calls themselves on one line', async () => {
    const evil = { ...author, name: 'A <b>\nparent x' }
    await push({ changes: changes({ n: '1' }), author: evil })
    expect(repository.git('log', '-1', '--format=%an', 'main')).toBe('A bparent x')
  })

  test('with a signature is verified as any other', async () => {
    const { generateKey } = await import('openpgp')
    const date = new Date(author.seconds * 1000)
    const { privateKey, publicKey } = await generateKey({
      userIDs: { name: 'Flux' },
      passphrase: 'pass',
      date,
    })
    const sign = await pgpSigner(privateKey, 'pass')
    const now = date.getTime() + 1000
    await push({ changes: changes({ n: '1' }), sign: (content) => sign(content, { now }) })
    const found = await client.checkOut(remote, { branch: 'main' }, options)
    if (found.kind !== 'checkedOut') throw new Error(found.kind)
    const keys = { keyRings: [publicKey], authorizedKeys: [] }
    expect(await verifyGitObject(found.commit, keys, { now: date.getTime() + 5000 })).toMatch(
      /^[0-9A-F]{16}$/,
    )
  })

  test('carries large and many files', async () => {
    const many: Record<string, string> = { big: 'x'.repeat(3_000_000) }
    for (let i = 0; i < 300; i += 1) many[`d${i % 7}/f${i}`] = `${i}`
    await push({ changes: changes(many) })
    expect(repository.git('ls-tree', '-r', '--name-only', 'main').split('\n')).toHaveLength(306)
    expect(
      execFileSync('git', ['cat-file', '-s', 'main:big'], { cwd: repository.path }).toString().trim(),
    ).toBe('3000000')
  })
})

test('a push without the right to is refused', async () => {
  const repository = git.create('private/app')
  const parent = repository.commit('first', { a: '1' })
  const work = client.push(
    { url: `${git.url}/private/app`, credentials: { kind: 'basic', username: 'me', password: 'wrong' } },
    { parent, author, message: 'm', changes: changes({ a: '2' }), targets: [{ name: 'refs/heads/main' }] },
    options,
  )
  await expect(work.then(String, errorChain)).resolves.toMatch(/^authentication required/)
})

const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text
const zero = '0'.repeat(40)

test.each([
  ['no answer', ''],
  ['half a packet', '00ff'],
  ['no length', 'zzzz'],
  ['a failed unpack', `${packet('unpack index-pack abnormal exit\n')}0000`],
  ['a refusal', `${packet('unpack ok\n')}${packet('ng refs/heads/main hook declined\n')}0000`],
  ['another language', '<html></html>'],
])('a server that answers a push with %s fails it', async (_name, report) => {
  const listener: RequestListener = (request, response) => {
    const service = request.url?.includes('receive-pack') ? 'git-receive-pack' : 'git-upload-pack'
    if (request.method === 'POST') {
      request.resume().on('end', () => response.end(report))
      return
    }
    response.setHeader('content-type', `application/x-${service}-advertisement`)
    const refs = packet(`${zero} capabilities^{}\0report-status\n`)
    response.end(`${packet(`# service=${service}\n`)}0000${refs}0000`)
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/repository`
  try {
    const work = client.push(
      { url },
      { author, message: 'm', changes: changes({ a: '1' }), targets: [{ name: 'refs/heads/main' }] },
      options,
    )
    await expect(work).rejects.toMatchObject({ name: 'GitError' })
  } finally {
    server.close()
  }
})

import { chmodSync, symlinkSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { createHttp } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGitClient, type GitCheckout, type GitRef, type GitRemote } from '../src/index.ts'
import { startTestGit, type TestGit, type TestRepository } from './real-git.ts'

const http = createHttp()
const git = createGitClient({ http })
const { signal } = new AbortController()
const seen: string[] = []
let server: TestGit
let app: TestRepository
let first: string
let second: string

const record =
  (inner: RequestListener): RequestListener =>
  (request, response) => {
    seen.push(
      `${request.method} ${request.url} ${request.headers.authorization === undefined ? '' : 'auth'}`.trim(),
    )
    inner(request, response)
  }

beforeAll(async () => {
  server = await startTestGit(record)
  app = server.create('pub/app')
  first = app.commit('first: a subject\n\nbody', {
    'README.md': 'one\n',
    'app/cm.yaml': 'a: 1\n',
    'run.sh': '#!/bin/sh\n',
  })
  chmodSync(join(app.path, 'run.sh'), 0o755)
  symlinkSync('README.md', join(app.path, 'link'))
  second = app.commit('second', { 'README.md': `two\n${'lorem ipsum\n'.repeat(500)}` })
  app.git('tag', 'light', first)
  app.git('tag', '-a', '-m', 'release', 'v1.0.0', second)
  app.git('update-ref', 'refs/pull/1/head', first)
  server.create('private/app').commit('init', { a: 'a' })
  server.create('pub/empty')
})
afterAll(async () => {
  server.close()
  await http.close()
})

const checkOut = (
  ref: GitRef,
  remote: Partial<GitRemote> = {},
  lastRevision?: string,
): Promise<GitCheckout> =>
  git.checkOut({ url: `${server.url}/pub/app`, ...remote }, ref, {
    signal,
    timeoutMs: 5000,
    ...(lastRevision === undefined ? {} : { lastRevision }),
  })

async function revisionOf(ref: GitRef): Promise<string> {
  const result = await checkOut(ref)
  return result.kind === 'checkedOut' ? result.revision : result.kind
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(String, errorChain)
}

test('a checkout has the commit and its files', async () => {
  const result = await checkOut({ branch: 'main' })
  if (result.kind !== 'checkedOut') throw new Error(result.kind)
  expect(result.commit).toMatchObject({
    id: second,
    message: 'second\n',
    author: { name: 'Ann', seconds: 1693562400 },
  })
  expect(result.tree.list('')).toEqual(['README.md', 'app', 'link', 'run.sh'])
  expect(Buffer.from(result.tree.read('app/cm.yaml')).toString()).toBe('a: 1\n')
  expect(result.tree.stat('README.md')).toMatchObject({ kind: 'file', sizeBytes: 6004 })
  expect(result.tree.stat('run.sh')).toMatchObject({ executable: true })
  expect(result.tree.stat('link')).toEqual({ kind: 'link', target: 'README.md' })
  expect(result.tree.stat('app/none')).toBeUndefined()
})

test('references become revisions', async () => {
  expect(await revisionOf({ branch: 'main' })).toBe(`main@sha1:${second}`)
  expect(await revisionOf({ tag: 'light' })).toBe(`light@sha1:${first}`)
  expect(await revisionOf({ tag: 'v1.0.0' })).toBe(`v1.0.0@sha1:${second}`)
  expect(await revisionOf({ name: 'refs/pull/1/head' })).toBe(`refs/pull/1/head@sha1:${first}`)
  expect(await revisionOf({ name: 'refs/tags/v1.0.0' })).toBe(`refs/tags/v1.0.0@sha1:${second}`)
  expect(await revisionOf({ name: 'refs/tags/v1.0.0^{}' })).toBe(`refs/tags/v1.0.0^{}@sha1:${second}`)
  expect(await revisionOf({ commit: first })).toBe(`sha1:${first}`)
  expect(await revisionOf({ commit: first, branch: 'main' })).toBe(`main@sha1:${first}`)
  expect(await revisionOf({ commit: first, name: 'refs/heads/none' })).toBe(`sha1:${first}`)
})

test('a range selects the highest version, among equal ones the youngest', async () => {
  const repository = server.create('pub/versions')
  const at = (day: number, tag: string): string => {
    const commit = repository.commit(tag, { f: tag }, `2024-01-0${day}T00:00:00Z`)
    repository.git('tag', tag)
    return commit
  }
  at(1, 'v1.0.0')
  at(2, 'not-a-version')
  const build2 = at(3, '1.1.0+2')
  at(2, '1.1.0+1')
  const candidate = at(4, 'v1.2.0-rc.1')
  const url = `${server.url}/pub/versions`
  expect(await checkOut({ semver: '1.x' }, { url })).toMatchObject({ revision: `1.1.0+2@sha1:${build2}` })
  expect(await checkOut({ semver: '>=1.1.0-0' }, { url })).toMatchObject({
    revision: `v1.2.0-rc.1@sha1:${candidate}`,
  })
  const same = `1.1.0+2@sha1:${build2}`
  expect(await checkOut({ semver: '1.x' }, { url }, same)).toEqual({ kind: 'unchanged', revision: same })
  expect(await failure(checkOut({ semver: '>2' }, { url }))).toBe('no match found for semver: >2')
  expect(await failure(checkOut({ semver: 'no range' }, { url }))).toContain('semver parse error: ')
})

test('an annotated tag comes along', async () => {
  expect(await checkOut({ tag: 'v1.0.0' })).toMatchObject({ tag: { name: 'v1.0.0', message: 'release\n' } })
  expect(await checkOut({ tag: 'light' })).toMatchObject({ tag: { name: 'light' } })
})

test('an unchanged head costs one request', async () => {
  await checkOut({ branch: 'main' })
  seen.length = 0
  const result = await checkOut({ branch: 'main' }, {}, `main@sha1:${second}`)
  expect(result).toEqual({ kind: 'unchanged', revision: `main@sha1:${second}` })
  expect(seen).toEqual(['POST /pub/app/git-upload-pack'])
})

test('a revision of the old form counts as the same', async () => {
  expect(await checkOut({ branch: 'main' }, {}, `main/${second}`)).toMatchObject({ kind: 'unchanged' })
})

test('a repository without commits is empty', async () => {
  expect(await checkOut({}, { url: `${server.url}/pub/empty` })).toEqual({ kind: 'empty' })
})

test('basic credentials open a private repository', async () => {
  const url = `${server.url}/private/app`
  const credentials = { kind: 'basic', username: 'me', password: 's3cret' } as const
  expect(await checkOut({ branch: 'main' }, { url, credentials })).toMatchObject({ kind: 'checkedOut' })
  const inUrl = url.replace('//', '//me:s3cret@')
  expect(await checkOut({ branch: 'main' }, { url: inUrl })).toMatchObject({ kind: 'checkedOut' })
})

test('sha256 repositories work', async () => {
  const repository = server.create('pub/sha256', { objectFormat: 'sha256' })
  const commit = repository.commit('init', { a: 'a', b: 'b' })
  const result = await checkOut({ branch: 'main' }, { url: `${server.url}/pub/sha256` })
  expect(result).toMatchObject({ kind: 'checkedOut', revision: `main@sha256:${commit}` })
})

describe('a server that speaks only version 0', () => {
  let old: TestGit
  beforeAll(async () => {
    old = await startTestGit((inner) => (request, response) => {
      delete request.headers['git-protocol']
      inner(request, response)
    })
  })
  afterAll(() => old.close())

  test('is understood', async () => {
    const repository = old.create('pub/app')
    const base = repository.commit('first', { a: 'a', 'd/b': 'b' })
    const head = repository.commit('second', { a: 'b' })
    repository.git('tag', '-a', '-m', 'x', 'v1', base)
    const url = `${old.url}/pub/app`
    expect(await checkOut({ branch: 'main' }, { url })).toMatchObject({ revision: `main@sha1:${head}` })
    expect(await checkOut({ tag: 'v1' }, { url })).toMatchObject({ revision: `v1@sha1:${base}` })
    // The commit is no tip, so the whole branch is fetched to find it.
    expect(await checkOut({ commit: base }, { url })).toMatchObject({ revision: `sha1:${base}` })
    old.create('pub/empty')
    expect(await checkOut({}, { url: `${old.url}/pub/empty` })).toEqual({ kind: 'empty' })
  })
})

describe('failures read as in Flux', () => {
  test('missing branch', async () => {
    const url = `${server.url}/pub/app`
    expect(await failure(checkOut({ branch: 'nope' }))).toBe(
      `unable to clone '${url}': couldn't find remote ref "refs/heads/nope"`,
    )
  })

  test('missing repository', async () => {
    const url = `${server.url}/pub/nope`
    expect(await failure(checkOut({}, { url }))).toBe(`unable to clone '${url}': repository not found: `)
  })

  test('missing credentials', async () => {
    const url = `${server.url}/private/app`
    expect(await failure(checkOut({}, { url }))).toBe(
      `unable to clone '${url}': authentication required: Authorization Required`,
    )
    expect(await failure(checkOut({ branch: 'main' }, { url }, 'main@sha1:x'))).toBe(
      `unable to list remote for '${url}': authentication required: Authorization Required`,
    )
  })

  test('missing commit', async () => {
    const commit = '0123456789012345678901234567890123456789'
    expect(await failure(checkOut({ commit }))).toBe(
      `unable to resolve commit object for '${commit}': object not found`,
    )
    expect(await failure(checkOut({ commit: 'short' }))).toContain("'short': object not found")
  })

  test('a repository without commits', async () => {
    const url = `${server.url}/pub/empty`
    const words = `unable to clone: remote repository is empty: git repository: '${url}'`
    const commit = '0123456789012345678901234567890123456789'
    expect(await failure(checkOut({ tag: 'v1' }, { url }))).toBe(words)
    expect(await failure(checkOut({ semver: '*' }, { url }))).toBe(words)
    expect(await failure(checkOut({ commit }, { url }))).toBe(words)
    expect(await failure(checkOut({ commit, branch: 'main' }, { url }))).toBe(words)
    const listed = `unable to list remote for '${url}': remote repository is empty`
    expect(await failure(checkOut({ name: 'refs/heads/main' }, { url }))).toBe(listed)
    expect(await failure(checkOut({ branch: 'main' }, { url }, 'main@sha1:x'))).toBe(listed)
  })

  test('a range that is none, before anything is asked', async () => {
    const url = `${server.url}/pub/nope`
    expect(await failure(checkOut({ semver: 'x.y.' }, { url }))).toBe(
      'semver parse error: improper constraint: "x.y."',
    )
  })

  test('missing name', async () => {
    expect(await failure(checkOut({ name: 'refs/x' }))).toBe(
      "unable to resolve ref 'refs/x' to a specific commit",
    )
    expect(await failure(checkOut({ name: '/refs/x' }))).toContain("cannot begin or end with a slash '/'")
  })
})

async function redirecting(location: (url: string) => string): Promise<TestGit> {
  return startTestGit((inner) => (request, response) => {
    if (request.url?.startsWith('/old/')) {
      response.writeHead(301, { location: location(request.url) }).end()
    } else {
      inner(request, response)
    }
  })
}

describe('redirects', () => {
  const credentials = { kind: 'basic', username: 'me', password: 's3cret' } as const

  test('within the host keep the credentials and move the repository', async () => {
    const other = await redirecting((url) => url.replace('/old/', '/private/'))
    other.create('private/app').commit('init', { a: 'a' })
    const url = `${other.url}/old/app`
    expect(await checkOut({ branch: 'main' }, { url, credentials })).toMatchObject({ kind: 'checkedOut' })
    other.close()
  })

  test('to another host carry no credentials', async () => {
    const other = await redirecting((url) => server.url + url.replace('/old/', '/private/'))
    seen.length = 0
    const message = await failure(checkOut({ branch: 'main' }, { url: `${other.url}/old/app`, credentials }))
    expect(message).toContain('authentication required')
    expect(seen).toEqual(['GET /private/app/info/refs?service=git-upload-pack'])
    other.close()
  })

  test('without end are given up', async () => {
    const other = await redirecting((url) => url)
    expect(await failure(checkOut({}, { url: `${other.url}/old/app` }))).toContain(
      'stopped after 10 redirects',
    )
    other.close()
  })
})

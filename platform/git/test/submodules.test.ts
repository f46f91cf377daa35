import { createHttp } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGitClient, type GitCheckout } from '../src/index.ts'
import { startTestGit, type TestGit, type TestRepository } from './real-git.ts'

const http = createHttp()
const { signal } = new AbortController()
const seen: string[] = []
let server: TestGit
let other: TestGit
let app: TestRepository

beforeAll(async () => {
  server = await startTestGit()
  other = await startTestGit((inner) => (request, response) => {
    seen.push(request.headers.authorization ?? 'anonymous')
    inner(request, response)
  })
  const deep = server.create('private/deep')
  deep.commit('deep', { 'deep.txt': 'd' })
  const lib = server.create('private/lib')
  lib.commit('lib', { 'lib.txt': 'l' })
  addSubmodule(lib, { path: 'deep', url: '../deep', commit: deep.git('rev-parse', 'HEAD') })
  const foreign = other.create('pub/foreign')
  foreign.commit('foreign', { 'f.txt': 'f' })
  app = server.create('private/app')
  app.commit('app', { 'app.txt': 'a' })
  addSubmodule(app, { path: 'vendor/lib', url: '../lib', commit: lib.git('rev-parse', 'HEAD') })
  addSubmodule(app, {
    path: 'vendor/foreign',
    url: `${other.url}/pub/foreign`,
    commit: foreign.git('rev-parse', 'HEAD'),
  })
})
afterAll(async () => {
  server.close()
  other.close()
  await http.close()
})

function addSubmodule(
  repository: TestRepository,
  { path, url, commit }: { readonly path: string; readonly url: string; readonly commit: string },
): void {
  repository.git('config', '-f', '.gitmodules', `submodule.${path}.path`, path)
  repository.git('config', '-f', '.gitmodules', `submodule.${path}.url`, url)
  repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
  repository.git('add', '.gitmodules')
  repository.git('commit', '-q', '-m', `add ${path}`)
}

const checkOut = (recurseSubmodules: boolean): Promise<GitCheckout> =>
  createGitClient({ http }).checkOut(
    {
      url: `${server.url}/private/app`,
      credentials: { kind: 'basic', username: 'me', password: 's3cret' },
    },
    { branch: 'main' },
    { signal, timeoutMs: 5000, recurseSubmodules },
  )

test('submodules of submodules come along, each from where it lies', async () => {
  const result = await checkOut(true)
  if (result.kind !== 'checkedOut') throw new Error(result.kind)
  expect(result.tree.list('vendor')).toEqual(['foreign', 'lib'])
  expect(result.tree.list('vendor/lib')).toEqual(['.gitmodules', 'deep', 'lib.txt'])
  expect(Buffer.from(result.tree.read('vendor/lib/deep/deep.txt')).toString()).toBe('d')
  expect(Buffer.from(result.tree.read('vendor/foreign/f.txt')).toString()).toBe('f')
})

test('another host gets no credentials', async () => {
  seen.length = 0
  await checkOut(true)
  expect(new Set(seen)).toEqual(new Set(['anonymous']))
})

test('without being asked for they stay empty', async () => {
  const result = await checkOut(false)
  if (result.kind !== 'checkedOut') throw new Error(result.kind)
  expect(result.tree.list('vendor/lib')).toEqual([])
})

test('a submodule that names a file or leaves its host is refused', async () => {
  const hostile = server.create('pub/hostile')
  hostile.commit('x', { a: 'a' })
  const commit = hostile.git('rev-parse', 'HEAD')
  addSubmodule(hostile, { path: 'x', url: 'file:///etc', commit })
  const git = createGitClient({ http })
  const fetch = (): Promise<unknown> =>
    git.checkOut(
      { url: `${server.url}/pub/hostile` },
      { branch: 'main' },
      { signal, timeoutMs: 5000, recurseSubmodules: true },
    )
  expect(await fetch().catch(errorChain)).toContain("unsupported scheme in URL 'file:///etc'")
  addSubmodule(hostile, { path: 'x', url: '../../../../x', commit })
  expect(await fetch().catch(errorChain)).toContain('leaves its host')
})

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHttp } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGitClient, type KnownCommit } from '../src/index.ts'
import { startTestGit, type TestGit, type TestRepository } from './real-git.ts'

const { signal } = new AbortController()
const options = { signal, timeoutMs: 20_000 }
const http = createHttp()
const client = createGitClient({ http })
let git: TestGit
let count = 0

beforeAll(async () => {
  git = await startTestGit()
})
afterAll(async () => {
  git.close()
  await http.close()
})

/** A repository with main at its third commit, and branches at each. */
function repository(): { repository: TestRepository; url: string; commits: readonly string[] } {
  count += 1
  const name = `pub/${count}`
  const made = git.create(name)
  made.git('config', 'receive.denyCurrentBranch', 'ignore')
  const commits = ['one', 'two', 'three'].map((text) => {
    const commit = made.commit(text, { file: text })
    made.git('branch', text)
    return commit
  })
  return { repository: made, url: `${git.url}/${name}`, commits }
}

test.each<[refspec: string, force: boolean, want: string]>([
  ['refs/heads/main:refs/heads/new', false, 'new=three'],
  ['refs/heads/main:refs/heads/two', false, 'two=three'],
  ['refs/heads/main:refs/heads/one', false, 'object not found'],
  ['refs/heads/main:refs/heads/one', true, 'one=three'],
  ['+refs/heads/main:refs/heads/one', false, 'one=three'],
  ['refs/heads/first:refs/heads/two', false, 'non-fast-forward update: refs/heads/two'],
  ['refs/heads/*:refs/heads/copy/*', false, 'copy/first=one copy/main=three'],
  [':refs/heads/two', false, 'two='],
  [':refs/heads/absent', false, 'already up-to-date'],
  ['refs/heads/main:refs/heads/three', false, 'already up-to-date'],
  ['refs/heads/absent:refs/heads/new', false, 'already up-to-date'],
  ['not a refspec', false, 'malformed refspec, separators are wrong'],
  ['a:b:c', false, 'malformed refspec, separators are wrong'],
  ['refs/heads/main:', false, 'malformed refspec, separators are wrong'],
  ['refs/heads/*:refs/heads/new', false, 'malformed refspec, mismatched number of wildcards'],
  ['refs/heads/main:refs/heads/a\nb', false, String.raw`invalid reference "refs/heads/a\nb"`],
])('%s, forced: %s, gives %s', async (refspec, force, want) => {
  const { repository: made, url, commits } = repository()
  const [one = '', two = '', three = ''] = commits
  const sources = new Map<string, KnownCommit>([
    ['refs/heads/main', { id: three, ancestors: [two], isHistoryWhole: false }],
    ['refs/heads/first', { id: one, ancestors: [], isHistoryWhole: true }],
  ])
  const before = heads(made)
  const ending = await client
    .pushRefs({ url }, { refspecs: [refspec], sources, force }, options)
    .then(() => changed(before, heads(made), commits), errorChain)
  expect(ending).toBe(want)
})

test('hooks are told the options of a push', async () => {
  const { repository: made, url, commits } = repository()
  made.git('config', 'receive.advertisePushOptions', 'true')
  const hook = join(made.path, '.git/hooks/pre-receive')
  writeFileSync(
    hook,
    '#!/bin/sh\necho "$GIT_PUSH_OPTION_COUNT $GIT_PUSH_OPTION_0 $GIT_PUSH_OPTION_1" >> told\n',
  )
  chmodSync(hook, 0o755)
  const author = { name: 'Flux', email: 'flux@example.com', seconds: 0, zone: '+0000' }
  const told = { 'merge_request.create': 'true', 'ci.skip': '' }
  const targets = [{ name: 'refs/heads/main' }]
  const changes = new Map([['file', { content: Buffer.from('four') }]])
  const [, , parent = ''] = commits
  const push = { parent, changes, author, message: 'four', targets }
  await client.push({ url }, { ...push, options: told }, options)
  expect(readFileSync(join(made.path, '.git/told'), 'utf8')).toBe('2 merge_request.create=true ci.skip=\n')
  await expect(
    client.push({ url }, { ...push, options: { a: 'b\nc' }, targets: [{ name: 'refs/heads/x' }] }, options),
  ).rejects.toThrow('push options must not have new line characters')
  made.git('config', 'receive.advertisePushOptions', 'false')
  await client.push({ url }, { ...push, options: told, targets: [{ name: 'refs/heads/y' }] }, options)
  expect(readFileSync(join(made.path, '.git/told'), 'utf8')).toMatch(/\n0 {2}\n$/)
})

test('a commit on top of a checkout fetches nothing again', async () => {
  const { repository: made, url } = repository()
  const found = await client.checkOut({ url }, { branch: 'main' }, options)
  if (found.kind !== 'checkedOut') throw new Error(found.kind)
  made.git('config', 'uploadpack.hideRefs', 'refs')
  const pushed = await client.push(
    { url },
    {
      parent: found.commit.id,
      objects: found.objects,
      changes: new Map([['dir/file', { content: Buffer.from('new') }]]),
      author: { name: 'Flux', email: 'flux@example.com', seconds: 0, zone: '+0000' },
      message: 'new',
      targets: [{ name: 'refs/heads/main' }],
    },
    options,
  )
  expect(pushed).toEqual({ kind: 'pushed', commit: made.git('rev-parse', 'main') })
  expect(made.git('show', 'main:dir/file')).toBe('new')
})

type Heads = ReadonlyMap<string, string>

function heads(made: TestRepository): Heads {
  const lines = made
    .git('for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/heads')
    .split('\n')
  return new Map(lines.map((line) => line.split(' ') as [string, string]))
}

/** Branches that moved, with the name of the commit that they are at now. */
function changed(before: Heads, after: Heads, commits: readonly string[]): string {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name}=${['one', 'two', 'three'][commits.indexOf(after.get(name) ?? '')] ?? ''}`)
    .join(' ')
}

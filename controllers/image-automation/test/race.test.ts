import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GitClient } from '@sluice/git'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGit, type TestGit } from '../../../platform/git/test/real-git.ts'
import { type AutomationHarness, startAutomation } from './automation-harness.ts'

const author = { name: 'bot', email: 'bot@example.com' }
const names = ['one', 'two', 'three', 'four']
let git: TestGit

beforeAll(async () => {
  git = await startTestGit()
})
afterAll(() => git.close())

/** Holds first pushes back until all that are expected are there: each has then checked out the same commit. */
function together(expected: number): (git: GitClient) => GitClient {
  const held: (() => void)[] = []
  return (client) => ({
    ...client,
    push: async (...given) => {
      if (held.length < expected) {
        await new Promise<void>((resolve) => {
          held.push(resolve)
          if (held.length === expected) for (const release of held) release()
        })
      }
      return client.push(...given)
    },
  })
}

const fileOf = (name: string): string => `${name}/v.yaml`
const marked = (tag: string): string => `tag: ${tag} # {"$imagepolicy": "apps:web:tag"}\n`

function apply(it: AutomationHarness, url: string, branch: string): void {
  it.repository('app', { url, ref: { branch: 'main' } })
  it.policy('web', 'r.io/web:v2')
  for (const name of names) {
    it.automation(name, {
      git: { commit: { author, messageTemplate: name }, push: { branch } },
      update: { strategy: 'Setters', path: name },
    })
  }
}

test.each([
  ['the branch that they check out', 'main'],
  ['a branch that is made', 'auto'],
])('automations that race on %s lose no commit', async (_name, branch) => {
  const repository = git.create(`pub/race-${branch}`)
  repository.git('config', 'receive.denyCurrentBranch', 'ignore')
  repository.commit('init', Object.fromEntries(names.map((name) => [fileOf(name), marked('v1')])))
  const it = await startAutomation({ around: together(names.length) })
  apply(it, `${git.url}/pub/race-${branch}`, branch)
  for (const name of names) await it.settled(name)
  const log = repository.git('log', '--format=%s', '--first-parent', branch).split('\n')
  expect(log.toSorted()).toEqual(['init', ...names].toSorted())
  for (const name of names) {
    expect(repository.git('show', `${branch}:${fileOf(name)}`)).toBe(marked('v2').trim())
  }
  const events = await it.events()
  expect(events.filter((text) => text.startsWith('Warning'))).toEqual([])
  const commits = new Set(names.map((name) => it.status(name).lastPushCommit))
  expect(commits.size).toBe(names.length)
  await it.close()
})

test('a commit that comes in while the server takes the push is kept', async () => {
  const repository = git.create('pub/sneak')
  repository.git('config', 'receive.denyCurrentBranch', 'ignore')
  repository.commit('init', { [fileOf('one')]: marked('v1') })
  const hook = join(repository.path, '.git/hooks/update')
  const sneak = [
    '#!/bin/sh',
    '[ -e sneaked ] && exit 0',
    'touch sneaked',
    'export GIT_AUTHOR_NAME=Eve GIT_AUTHOR_EMAIL=e GIT_COMMITTER_NAME=Eve GIT_COMMITTER_EMAIL=e',
    'commit=$(git commit-tree -p "$2" -m sneaked "$2^{tree}")',
    'git update-ref refs/heads/main "$commit"',
  ]
  writeFileSync(hook, `${sneak.join('\n')}\n`)
  chmodSync(hook, 0o755)
  const it = await startAutomation()
  it.repository('app', { url: `${git.url}/pub/sneak`, ref: { branch: 'main' } })
  it.policy('web', 'r.io/web:v2')
  it.automation('one', {
    git: { commit: { author, messageTemplate: 'one' } },
    update: { strategy: 'Setters' },
  })
  expect(await it.settled('one')).toEqual(['Ready=True Succeeded: repository up-to-date'])
  expect(repository.git('log', '--format=%s', 'main').split('\n')).toEqual(['one', 'sneaked', 'init'])
  await it.close()
})

test('what the server refuses for another reason is not tried on and on', async () => {
  const repository = git.create('pub/refused')
  repository.commit('init', { [fileOf('one')]: marked('v1') })
  let pushes = 0
  const it = await startAutomation({
    around: (client) => ({
      ...client,
      push: (...given) => {
        pushes += 1
        return client.push(...given)
      },
    }),
  })
  it.repository('app', { url: `${git.url}/pub/refused`, ref: { branch: 'main' } })
  it.policy('web', 'r.io/web:v2')
  it.automation('one', { git: { commit: { author } }, update: { strategy: 'Setters' } })
  await it.until(() => it.conditions('one').some((text) => text.startsWith('Ready=False')))
  expect(pushes).toBe(1)
  expect(it.conditions('one').at(-1)).toBe(
    'Ready=False GitOperationFailed: failed to update source: failed to push to remote: command error on refs/heads/main: branch is currently checked out',
  )
  await it.close()
})

import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GitServer, startGitServer } from './git-server.ts'

const credentials = { username: 'cnych', password: 's3cret' }

describe('startGitServer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-git-server-'))
  let server: GitServer

  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
    })
  const url = (name: string, password = credentials.password): string =>
    `http://${credentials.username}:${password}@127.0.0.1:${server.port}/${name}`

  beforeAll(async () => {
    git('init', '-q', '--bare', '-b', 'main', 'bare.git')
    git('init', '-q', '-b', 'main', 'work')
    writeFileSync(join(directory, 'work/a.yaml'), 'a: 1\n')
    git('-C', 'work', 'add', '.')
    git('-C', 'work', 'commit', '-qm', 'first')
    server = await startGitServer({
      repositories: new Map([
        ['team/bare', { directory: join(directory, 'bare.git'), writable: true }],
        ['work', { directory: join(directory, 'work'), writable: false }],
      ]),
      credentials,
      port: 0,
    })
  })

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  // The client is another process and the server runs in this one, so it must not block the event loop.
  const gitAsync = (...args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(
        'git',
        args,
        { cwd: directory, env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } },
        (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)),
      )
    })

  test('a push reaches a writable repository', async () => {
    await gitAsync('-C', 'work', 'push', '-q', url('team/bare.git'), 'main')
    expect(git('-C', 'bare.git', 'log', '--format=%s', 'main')).toBe('first\n')
  })

  test('a work tree can be cloned and not pushed to', async () => {
    await gitAsync('clone', '-q', url('work'), 'clone')
    expect(git('-C', 'clone', 'log', '--format=%s')).toBe('first\n')
    await expect(gitAsync('-C', 'clone', 'push', url('work'), 'main:other')).rejects.toThrow(
      /[Aa]uthentication failed|403|not found/,
    )
  })

  test('a wrong password is refused', async () => {
    await expect(gitAsync('ls-remote', url('work', 'wrong'))).rejects.toThrow(/[Aa]uthentication failed/)
  })

  test('an unknown repository is not found', async () => {
    await expect(gitAsync('ls-remote', url('etc'))).rejects.toThrow('not found')
  })
})

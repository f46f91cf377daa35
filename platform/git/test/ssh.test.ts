import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createHttp } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import ssh, { type Server } from 'ssh2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createGitClient,
  createSshKey,
  type GitCheckout,
  type GitRemote,
  isKeyEncrypted,
  publicKeyOf,
  type SshCredentials,
  scanHostKey,
} from '../src/index.ts'
import { parseKnownHosts } from '../src/ssh/known-hosts.ts'
import { startTestGit, type TestGit, type TestRepository } from './real-git.ts'

const http = createHttp()
const git = createGitClient({ http })
const { signal } = new AbortController()
let files: TestGit
let repository: TestRepository
let server: Server
let port: number
let isModern = true

const keygen = (name: string, ...options: string[]): string => {
  const path = join(files.root, name)
  execFileSync('ssh-keygen', ['-q', '-f', path, ...(options.includes('-N') ? [] : ['-N', '']), ...options])
  return readFileSync(path, 'utf8')
}
const publicKey = (name: string): string =>
  readFileSync(join(files.root, `${name}.pub`), 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ')

/** An SSH server that runs the real `git upload-pack` for those who have one of the keys. */
function startServer(hostKeys: readonly string[], userKeys: readonly string[]): Server {
  return new ssh.Server({ hostKeys: [...hostKeys] }, (client) => {
    client.on('error', () => client.end())
    client.on('authentication', (context) => {
      const isKnown =
        context.method === 'publickey' &&
        userKeys.some((line) => line.split(' ')[1] === context.key.data.toString('base64'))
      if (isKnown && context.username === 'git') context.accept()
      else context.reject(['publickey'])
    })
    client.on('ready', () => {
      client.on('session', (accept) => {
        const session = accept()
        let protocol = ''
        session.on('env', (acceptEnv, _reject, info) => {
          if (isModern) protocol = info.val
          acceptEnv?.()
        })
        session.on('exec', (acceptExec, _reject, { command }) => {
          const channel = acceptExec()
          const child = spawn('sh', ['-c', command.replace(/^git-/, 'git ')], {
            env: { PATH: process.env['PATH'], GIT_PROTOCOL: protocol },
          })
          channel.pipe(child.stdin)
          child.stdin.on('error', () => channel.end())
          child.stdout.on('data', (chunk: Buffer) => channel.write(chunk))
          child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk))
          child.on('close', (code) => {
            channel.exit(code ?? 1)
            channel.end()
          })
        })
      })
    })
  })
}

beforeAll(async () => {
  files = await startTestGit()
  repository = files.create('pub/app')
  repository.commit('first', { a: 'a' })
  const names = ['host', 'ed25519', 'rsa', 'ecdsa', 'locked'] as const
  keygen('host', '-t', 'ed25519')
  keygen('ed25519', '-t', 'ed25519')
  keygen('rsa', '-t', 'rsa', '-b', '2048')
  keygen('ecdsa', '-t', 'ecdsa', '-b', '384')
  keygen('locked', '-t', 'ed25519', '-N', 'open sesame')
  keygen('stranger', '-t', 'ed25519')
  server = startServer([readFileSync(join(files.root, 'host'), 'utf8')], names.map(publicKey))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server.close()
  files.close()
  await http.close()
})

const remote = (credentials: Partial<SshCredentials> = {}, path = '/pub/app'): GitRemote => ({
  url: `ssh://git@127.0.0.1:${port}${files.root}${path}`,
  ssh: {
    identity: readFileSync(join(files.root, 'ed25519'), 'utf8'),
    knownHosts: `[127.0.0.1]:${port} ${publicKey('host')}`,
    ...credentials,
  },
})
const checkOut = (credentials: Partial<SshCredentials> = {}, path = '/pub/app'): Promise<GitCheckout> =>
  git.checkOut(remote(credentials, path), { branch: 'main' }, { signal, timeoutMs: 5000 })
const failure = (work: Promise<unknown>): Promise<string> => work.then(String, errorChain)

describe('a checkout over SSH', () => {
  test.for(['ed25519', 'rsa', 'ecdsa'])('with a key of type %s', async (name) => {
    const identity = readFileSync(join(files.root, name), 'utf8')
    expect(await checkOut({ identity })).toMatchObject({ kind: 'checkedOut' })
  })

  test('with a key in PKCS #8, as Flux writes them', async () => {
    const path = join(files.root, 'pkcs8')
    copyFileSync(join(files.root, 'ecdsa'), path)
    execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PKCS8', '-N', '', '-f', path])
    const identity = readFileSync(path, 'utf8')
    expect(identity).toContain('BEGIN PRIVATE KEY')
    expect(await checkOut({ identity })).toMatchObject({ kind: 'checkedOut' })
  })

  test('with an identity of our own making, and the key that the server shows', async () => {
    const knownHosts = await scanHostKey(remote().url, { signal, timeoutMs: 5000 })
    expect(knownHosts).toBe(`[127.0.0.1]:${port} ${publicKey('host')}\n`)
    expect(await checkOut({ knownHosts })).toMatchObject({ kind: 'checkedOut' })
    await expect(scanHostKey('ssh://git@127.0.0.1:1/app', { signal, timeoutMs: 5000 })).rejects.toThrow(
      "SSH key scan for host '127.0.0.1' failed",
    )
  })

  test.for([
    [{ algorithm: 'rsa', bits: 2048 }, 'ssh-rsa'],
    [{ algorithm: 'ecdsa', curve: 'p384' }, 'ecdsa-sha2-nistp384'],
    [{ algorithm: 'ed25519' }, 'ssh-ed25519'],
  ] as const)('a new key has the public key that ssh-keygen finds: %j', async ([kind, type]) => {
    const path = join(files.root, `new-${kind.algorithm}`)
    const identity = await createSshKey(kind)
    const line = await publicKeyOf(identity)
    expect(line).toMatch(new RegExp(`^${type} `))
    if (kind.algorithm === 'ed25519') return
    writeFileSync(path, identity, { mode: 0o600 })
    expect(execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' }).trim()).toBe(line.trim())
  })

  test('with an encrypted key and its passphrase', async () => {
    const identity = readFileSync(join(files.root, 'locked'), 'utf8')
    expect(await checkOut({ identity, passphrase: 'open sesame' })).toMatchObject({ kind: 'checkedOut' })
    expect(await failure(checkOut({ identity, passphrase: 'wrong' }))).toContain('unable to clone')
    expect(await isKeyEncrypted(identity)).toBe(true)
    expect(await isKeyEncrypted(readFileSync(join(files.root, 'rsa'), 'utf8'))).toBe(false)
  })

  test('of a server that speaks only version 0', async () => {
    isModern = false
    expect(await checkOut()).toMatchObject({ kind: 'checkedOut' })
    isModern = true
  })

  const failures: readonly (readonly [string, () => Promise<GitCheckout>, string])[] = [
    [
      'an unknown server',
      () => checkOut({ knownHosts: '' }),
      'ssh: handshake failed: knownhosts: key is unknown',
    ],
    [
      'another key than the known one',
      () => checkOut({ knownHosts: `[127.0.0.1]:${port} ${publicKey('stranger')}` }),
      'ssh: handshake failed: knownhosts: key mismatch',
    ],
    [
      'a key that may not',
      () => checkOut({ identity: readFileSync(join(files.root, 'stranger'), 'utf8') }),
      'ssh: handshake failed: ssh: unable to authenticate',
    ],
    ['a missing repository', () => checkOut({}, '/pub/none'), 'repository not found'],
    ['no key', () => checkOut({ identity: 'nonsense' }), 'ssh: '],
  ]
  test.for(failures)('fails for %s', async ([, work, message]) => {
    expect(await failure(work())).toContain(message)
  })
})

describe('known_hosts', () => {
  const key = Buffer.from('the key')
  const line = (hosts: string, marker = ''): string =>
    `${marker}${hosts} ssh-ed25519 ${key.toString('base64')}`
  // Made by `ssh-keygen -H` for the host git.example.com.
  const hashed = (): string => {
    const path = join(files.root, 'hosts')
    execFileSync('sh', ['-c', `echo '${line('git.example.com')}' > ${path} && ssh-keygen -q -H -f ${path}`])
    return readFileSync(path, 'utf8')
  }

  test.for([
    [line('git.example.com'), 22, undefined],
    [line('other,git.example.com'), 22, undefined],
    [line('*.example.com'), 22, undefined],
    [line('git.exampl?.com'), 22, undefined],
    [line('[git.example.com]:2222'), 2222, undefined],
    [line('git.example.com'), 2222, 'knownhosts: key is unknown'],
    [line('*,!git.example.com'), 22, 'knownhosts: key is unknown'],
    [`${line('*')}\n${line('git.example.com', '@revoked ')}`, 22, 'knownhosts: key is revoked'],
    [line('*', '@cert-authority '), 22, 'knownhosts: key is unknown'],
    ['# comment\n\n', 22, 'knownhosts: key is unknown'],
    ['git.example.com ssh-ed25519 b3RoZXI=', 22, 'knownhosts: key mismatch'],
  ] as const)('case %#', ([text, at, want]) => {
    expect(parseKnownHosts(text, 'git.example.com', at).refusal(key)).toBe(want)
  })

  test('hashed names are understood', () => {
    expect(hashed()).toMatch(/^\|1\|/)
    expect(parseKnownHosts(hashed(), 'git.example.com', 22).refusal(key)).toBeUndefined()
    expect(parseKnownHosts(hashed(), 'evil.example.com', 22).refusal(key)).toBe('knownhosts: key is unknown')
  })
})

test('a push over SSH', async () => {
  const target = files.create('pub/target')
  target.git('config', 'receive.denyCurrentBranch', 'ignore')
  const parent = target.commit('first', { a: 'a' })
  const author = { name: 'Flux', email: 'flux@example.com', seconds: 1_767_225_600, zone: '+0100' }
  const push = {
    parent,
    author,
    message: 'second',
    changes: new Map([['b', { content: Buffer.from('b') }]]),
    targets: [{ name: 'refs/heads/main' }],
  }
  await git.push(remote({}, '/pub/target'), push, { signal, timeoutMs: 5000 })
  expect(target.git('show', 'main:b')).toBe('b')
  const late = git.push(remote({}, '/pub/target'), { ...push, message: 'late' }, { signal, timeoutMs: 5000 })
  expect(await failure(late)).toBe('non-fast-forward update: refs/heads/main')
})

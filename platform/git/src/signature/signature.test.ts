import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Commit, parseCommit, parseTag, type Tag } from '../objects/commit.ts'
import { verifyGitObject } from './verify-object.ts'

// The keys below are made a little later than this line runs.
const now = Date.now() + 60_000
let directory: string
const run = (program: string, ...args: string[]): Buffer =>
  execFileSync(program, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: directory, GNUPGHOME: directory, GIT_CONFIG_NOSYSTEM: '1' },
  })
const git = (...args: string[]): Buffer =>
  run('git', '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args)
const head = (): Commit => {
  const id = git('rev-parse', 'HEAD').toString().trim()
  return parseCommit(id, git('cat-file', 'commit', id), 'sha1')
}
const tag = (name: string): Tag => {
  const id = git('rev-parse', name).toString().trim()
  return parseTag(id, git('cat-file', 'tag', id), 'sha1')
}
const failure = (work: Promise<unknown>): Promise<string> => work.then(String, errorChain)

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sign-'))
  git('init', '-q')
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe.for([
  ['ed25519', []],
  ['rsa', ['-b', '2048']],
  ['ecdsa', ['-b', '256']],
  ['ecdsa', ['-b', '384']],
  ['ecdsa', ['-b', '521']],
] as const)('an SSH signature by %s %s', ([type, options]) => {
  const name = `key-${type}-${options.join('')}`
  let commit: Commit
  let publicKey: string

  beforeAll(() => {
    run('ssh-keygen', '-q', '-t', type, ...options, '-N', '', '-f', join(directory, name))
    publicKey = readFileSync(join(directory, `${name}.pub`), 'utf8')
    git(
      '-c',
      'gpg.format=ssh',
      '-c',
      `user.signingkey=${name}`,
      'commit',
      '-q',
      '--allow-empty',
      '-S',
      '-m',
      'x',
    )
    git('-c', 'gpg.format=ssh', '-c', `user.signingkey=${name}`, 'tag', '-s', '-m', 'release', `tag-${name}`)
    commit = head()
  })

  test('is verified, on commits and tags', async () => {
    const fingerprint = run('ssh-keygen', '-lf', `${name}.pub`).toString().split(' ')[1]
    const keys = { keyRings: [], authorizedKeys: [`# comment\n\n${publicKey}`] }
    expect(await verifyGitObject(commit, keys, { now })).toBe(fingerprint)
    expect(tag(`tag-${name}`)).toMatchObject({ message: 'release\n' })
    expect(await verifyGitObject(tag(`tag-${name}`), keys, { now })).toBe(fingerprint)
  })

  test('of a changed commit is not', async () => {
    const keys = { keyRings: [], authorizedKeys: [publicKey] }
    const tampered = { ...commit, signedContent: Buffer.concat([commit.signedContent, Buffer.from('!')]) }
    expect(await failure(verifyGitObject(tampered, keys, { now }))).toBe(
      'unable to verify Git commit SSH signature: unable to verify payload with any of the given authorized keys: ' +
        'no matching key\nssh: signature did not verify',
    )
  })
})

describe('SSH keys', () => {
  test('of another, none, or malformed are refused', async () => {
    const commit = head()
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'other'))
    const other = readFileSync(join(directory, 'other.pub'), 'utf8')
    const messageFor = (authorizedKeys: readonly string[]): Promise<string> =>
      failure(verifyGitObject(commit, { keyRings: [], authorizedKeys }, { now }))
    expect(await messageFor([other])).toContain('no matching key\nsshsig: public key does not match')
    expect(await messageFor([])).toBe(
      'SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)',
    )
    expect(await messageFor(['nonsense'])).toContain(
      'unable to parse authorized keys: unable to parse authorized key',
    )
  })

  test('a signature for another purpose is refused', async () => {
    writeFileSync(join(directory, 'payload'), 'payload')
    run('ssh-keygen', '-q', '-Y', 'sign', '-n', 'file', '-f', 'other', 'payload')
    const signature = readFileSync(join(directory, 'payload.sig'), 'utf8')
    const object = { ...head(), signature, signedContent: Buffer.from('payload') }
    const keys = { keyRings: [], authorizedKeys: [readFileSync(join(directory, 'other.pub'), 'utf8')] }
    expect(await failure(verifyGitObject(object, keys, { now }))).toContain('namespace mismatch')
  })
})

describe('an OpenPGP signature', () => {
  let commit: Commit
  let ring: string
  let keyId: string

  beforeAll(() => {
    run(
      'gpg',
      '--batch',
      '--passphrase',
      '',
      '--quick-gen-key',
      'Ann <ann@example.com>',
      'ed25519',
      'sign',
      '0',
    )
    ring = run('gpg', '--batch', '--armor', '--export', 'ann@example.com').toString()
    const listing = run('gpg', '--batch', '--with-colons', '--list-keys').toString()
    keyId = /^pub:(?:[^:]*:){3}([0-9A-F]+)/m.exec(listing)?.[1] ?? ''
    git('-c', `user.signingkey=${keyId}`, 'commit', '-q', '--allow-empty', '-S', '-m', 'pgp\n\nbody')
    git('-c', `user.signingkey=${keyId}`, 'tag', '-s', '-m', 'release', 'pgp')
    commit = head()
  })

  test('is verified, on commits and tags', async () => {
    const keys = { keyRings: [ring], authorizedKeys: [] }
    expect(await verifyGitObject(commit, keys, { now })).toBe(keyId)
    expect(await verifyGitObject(tag('pgp'), keys, { now })).toBe(keyId)
  })

  test('of a changed commit, or by another key, is not', async () => {
    const tampered = { ...commit, signedContent: Buffer.concat([commit.signedContent, Buffer.from('!')]) }
    const keys = { keyRings: [ring], authorizedKeys: [] }
    expect(await failure(verifyGitObject(tampered, keys, { now }))).toBe(
      'unable to verify Git commit: unable to verify payload with any of the given key rings: no matching key',
    )
    expect(await failure(verifyGitObject(commit, { keyRings: [], authorizedKeys: [] }, { now }))).toContain(
      'PGP signature detected but no PGP public keys found',
    )
    expect(
      await failure(verifyGitObject(commit, { keyRings: ['no ring'], authorizedKeys: [] }, { now })),
    ).toContain('unable to read armored key ring')
  })
})

test.for([
  [undefined, 'empty'],
  ['-----BEGIN SIGNED MESSAGE-----\n', 'x509'],
  ['nonsense', 'unknown'],
] as const)('a signature %j is of the unsupported type %s', async ([signature, format]) => {
  const object = { ...head(), signature }
  const keys = { keyRings: [], authorizedKeys: [] }
  expect(await failure(verifyGitObject(object, keys, { now }))).toBe(`unsupported signature type: ${format}`)
})

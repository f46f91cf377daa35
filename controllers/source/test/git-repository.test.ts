import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGitClient, GitError, type GitHubApps } from '@sluice/git'
import { gitRepositoryController } from '@sluice/source-controller'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGit, type TestGit, type TestRepository } from '../../../platform/git/test/real-git.ts'
import { type SourceHarness, startSources } from './source-harness.ts'

const kind = 'GitRepository'
/** Stands for GitHub: gives the token that the test server accepts to the app with the right key. */
const gitHubApps: GitHubApps = {
  token: async ({ appId, installationId, privateKey }) => {
    if (privateKey === '') throw new GitError('GIT_INVALID_INPUT', 'private key must be provided')
    return `${appId} ${installationId} ${privateKey}` === '7 9 key' ? 's3cret' : 'other'
  },
}
let git: TestGit
let repository: TestRepository
let first: string
let it: SourceHarness

beforeAll(async () => {
  git = await startTestGit()
  git.create('private/app').commit('init', { a: 'a' })
  git.create('pub/lib').commit('lib', { 'base/b.yaml': 'b: 1', 'top.yaml': 't: 1' })
  git.create('pub/empty')
})
afterAll(() => git.close())

let count = 0
beforeEach(async () => {
  count += 1
  repository = git.create(`pub/app-${count}`)
  first = repository.commit('first: with a subject that is longer than fifty characters', {
    'app/cm.yaml': 'a: 1',
    'pic.jpg': '',
    'x.txt': 'x',
  })
  it = await startSources(({ cluster, store, http }) => [
    gitRepositoryController({ cluster, store, git: createGitClient({ http }), gitHubApps }) as never,
  ])
})
afterEach(() => it.close())

const apply = (name: string, spec: object = {}, annotations: Record<string, string> = {}): void =>
  it.apply({
    kind,
    name,
    annotations,
    spec: { interval: '1m', url: `${git.url}/pub/app-${count}`, ref: { branch: 'main' }, ...spec },
  })

const files = async (name: string): Promise<readonly string[]> => {
  const tree = await it.fetch(kind, name)
  const walk = (path: string): string[] =>
    tree.list(path).flatMap((child) => {
      const at = path === '' ? child : `${path}/${child}`
      return tree.stat(at)?.kind === 'directory' ? walk(at) : [at]
    })
  return walk('')
}

describe('a repository', () => {
  test('becomes an artifact', async () => {
    apply('app')
    await it.settled(kind, 'app')
    const revision = `main@sha1:${first}`
    expect(it.conditions(kind, 'app')).toEqual([
      `Ready=True Succeeded: stored artifact for revision '${revision}'`,
      `ArtifactInStorage=True Succeeded: stored artifact for revision '${revision}'`,
    ])
    expect(it.status(kind, 'app')).toMatchObject({
      observedGeneration: 1,
      artifact: { revision, path: `gitrepository/apps/app/${first}.tar.gz` },
    })
    expect(await files('app')).toEqual(['app/cm.yaml', 'x.txt'])
    expect(await it.events()).toEqual([
      "Normal NewArtifact: stored artifact for commit 'first: with a subject that is longer than fifty ch...'",
    ])
  })

  test('that has not changed is not fetched again', async () => {
    apply('app')
    await it.settled(kind, 'app')
    const before = it.status(kind, 'app').artifact
    apply('app', {}, { 'reconcile.fluxcd.io/requestedAt': '1' })
    await it.settled(kind, 'app')
    expect(it.status(kind, 'app')).toMatchObject({ artifact: before, lastHandledReconcileAt: '1' })
    expect(await it.events()).toContain(
      `Normal GitOperationSucceeded: no changes since last reconciliation: observed revision 'main@sha1:${first}'`,
    )
  })

  test('with a new commit gets a new artifact', async () => {
    apply('app')
    await it.settled(kind, 'app')
    const second = repository.commit('second', { 'x.txt': null })
    await it.until(() => it.status(kind, 'app').artifact?.revision === `main@sha1:${second}`, 10_000)
    await it.settled(kind, 'app')
    expect(await files('app')).toEqual(['app/cm.yaml'])
    expect(await it.events()).toContain("Normal NewArtifact: stored artifact for commit 'second'")
  })

  test('is built again when only spec.ignore changed', async () => {
    apply('app')
    await it.settled(kind, 'app')
    apply('app', { ignore: '*.txt' })
    await it.settled(kind, 'app')
    expect(await files('app')).toEqual(['app/cm.yaml', 'pic.jpg'])
    expect(it.status(kind, 'app')).toMatchObject({ observedIgnore: '*.txt', observedGeneration: 2 })
  })

  test('is built again when its artifact is lost or damaged', async () => {
    apply('app')
    await it.settled(kind, 'app')
    const path = join(it.storeDirectory, it.status(kind, 'app').artifact?.path ?? '')
    await writeFile(path, 'tampered')
    apply('app', {}, { 'reconcile.fluxcd.io/requestedAt': '1' })
    await it.settled(kind, 'app')
    expect(await files('app')).toEqual(['app/cm.yaml', 'x.txt'])
    expect((await it.events()).join('\n')).toContain('failed to verify integrity of artifact')
    await rm(path)
    apply('app', {}, { 'reconcile.fluxcd.io/requestedAt': '2' })
    await it.settled(kind, 'app')
    expect(await files('app')).toEqual(['app/cm.yaml', 'x.txt'])
  })

  test('leaves nothing behind when it is deleted', async () => {
    apply('app')
    await it.settled(kind, 'app')
    it.remove(kind, 'app')
    await it.until(() => !it.exists(kind, 'app'))
    expect(await readdir(join(it.storeDirectory, 'gitrepository/apps'))).toEqual([])
    expect(await it.events()).toContain(
      'Normal GarbageCollectionSucceeded: garbage collected artifacts for deleted resource',
    )
  })

  test('takes basic credentials and says when they are missing', async () => {
    const url = `${git.url}/private/app`
    it.secret('bad', { username: 'me', password: 'wrong' })
    apply('wrong', { url, secretRef: { name: 'bad' } })
    apply('missing', { url, secretRef: { name: 'none' } })
    await it.settled(kind, 'wrong')
    await it.settled(kind, 'missing')
    expect(it.conditions(kind, 'wrong')).toEqual([
      'Reconciling=True ProgressingWithRetry: building artifact',
      `Ready=False GitOperationFailed: failed to checkout and determine revision: unable to clone '${url}': authentication required: Authorization Required\n`.trim(),
      `FetchFailed=True GitOperationFailed: failed to checkout and determine revision: unable to clone '${url}': authentication required: Authorization Required`,
    ])
    expect(it.status(kind, 'wrong').observedGeneration).toBe(-1)
    expect(it.ready(kind, 'missing')).toMatchObject({
      reason: 'AuthenticationFailed',
      message: expect.stringContaining(
        "failed to get secret 'apps/none': failed to get secret 'apps/none': ",
      ),
    })
    it.secret('bad', { username: 'me', password: 's3cret' })
    await it.until(() => it.ready(kind, 'wrong')?.status === 'True', 1000)
  })

  test.for([
    ['a missing branch', { ref: { branch: 'nope' } }, `couldn't find remote ref "refs/heads/nope"`],
    ['an empty repository', { url: '/pub/empty', ref: undefined }, 'git repository is empty'],
    ['a missing repository', { url: '/pub/nope' }, 'repository not found: '],
    ['a missing sparse directory', { sparseCheckout: ['nope'] }, "sparse checkout dir 'nope' does not exist"],
    [
      'a missing include',
      { include: [{ repository: { name: 'no' } }] },
      `include 'no': GitRepository.source.toolkit.fluxcd.io "no" not found`,
    ],
  ] as const)('%s is reported', async ([, spec, message]) => {
    const url = 'url' in spec ? { url: git.url + spec.url } : {}
    apply('app', { ...spec, ...url })
    await it.settled(kind, 'app')
    expect(it.ready(kind, 'app')).toMatchObject({
      status: 'False',
      message: expect.stringContaining(message),
    })
  })

  test('of an app of GitHub', async () => {
    const url = `${git.url}/private/app`
    const app = { githubAppID: '7', githubAppInstallationID: '9' }
    it.secret('app', { ...app, githubAppPrivateKey: 'key' })
    it.secret('incomplete', app)
    it.secret('basic', { username: 'me', password: 's3cret' })
    apply('good', { url, provider: 'github', secretRef: { name: 'app' } })
    apply('incomplete', { url, provider: 'github', secretRef: { name: 'incomplete' } })
    apply('no-app', { url, provider: 'github', secretRef: { name: 'basic' } })
    apply('no-provider', { url, secretRef: { name: 'app' } })
    await Promise.all(['good', 'incomplete', 'no-app', 'no-provider'].map((name) => it.settled(kind, name)))
    expect(it.ready(kind, 'good')?.status).toBe('True')
    expect(it.ready(kind, 'incomplete')?.message).toBe(
      'failed to configure authentication options: private key must be provided',
    )
    expect(it.ready(kind, 'no-app')?.message).toBe(
      'secretRef with github app data must be specified when provider is set to github',
    )
    expect(it.ready(kind, 'no-provider')?.message).toBe(
      "secretRef 'apps/app' has github app data but provider is not set to github",
    )
  })

  test('sparse checkouts hold the directories alone', async () => {
    repository.commit('more', { 'deploy/a.yaml': '', 'docs/x': '' })
    apply('app', { sparseCheckout: ['deploy', './app'] })
    await it.settled(kind, 'app')
    expect(await files('app')).toEqual(['app/cm.yaml', 'deploy/a.yaml'])
    expect(it.status(kind, 'app')).toMatchObject({ observedSparseCheckout: ['deploy', './app'] })
  })

  test('includes lie where they are asked to, and their changes come through', async () => {
    apply('lib', { url: `${git.url}/pub/lib` })
    await it.settled(kind, 'lib')
    apply('app', { include: [{ repository: { name: 'lib' }, fromPath: 'base', toPath: 'vendor/b' }] })
    apply('default', { include: [{ repository: { name: 'lib' } }] })
    await it.settled(kind, 'app')
    await it.settled(kind, 'default')
    expect(await files('app')).toEqual(['app/cm.yaml', 'vendor/b/b.yaml', 'x.txt'])
    expect(await files('default')).toContain('lib/base/b.yaml')
    expect(it.status(kind, 'app')).toMatchObject({
      includedArtifacts: [it.status(kind, 'lib').artifact],
      observedInclude: [{ repository: { name: 'lib' }, fromPath: 'base', toPath: 'vendor/b' }],
    })
  })

  test.for([
    [{ toPath: 'app' }, ' to app: link error: cannot rename unpack to app: rename unpack app: file exists'],
    [{ toPath: '/' }, ' to /: link error: cannot rename unpack to : rename unpack : file exists'],
    [{ toPath: 'x.txt' }, 'rename unpack x.txt: not a directory'],
    [{ toPath: 'x.txt/lib' }, 'mkdir x.txt: not a directory'],
    [
      { fromPath: '../nope', toPath: 'lib' },
      'from ../nope to lib: cannot stat unpack/nope: stat unpack/nope: no such file or directory',
    ],
  ] as const)('an include %j is refused', async ([include, message]) => {
    apply('lib', { url: `${git.url}/pub/lib` })
    await it.settled(kind, 'lib')
    apply('app', { include: [{ repository: { name: 'lib' }, ...include }] })
    await it.settled(kind, 'app')
    expect(it.ready(kind, 'app')).toMatchObject({
      reason: 'CopyFailure',
      message: expect.stringContaining(message),
    })
    // What failed in the storage is no failure of the next run, which does not get as far.
    apply('app', { ref: { branch: 'nope' } })
    await it.settled(kind, 'app')
    expect(it.conditions(kind, 'app').map((text) => text.split(' ')[0])).toEqual([
      'Reconciling=True',
      'Ready=False',
      'FetchFailed=True',
    ])
  })

  test('an include may be a file, and take the place of one', async () => {
    apply('lib', { url: `${git.url}/pub/lib` })
    await it.settled(kind, 'lib')
    const lib = { name: 'lib' }
    const include = [
      { repository: lib, fromPath: 'top.yaml', toPath: 'x.txt' },
      { repository: lib, fromPath: 'base/b.yaml', toPath: 'more/c.yaml' },
    ]
    apply('app', { include })
    await it.settled(kind, 'app')
    expect(await files('app')).toEqual(['app/cm.yaml', 'more/c.yaml', 'x.txt'])
    const tree = await it.fetch(kind, 'app')
    expect(new TextDecoder().decode(tree.read('x.txt'))).toBe('t: 1')
  })
})

const sign = (name: string): string => {
  const key = join(git.root, `${name}-${count}`)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const options = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key}`]
  repository.git(...options, 'commit', '-q', '--allow-empty', '-S', '-m', 'signed')
  repository.git(...options, 'tag', '-s', '-m', 'release', name)
  return readFileSync(`${key}.pub`, 'utf8')
}

describe('verification', () => {
  test('of commit and tag by the right key', async () => {
    it.secret('keys', { 'ann.sshpub': sign('v1') })
    const ref = { tag: 'v1' }
    apply('app', { ref, verify: { mode: 'TagAndHEAD', secretRef: { name: 'keys' } } })
    await it.settled(kind, 'app')
    const [commit, tag] = [repository.git('rev-parse', 'HEAD'), repository.git('rev-parse', 'v1')]
    expect(it.ready(kind, 'app')).toMatchObject({ status: 'True' })
    expect(it.conditions(kind, 'app').at(-1)).toMatch(
      new RegExp(
        `^SourceVerified=True Succeeded: verified signature of\\n\\t- tag 'v1@${tag}' with key 'SHA256:.*'\\n` +
          `\\t- commit '${commit}' with key 'SHA256:.*'$`,
      ),
    )
    expect(it.status(kind, 'app')).toMatchObject({ sourceVerificationMode: 'TagAndHEAD' })
  })

  test.for([
    [{}, 'InvalidCommitSignature', 'sshsig: public key does not match'],
    [{ mode: 'Tag' }, 'InvalidVerificationMode', 'if a tag reference is not specified'],
    [{ mode: 'Tag', tag: 'light' }, 'InvalidGitObject', "tag 'light' since it is not signed"],
    [{ secret: 'none' }, 'VerificationError', 'public keys secret error'],
  ] as const)('%j fails', async ([options, reason, message]) => {
    sign('v1')
    repository.git('tag', 'light')
    it.secret('keys', { 'other.sshpub': sign('other') })
    repository.git('reset', '-q', '--hard', 'v1')
    const { mode, tag, secret = 'keys' }: { mode?: string; tag?: string; secret?: string } = options
    const ref = tag === undefined ? { branch: 'main' } : { tag }
    apply('app', { ref, verify: { ...(mode && { mode }), secretRef: { name: secret } } })
    await it.settled(kind, 'app')
    expect(it.ready(kind, 'app')).toMatchObject({
      status: 'False',
      reason,
      message: expect.stringContaining(message),
    })
    expect(it.status(kind, 'app').artifact).toBeUndefined()
  })
})

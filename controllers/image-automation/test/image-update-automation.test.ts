import type { ImageUpdateAutomationSpec } from '@sluice/toolkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGit, type TestGit, type TestRepository } from '../../../platform/git/test/real-git.ts'
import { type AutomationHarness, startAutomation } from './automation-harness.ts'

type GitSpec = NonNullable<ImageUpdateAutomationSpec['git']>

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name:   web}   # spaces stay

spec:
  image: 'r.io/web:1.0.0' # {"$imagepolicy": "apps:web"}\r
  tag:  1.0.0   # {"$imagepolicy": "apps:web:tag"}
`
const updated = deployment.replaceAll('1.0.0', '1.1.0')
const author = { name: 'bot', email: 'bot@example.com' }
const upToDate = ['Ready=True Succeeded: repository up-to-date']
let git: TestGit
let repository: TestRepository
let it: AutomationHarness
let count = 0

beforeAll(async () => {
  git = await startTestGit()
})
afterAll(() => git.close())

beforeEach(async () => {
  count += 1
  repository = git.create(`pub/app-${count}`)
  repository.git('config', 'receive.denyCurrentBranch', 'ignore')
  repository.commit('init', { 'apps/web.yaml': deployment, 'apps/readme.md': deployment })
  it = await startAutomation()
  it.repository('app', { url: `${git.url}/pub/app-${count}`, ref: { branch: 'main' } })
  it.policy('web', 'r.io/web:1.1.0')
})
afterEach(() => it.close())

const spec = (overrides: Partial<GitSpec> = {}, more: Partial<ImageUpdateAutomationSpec> = {}) => ({
  git: { commit: { author, messageTemplate: '{{ len .Changed.Changes }} changes' }, ...overrides },
  update: { strategy: 'Setters' as const, path: './apps' },
  ...more,
})
const show = (revision: string): string => repository.git('show', '--format=%an <%ae>|%cn|%B', revision)
const requested = { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } }

describe('an automation', () => {
  test('commits to the branch that it checks out, and keeps every other byte', async () => {
    const before = repository.git('rev-parse', 'main')
    it.automation('a', spec())
    expect(await it.settled('a')).toEqual(upToDate)
    const commit = repository.git('rev-parse', 'main')
    expect(repository.git('rev-parse', 'main~1')).toBe(before)
    expect(repository.git('show', 'main:apps/web.yaml')).toBe(updated.trim())
    expect(repository.git('show', '--stat', '--format=%an <%ae>|%cn|%B', 'main')).toMatch(
      /^bot <bot@example\.com>\|bot\|2 changes\n/,
    )
    expect(it.status('a')).toMatchObject({
      lastAutomationRunTime: '2026-01-01T00:00:00Z',
      lastPushCommit: commit,
      observedGeneration: 1,
      observedPolicies: { web: { name: 'r.io/web', tag: '1.1.0' } },
      observedSourceRevision: `main@sha1:${commit}`,
    })
    expect(await it.events()).toEqual([
      `Normal Succeeded: pushed commit '${commit.slice(0, 7)}' to branch 'main'\n2 changes`,
    ])
  })

  test('lists the repository, and fetches nothing, while nothing has changed', async () => {
    it.automation('a', spec())
    await it.settled('a')
    it.checkouts.length = 0
    it.automation('a', spec(), requested)
    expect(await it.settled('a')).toEqual(upToDate)
    expect(it.checkouts).toEqual(['unchanged'])
    expect((await it.events()).at(-1)).toBe('Normal Succeeded: no change since last reconciliation')
    repository.git('reset', '-q', '--hard')
    repository.commit('someone else', { other: '1' })
    it.automation('a', spec(), { annotations: { 'reconcile.fluxcd.io/requestedAt': 'later' } })
    await it.settled('a')
    expect(it.checkouts).toEqual(['unchanged', 'checkedOut'])
    expect((await it.events()).at(-1)).toBe('Normal Succeeded: repository up-to-date')
  })

  test('makes the branch to push to, goes on there, and fetches nothing in between', async () => {
    const push = { push: { branch: 'auto/web' } }
    it.automation('a', spec(push))
    await it.settled('a')
    const first = repository.git('rev-parse', 'auto/web')
    expect(repository.git('rev-parse', 'auto/web~1')).toBe(repository.git('rev-parse', 'main'))
    it.automation('a', spec(push), requested)
    await it.settled('a')
    it.checkouts.length = 0
    it.automation('a', spec(push), { annotations: { 'reconcile.fluxcd.io/requestedAt': 'later' } })
    await it.settled('a')
    expect(it.checkouts).toEqual(['unchanged', 'unchanged'])
    it.policy('web', 'r.io/web:1.2.0')
    await it.until(() => repository.git('rev-parse', 'auto/web') !== first)
    expect(repository.git('rev-parse', 'auto/web~1')).toBe(first)
    await it.until(() => it.status('a').lastPushCommit !== first)
    expect(it.status('a').observedSourceRevision).toBe(`main@sha1:${repository.git('rev-parse', 'main')}`)
  })

  test('goes on where a branch to push to has gone', async () => {
    const push = { push: { branch: 'auto/web' } }
    it.automation('a', spec(push))
    await it.settled('a')
    const first = repository.git('rev-parse', 'auto/web')
    it.automation('a', spec(push), requested)
    await it.settled('a')
    repository.git('branch', '-D', 'auto/web')
    it.automation('a', spec(push), { annotations: { 'reconcile.fluxcd.io/requestedAt': 'later' } })
    await it.settled('a')
    expect(repository.git('show', 'auto/web:apps/web.yaml')).toBe(updated.trim())
    expect(repository.git('rev-parse', 'auto/web~1')).toBe(repository.git('rev-parse', `${first}~1`))
  })

  test('pushes what a refspec says after its branch', async () => {
    it.automation('a', spec({ push: { refspec: 'refs/heads/main:refs/heads/mirror' } }))
    await it.settled('a')
    const commit = repository.git('rev-parse', 'main')
    expect(repository.git('rev-parse', 'mirror')).toBe(commit)
    expect((await it.events()).at(-1)).toBe(
      `Normal Succeeded: pushed commit '${commit.slice(0, 7)}' to branch 'main' and refspecs 'refs/heads/main:refs/heads/mirror'\n2 changes`,
    )
  })

  test('fails once for a refspec that is none, the branch being pushed', async () => {
    it.automation('a', spec({ push: { branch: 'auto', refspec: 'nonsense' } }))
    await it.until(() => it.conditions('a').some((text) => text.startsWith('Ready=True')))
    expect(await it.events()).toEqual([
      'Warning GitOperationFailed: failed to update source: failed to push to remote: malformed refspec, separators are wrong',
      'Normal Succeeded: repository up-to-date',
    ])
    expect(repository.git('show', 'auto:apps/web.yaml')).toBe(updated.trim())
    expect(it.status('a').lastPushCommit).toBeUndefined()
  })

  test('wakes when the GitRepository is reached in another way', async () => {
    it.automation('a', spec())
    await it.settled('a')
    git.create('private/moved').commit('init', { 'apps/web.yaml': deployment })
    it.repository('app', { url: `${git.url}/private/moved`, ref: { branch: 'main' } })
    await it.until(() => it.conditions('a').some((text) => text.startsWith('Ready=False')))
    expect(it.conditions('a')).toEqual([
      'Reconciling=True ProgressingWithRetry: reconciliation in progress',
      `Ready=False GitOperationFailed: failed to checkout source: unable to list remote for '${git.url}/private/moved': authentication required: Authorization Required`,
    ])
  })

  test('sets only the images of policies that it selects', async () => {
    it.policy('db', 'r.io/db:16', { tier: 'data' })
    repository.commit('more', { 'apps/db.yaml': 'image: r.io/db:15 # {"$imagepolicy": "apps:db"}\n' })
    const policySelector = { matchExpressions: [{ key: 'tier', operator: 'In', values: ['data'] }] }
    it.automation('a', spec({}, { policySelector }))
    await it.settled('a')
    expect(repository.git('show', 'main:apps/db.yaml')).toContain('r.io/db:16')
    expect(repository.git('show', 'main:apps/web.yaml')).toBe(deployment.trim())
    expect(Object.keys(it.status('a').observedPolicies ?? {})).toEqual(['db'])
  })

  test('renders messages as the API version has it through which the template was written', async () => {
    const template = {
      commit: { author, messageTemplate: '{{ range .Updated.Images }}{{ println . }}{{ end }}' },
    }
    const fieldsV1 = { 'f:spec': { 'f:git': { 'f:commit': { 'f:messageTemplate': {} } } } }
    it.automation('old', spec(template), {
      managedFields: [{ manager: 'kubectl', apiVersion: 'image.toolkit.fluxcd.io/v1beta1', fieldsV1 }],
    })
    await it.settled('old')
    expect(show('main')).toMatch(/^bot <bot@example\.com>\|bot\|r\.io\/web:1\.1\.0\n/)
    repository.commit('back', { 'apps/web.yaml': deployment })
    it.automation('new', spec(template), {
      managedFields: [{ manager: 'kubectl', apiVersion: 'image.toolkit.fluxcd.io/v1', fieldsV1 }],
    })
    const message =
      "template uses removed '.Updated' field. Please use '.Changed' instead. See: https://fluxcd.io/flux/components/image/imageupdateautomations/#message-template"
    expect(await it.settled('new')).toEqual([
      `Stalled=True RemovedTemplateField: ${message}`,
      `Ready=False RemovedTemplateField: ${message}`,
    ])
  })

  test('leaves a suspended one alone', async () => {
    it.automation('a', spec({}, { suspend: true }))
    it.automation('b', spec({}, { policySelector: { matchLabels: { none: 'x' } } }))
    await it.settled('b')
    expect(it.status('a')).toEqual({ observedGeneration: -1 })
  })
})

test('references to other namespaces may be forbidden', async () => {
  const strict = await startAutomation({ noCrossNamespaceRefs: true })
  strict.automation('a', spec({}, { sourceRef: { kind: 'GitRepository', name: 'app', namespace: 'other' } }))
  const message = "can't access 'GitRepository/other/app', cross-namespace references have been blocked"
  expect(await strict.settled('a')).toEqual([
    `Stalled=True AccessDenied: ${message}`,
    `Ready=False AccessDenied: ${message}`,
  ])
  await strict.close()
})

const ready = (reason: string, message: string): RegExp =>
  new RegExp(`^Ready=False ${reason}: ${message.replaceAll(/[.*+?^$()[\]{}|]/g, String.raw`\$&`)}`)

describe('what is wrong is said as Flux says it', () => {
  test.each<[name: string, spec: Partial<ImageUpdateAutomationSpec>, want: RegExp]>([
    [
      'no repository',
      spec({}, { sourceRef: { kind: 'GitRepository', name: 'zzz' } }),
      ready(
        'SourceManagerFailed',
        'failed configuring source manager: referenced git repository does not exist: GitRepository.source.toolkit.fluxcd.io "zzz" not found',
      ),
    ],
    [
      'no git',
      { update: { strategy: 'Setters' } },
      ready(
        'InvalidSourceConfiguration',
        "source kind 'GitRepository' necessitates field .spec.git: invalid source configuration",
      ),
    ],
    [
      'no branch to push to',
      spec({ checkout: { ref: { tag: 'v0' } } }),
      ready(
        'SourceManagerFailed',
        'failed configuring source manager: push spec not provided, and cannot be inferred from .spec.git.checkout.ref or GitRepository .spec.ref',
      ),
    ],
    [
      'no such branch',
      spec({ checkout: { ref: { branch: 'absent' } } }),
      ready('GitOperationFailed', 'failed to checkout source: unable to clone '),
    ],
    [
      'no such path',
      spec({}, { update: { strategy: 'Setters', path: './zzz' } }),
      ready(
        'UpdateFailed',
        'failed to apply policies: walking path for files: lstat zzz: no such file or directory',
      ),
    ],
    ['no update', { git: { commit: { author } } }, ready('InvalidUpdateStrategy', 'no update strategy')],
    [
      'a template that is none',
      spec({ commit: { author, messageTemplate: '{{ .Nope }' } }),
      ready(
        'GitOperationFailed',
        'failed to update source: unable to create commit message template from spec: template: commit message:1: unexpected "}" in operand',
      ),
    ],
    [
      'a selector that is none',
      spec({}, { policySelector: { matchExpressions: [{ key: 'x', operator: 'Foo', values: ['y'] }] } }),
      ready(
        'InvalidPolicySelector',
        'failed to parse policy selector: "Foo" is not a valid label selector operator',
      ),
    ],
    [
      'no Secret with a signing key',
      spec({ commit: { author, signingKey: { secretRef: { name: 'absent' } } } }),
      ready(
        'SourceManagerFailed',
        "failed configuring source manager: could not find signing key secret 'absent': ",
      ),
    ],
    [
      'a Secret without a signing key',
      spec({ commit: { author, signingKey: { secretRef: { name: 'empty' }, type: 'ssh' } } }),
      ready(
        'SourceManagerFailed',
        "failed configuring source manager: signing key secret 'empty' does not contain an 'identity' key",
      ),
    ],
    [
      'a malformed signing key',
      spec({ commit: { author, signingKey: { secretRef: { name: 'bad' } } } }),
      ready(
        'SourceManagerFailed',
        "failed configuring source manager: could not read signing key from secret 'bad': openpgp: invalid argument: no armored data found",
      ),
    ],
  ])('%s', async (_name, given, want) => {
    it.secret('empty', { x: 'y' })
    it.secret('bad', { 'git.asc': 'not a key' })
    it.automation('a', given)
    const conditions = await it.settled('a')
    expect(conditions.find((text) => text.startsWith('Ready='))).toMatch(want)
  })
})

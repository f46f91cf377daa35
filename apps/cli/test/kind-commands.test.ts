import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { cliWorld, readyCondition } from './run-cli.ts'

const revision = 'main@sha1:2c38526902fe500a0f2374cfde80f07daf8d63d1'
const git: KubeObject = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'app', namespace: 'flux-system' },
  spec: { interval: '60s', url: 'https://example.com/app', timeout: '90s', ref: { branch: 'main' } },
  status: {
    observedGeneration: 1,
    conditions: [readyCondition(`stored artifact for revision '${revision}'`)],
    artifact: {
      path: 'a',
      url: 'http://a/b.tar.gz',
      revision,
      digest: `sha256:${'0'.repeat(64)}`,
      lastUpdateTime: '2026-01-01T00:00:00Z',
    },
  },
}
const policy: KubeObject = {
  apiVersion: 'image.toolkit.fluxcd.io/v1',
  kind: 'ImagePolicy',
  metadata: { name: 'demo', namespace: 'flux-system' },
  spec: { imageRepositoryRef: { name: 'demo' }, policy: { semver: { range: '>=1.0.0' } } },
  status: { latestRef: { name: 'x/demo', tag: 'v1.2.0' }, conditions: [readyCondition('ok')] },
}
const provider: KubeObject = {
  apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
  kind: 'Provider',
  metadata: { name: 'slack', namespace: 'flux-system' },
  spec: { type: 'slack' },
}

test('get all shows a table for each kind that has objects, sources first, then images', async () => {
  await using world = await cliWorld()
  for (const object of [provider, policy, git]) await world.put(object)
  const { stdout, exitCode } = await world.run('get', 'all')
  expect(exitCode).toBe(0)
  expect(stdout).toBe(
    [
      'NAME             \tREVISION          \tSUSPENDED\tREADY\tMESSAGE                                           ',
      "gitrepository/app\tmain@sha1:2c385269\tFalse    \tTrue \tstored artifact for revision 'main@sha1:2c385269'\t",
      '',
      'NAME            \tIMAGE \tTAG   \tREADY\tMESSAGE ',
      'imagepolicy/demo\tx/demo\tv1.2.0\tTrue \tok     \t',
      '',
      'NAME          \tREADY\tMESSAGE           ',
      'provider/slack\tTrue \tProvider is Ready\t',
      '',
      '',
    ].join('\n'),
  )
  expect((await world.run('get', 'sources', 'all')).stdout).toMatch(/^NAME.*\ngitrepository\/app[^\n]*\n\n$/)
  expect((await world.run('get', 'images', 'all')).stdout).toMatch(/^NAME.*\nimagepolicy\/demo[^\n]*\n\n$/)
})

test.for([
  [['get', 'hr'], 'no HelmRelease objects found in "flux-system" namespace'],
  [['get', 'image', 'repository', '-A'], 'no ImageRepository objects found in any namespace'],
  [['get', 'alert-provider', 'x'], 'Provider object \'x\' not found in "flux-system" namespace'],
  [['suspend', 'ks'], 'kustomization name is required'],
  [['delete', 'image', 'update'], 'image update automation name is required'],
  [['export', 'source', 'external', '--all'], 'no objects found in flux-system namespace'],
  [['reconcile', 'source', 'oci', 'x'], 'ocirepositories.source.toolkit.fluxcd.io "x" not found'],
] as const)('%j fails with a message', async ([args, message]) => {
  await using world = await cliWorld()
  expect(await world.run(...args)).toEqual({ exitCode: 1, stdout: '', stderr: `✗ ${message}\n` })
})

test('a status selector may be negated, and headers left out', async () => {
  await using world = await cliWorld()
  await world.put(git)
  const args = ['get', 'source', 'git', '--no-header', '--status-selector']
  expect((await world.run(...args, 'ready=true')).stdout).toMatch(/^app /)
  expect((await world.run(...args, 'ready!=true')).stdout).toBe('')
})

test('suspend and resume change spec.suspend and tell of it', async () => {
  await using world = await cliWorld()
  await world.put(provider)
  const suspended = await world.run('suspend', 'alert-provider', 'slack', 'slack', 'none')
  expect(suspended.stderr).toBe(
    '► suspending alert provider slack in flux-system namespace\n✔ alert provider suspended\n' +
      '✗ Provider none not found in flux-system namespace\n',
  )
  const get = () => world.get(provider.apiVersion, provider.kind, 'slack')
  expect((await get())['spec']).toMatchObject({ suspend: true })
  const resumed = await world.run('resume', 'alert-provider', 'slack')
  expect(resumed.stderr).toBe(
    '► resuming alert provider slack in flux-system namespace\n✔ alert provider resumed\n' +
      '◎ waiting for Provider reconciliation\n✔ Provider slack reconciliation completed\n' +
      '✔ Provider reconciliation completed\n',
  )
  expect((await get())['spec']).not.toHaveProperty('suspend')
})

test('delete asks unless it is told not to', async () => {
  const questions: string[] = []
  await using world = await cliWorld({
    confirm: (question) => {
      questions.push(question)
      return Promise.resolve(false)
    },
  })
  await world.put(provider)
  expect((await world.run('delete', 'alert-provider', 'slack')).stderr).toBe('✗ aborting\n')
  expect(questions).toEqual(['Are you sure you want to delete this alert provider'])
  expect((await world.run('delete', 'alert-provider', 'slack', '-s')).stderr).toBe(
    '► deleting alert provider slack in flux-system namespace\n✔ alert provider deleted\n',
  )
})

test('export prints what a person would have written, durations in the form of Go', async () => {
  await using world = await cliWorld()
  await world.put(git)
  expect((await world.run('export', 'source', 'git', 'app')).stdout).toBe(`---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: app
  namespace: flux-system
spec:
  interval: 1m0s
  ref:
    branch: main
  timeout: 1m30s
  url: https://example.com/app
`)
})

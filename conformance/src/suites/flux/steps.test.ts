import { expect, test } from 'vitest'
import { parseSteps } from './steps.ts'

test('steps of every kind', () => {
  const scenario = parseSteps(
    '99-x',
    `# 99-x
namespace: g99

0. about it
1. git commit #1 repo=app branch=main tag=None msg='a: b' -> ${'a'.repeat(40)} (tree in input/git-app-01)
2. kubectl apply -n g99 -f input/01.yaml -> rc=1 it is invalid
3. annotate gitrepository/app reconcile.fluxcd.io/requestedAt=<now>
4. kubectl -n g99 patch x app -p '{"a": "b c"}'
5. recorded expected/final
6. pushed image tag x
7. annotate imagepolicy/x reconcile.fluxcd.io/requestedAt=<now> (namespace g99b)
8. something else
9. annotate helmrelease/pr requestedAt=forceAt=f1
10. helm install pre mini --set a=b -> rc=1 it failed
11. release Secret sh.helm.release.v1.pu.v1 replaced: info.status and the label status are pending-upgrade
12. release Secret sh.helm.release.v1.pu.v2 created: a copy of v1 with version 2, info.status and label status pending-upgrade, description "Preparing upgrade"
13. done in 1s
`,
  )
  expect(scenario.namespace).toBe('g99')
  expect(scenario.tookMs).toBe(1_000)
  expect(scenario.steps).toEqual([
    {
      kind: 'commit',
      repository: 'app',
      branch: 'main',
      tag: undefined,
      message: 'a: b',
      sha: 'a'.repeat(40),
      tree: 'input/git-app-01',
    },
    { kind: 'kubectl', args: ['apply', '-n', 'g99', '-f', 'input/01.yaml'], expectedError: 'it is invalid' },
    { kind: 'annotate', object: 'gitrepository/app', key: 'reconcile.fluxcd.io/requestedAt' },
    {
      kind: 'kubectl',
      args: ['-n', 'g99', 'patch', 'x', 'app', '-p', '{"a": "b c"}'],
      expectedError: undefined,
    },
    { kind: 'record', name: 'final' },
    { kind: 'push', tag: 'x' },
    {
      kind: 'annotate',
      object: 'imagepolicy/x',
      key: 'reconcile.fluxcd.io/requestedAt',
      namespace: 'g99b',
    },
    { kind: 'unsupported', text: 'something else' },
    {
      kind: 'request',
      object: 'helmrelease/pr',
      annotations: ['reconcile.fluxcd.io/requestedAt', 'reconcile.fluxcd.io/forceAt'],
      token: 'f1',
    },
    { kind: 'helm', args: ['install', 'pre', 'mini', '--set', 'a=b'], expectedError: 'it failed' },
    { kind: 'releaseRecord', edit: { name: 'sh.helm.release.v1.pu.v1', status: 'pending-upgrade' } },
    {
      kind: 'releaseRecord',
      edit: {
        name: 'sh.helm.release.v1.pu.v2',
        copyOf: { name: 'sh.helm.release.v1.pu.v1', revision: 2 },
        status: 'pending-upgrade',
        description: 'Preparing upgrade',
      },
    },
  ])
})

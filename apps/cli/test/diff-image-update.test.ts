import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGit, type TestGit } from '../../../platform/git/test/real-git.ts'
import { type CliWorld, cliWorld } from './run-cli.ts'

let git: TestGit
let world: CliWorld

beforeAll(async () => {
  git = await startTestGit()
  world = await cliWorld()
})
afterAll(async () => {
  git.close()
  await world[Symbol.asyncDispose]()
})

const image = 'image.toolkit.fluxcd.io/v1'
const metadata = { namespace: 'flux-system', name: 'app' }

test('diff image update prints the commit, and pushes nothing', async () => {
  const repository = git.create('pub/app')
  const head = repository.commit('init', {
    'apps/web.yaml': 'name: web\nimage: r.io/web:1.0.0 # {"$imagepolicy": "flux-system:app"}\n',
    'apps/broken.yaml': 'a: [ # {"$imagepolicy": "flux-system:app"}\n',
  })
  await world.put({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata,
    spec: { interval: '1m', url: `${git.url}/pub/app`, ref: { branch: 'main' } },
  })
  await world.put({
    apiVersion: image,
    kind: 'ImagePolicy',
    metadata,
    spec: { imageRepositoryRef: { name: 'app' }, policy: { semver: { range: '*' } } },
    status: { latestRef: { name: 'r.io/web', tag: '1.1.0' } },
  })
  await world.put({
    apiVersion: image,
    kind: 'ImageUpdateAutomation',
    metadata,
    spec: {
      interval: '1m',
      sourceRef: { kind: 'GitRepository', name: 'app' },
      git: {
        commit: {
          author: { name: 'bot', email: 'bot@example.com' },
          messageTemplate:
            'Update\n\n{{ range .Changed.Changes }}{{ .OldValue }} -> {{ .NewValue }}{{ end }}',
        },
        push: { branch: 'auto' },
      },
      update: { path: './apps' },
    },
  })
  expect(await world.run('diff', 'image', 'update', 'app')).toEqual({
    exitCode: 1,
    stdout: `commit to auto
parent ${head}
Author: bot <bot@example.com>

    Update
    
    r.io/web:1.0.0 -> r.io/web:1.1.0

diff --git a/apps/web.yaml b/apps/web.yaml
--- a/apps/web.yaml
+++ b/apps/web.yaml
@@ -1,2 +1,2 @@
 name: web
-image: r.io/web:1.0.0 # {"$imagepolicy": "flux-system:app"}
+image: r.io/web:1.1.0 # {"$imagepolicy": "flux-system:app"}
`,
    stderr:
      '⚠️ apps/broken.yaml has markers but cannot be updated\n' +
      '✗ identified at least one change, exiting with non-zero exit code\n',
  })
  expect(repository.git('branch', '--list', 'auto')).toBe('')
  repository.commit('by hand', {
    'apps/web.yaml': 'image: r.io/web:1.1.0 # {"$imagepolicy": "flux-system:app"}\n',
    'apps/broken.yaml': null,
  })
  expect(await world.run('diff', 'image', 'update', 'app')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: '✔ repository up-to-date\n',
  })
})

test('what a run would fail with is told', async () => {
  await world.put({
    apiVersion: image,
    kind: 'ImageUpdateAutomation',
    metadata: { namespace: 'flux-system', name: 'lost' },
    spec: {
      interval: '1m',
      sourceRef: { kind: 'GitRepository', name: 'absent' },
      git: { commit: { author: { email: 'bot@example.com' } } },
    },
  })
  const { exitCode, stderr } = await world.run('diff', 'image', 'update', 'lost')
  expect([exitCode, stderr]).toEqual([
    1,
    '✗ referenced git repository does not exist: GitRepository.source.toolkit.fluxcd.io "absent" not found\n',
  ])
})

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { cliWorld } from './run-cli.ts'

const example = fileURLToPath(new URL('../../../examples/tutorial', import.meta.url))
const source = join(example, 'repositories/k8s-demo-config')
const scratch = mkdtempSync(join(tmpdir(), 'sluice-release-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const file = join(scratch, 'release.yaml')
writeFileSync(
  file,
  `apiVersion: helm.toolkit.fluxcd.io/v2beta1
kind: HelmRelease
metadata: {name: k8s-demo}
spec:
  interval: 30s
  chart:
    spec:
      chart: helm
      sourceRef: {kind: GitRepository, name: k8s-demo}
      valuesFiles: [helm/values.yaml, helm/my-values.yaml]
  valuesFrom:
  - {kind: Secret, name: sizes, valuesKey: replicas, targetPath: replicaCount}
---
apiVersion: v1
kind: Secret
metadata: {name: sizes}
stringData: {replicas: "5"}
`,
)
const offline = ['--helmrelease-file', file, '--dry-run']

test('build helmrelease renders a chart of the source with all values, without a cluster', async () => {
  await using world = await cliWorld({ connect: () => Promise.reject(new TypeError('no cluster')) })
  const { exitCode, stdout } = await world.run('build', 'hr', 'k8s-demo', '--path', source, ...offline)
  expect(exitCode).toBe(0)
  expect(stdout).toContain('image: docker.io/cnych/devops-demo:main-25de3e1a-1695469144')
  expect(stdout).toContain('replicas: 5')
  expect(stdout).toContain('helm.toolkit.fluxcd.io/name: k8s-demo')
  expect(stdout.match(/^kind: .*$/gm)).toEqual(['kind: Service', 'kind: Deployment'])
})

test('diff helmrelease compares two states of the source', async () => {
  const other = join(scratch, 'other')
  cpSync(source, other, { recursive: true })
  writeFileSync(join(other, 'helm/my-values.yaml'), 'image: {tag: v2}\n')
  rmSync(join(other, 'helm/templates/service.yaml'))
  await using world = await cliWorld()
  const same = await world.run('diff', 'hr', 'k8s-demo', '--path', source, ...offline, '--against', source)
  expect(same).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  const args = ['diff', 'hr', 'k8s-demo', '--path', other, ...offline, '--against', source]
  const { exitCode, stdout, stderr } = await world.run(...args)
  expect(exitCode).toBe(1)
  expect(stderr).toContain('identified at least one change')
  expect(stdout).toContain('► Deployment/k8s-demo-devops-demo changed\n')
  expect(stdout).toContain('- docker.io/cnych/devops-demo:main-25de3e1a-1695469144')
  expect(stdout).toContain('+ cnych/devops-demo:v2')
  expect(stdout).toContain('► Service/k8s-demo-devops-demo deleted\n')
})

test.each([
  [['build', 'hr', 'k8s-demo', '--path', source, '--dry-run'], 'dry-run mode requires a HelmRelease file'],
  [['diff', 'hr', 'k8s-demo', '--path', source, ...offline], 'a dry run has no release to compare with'],
  [['build', 'hr', 'other', '--path', source, ...offline], "failed find helmrelease with name 'other'"],
  [['build', 'hr', 'k8s-demo', '--path', join(source, 'deploy'), ...offline], 'no chart found at path'],
])('%j fails', async (args, message) => {
  await using world = await cliWorld()
  const { exitCode, stderr } = await world.run(...args)
  expect(exitCode).toBe(1)
  expect(stderr).toContain(message)
})

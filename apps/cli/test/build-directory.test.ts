import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorChain } from '@sluice/ports'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stdoutOf } from './stdout-of.ts'

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: apps\n'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-build-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

test('build of a directory writes to stdout, to a file, or a file a resource to a directory', async () => {
  put({
    'kustomization.yaml': 'resources: [web.yaml, namespace.yaml]\n',
    'web.yaml': configMap('web'),
    'namespace.yaml': namespace,
  })
  const printed = `${namespace}---\n${configMap('web')}`
  expect(await build()).toBe(printed)
  expect(await build('-o', 'all.yaml')).toBe('')
  expect(readFileSync(join(directory, 'all.yaml'), 'utf8')).toBe(printed)
  mkdirSync(join(directory, 'out'))
  await build('-o', 'out')
  expect(readdirSync(join(directory, 'out')).toSorted()).toEqual([
    'v1_configmap_web.yaml',
    'v1_namespace_apps.yaml',
  ])
  expect(readFileSync(join(directory, 'out/v1_configmap_web.yaml'), 'utf8')).toBe(configMap('web'))
})

test('build of a directory takes the order, the label and the restriction of files from flags', async () => {
  put({
    'base/kustomization.yaml': 'resources: [web.yaml, namespace.yaml]\n',
    'base/web.yaml': configMap('web'),
    'base/namespace.yaml': namespace,
    'outside/kustomization.yaml': 'resources: [../base/web.yaml]\n',
  })
  expect(await build('base', '--reorder', 'none')).toBe(`${configMap('web')}---\n${namespace}`)
  expect(await build('base', '--enable-managedby-label')).toContain('app.kubernetes.io/managed-by: kustomize')
  await expect(build('outside')).rejects.toThrow('accumulating resources')
  expect(await build('outside', '--load-restrictor', 'LoadRestrictionsNone')).toBe(configMap('web'))
})

test('build of a directory renders charts of the tree when told to', async () => {
  put({
    'kustomization.yaml': 'helmCharts:\n- name: app\n  releaseName: web\n',
    'charts/app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
    'charts/app/templates/one.yaml': configMap('{{ .Release.Name }}-{{ .Capabilities.KubeVersion.Minor }}'),
  })
  expect(await build('--enable-helm', '--helm-kube-version', '1.29')).toBe(configMap('web-29'))
  await expect(build().catch(errorChain)).resolves.toContain('--enable-helm')
})

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, content)
  }
}

/** `build kustomization`, of the whole directory unless a path comes first; its standard output. */
function build(...args: readonly string[]): Promise<string> {
  const [first] = args
  const target = first === undefined || first.startsWith('-') ? ['.'] : []
  return stdoutOf(directory, 'build', 'kustomization', ...target, ...args)
}

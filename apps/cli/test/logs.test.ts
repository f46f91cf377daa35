import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '@sluice/ports'
import { afterEach, expect, test } from 'vitest'
import { olderLogFile, openLogFile } from '../src/output/log-file.ts'
import { cliWorld } from './run-cli.ts'

const line = (ts: string, more: Readonly<Record<string, string>>) =>
  JSON.stringify({ level: 'info', ts: `2026-01-01T00:0${ts}.000Z`, controllerKind: 'Kustomization', ...more })
const app = { namespace: 'flux-system', name: 'app' }
const lines = [
  line('0:01', { ...app, msg: 'old' }),
  'no entry',
  line('1:00', { ...app, level: 'error', msg: 'Reconciler error', error: 'no way' }),
  line('2:00', { namespace: 'other', name: 'web', msg: 'elsewhere' }),
  JSON.stringify({ level: 'info', ts: '2026-01-01T00:03:00.000Z', msg: 'became leader' }),
  line('4:00', { ...app, controllerKind: 'GitRepository', msg: 'stored artifact' }),
]
const printed = [
  '2026-01-01T00:00:01.000Z info Kustomization/app.flux-system - old ',
  '2026-01-01T00:01:00.000Z error Kustomization/app.flux-system - Reconciler error no way',
  '2026-01-01T00:02:00.000Z info Kustomization/web.other - elsewhere ',
  '2026-01-01T00:03:00.000Z info  - became leader ',
  '2026-01-01T00:04:00.000Z info GitRepository/app.flux-system - stored artifact ',
]

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderWithLog(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-logs-'))
  folders.push(folder)
  mkdirSync(join(folder, '.sluice', 'log'), { recursive: true })
  writeFileSync(join(folder, '.sluice', 'log', 'sluice.log'), text)
  return folder
}

test.each([
  ['of the namespace', [], [0, 1, 4]],
  ['of all namespaces', ['-A'], [0, 1, 2, 3, 4]],
  ['of a level', ['--level', 'error'], [1]],
  ['of a kind', ['--kind', 'gitrepository'], [4]],
  ['of a name', ['-A', '--name', 'web'], [2]],
  ['from the end', ['-A', '--tail', '2'], [3, 4]],
  ['since a time', ['-A', '--since-time', '2026-01-01T00:02:30Z'], [3, 4]],
])('prints the log of the process: %s', async (_, args, want) => {
  const folder = folderWithLog(`${lines.join('\n')}\n{"cut`)
  await using world = await cliWorld({ workingDirectory: folder })
  const { exitCode, stdout } = await world.run('logs', ...args)
  expect([exitCode, stdout]).toEqual([0, want.map((at) => `${printed[at]}\n`).join('')])
})

test.each([
  [['logs'], 'no Flux pods found in namespace "flux-system"'],
  [['logs', 'x'], 'no argument required'],
  [['logs', '--level', 'all'], "log level 'all' not supported, must be one of: debug, info, error"],
  [['logs', '--since-time', 'now'], 'now is not a valid (RFC3339) time'],
  [
    ['logs', '--since', '1m', '--since-time', '2026-01-01T00:00:00Z'],
    'at most one of `sinceTime` or `sinceDuration` may be specified',
  ],
])('%j is refused', async (args, message) => {
  await using world = await cliWorld()
  expect(await world.run(...args)).toEqual({ exitCode: 1, stdout: '', stderr: `✗ ${message}\n` })
})

const labels = { app: 'kustomize-controller' }
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'kustomize-controller',
    namespace: 'default',
    labels: { 'app.kubernetes.io/part-of': 'flux' },
  },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'manager', image: 'x' }] } },
  },
}
const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'kustomize-controller-1', namespace: 'default', labels },
  spec: { containers: [{ name: 'manager', image: 'x' }] },
}

test('prints the logs of the controllers, and tells of those that cannot be read', async () => {
  const asked: unknown[] = []
  await using world = await cliWorld()
  await world.put(deployment)
  await world.put(pod)
  const failed = await world.run('logs', '--flux-namespace', 'default')
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toMatch(/^failed getting logs: .*\n✗ failed to collect logs from all Flux pods\n$/)
  await using logging = await cliWorld({
    connect: () =>
      Promise.resolve({
        cluster: {
          ...world.cluster,
          request: (request) => {
            asked.push(request)
            return Promise.resolve({ status: 200, body: lines.join('\n'), warnings: [] })
          },
        },
        contextNamespace: undefined,
      }),
  })
  const { stdout } = await logging.run(
    'logs',
    '--flux-namespace',
    'default',
    '--tail',
    '9',
    '--kind',
    'Kustomization',
  )
  expect(stdout).toBe(`${printed[0]}\n${printed[1]}\n`)
  expect(asked).toMatchObject([
    { path: '/api/v1/namespaces/default/pods/kustomize-controller-1/log', query: { tailLines: '9' } },
  ])
})

test('keeps a log of bounded size that only its owner may read', () => {
  const path = join(folderWithLog(''), 'log', 'own.log')
  const { logger, close } = openLogFile(path)
  const text = 'x'.repeat(1_000_000)
  for (let at = 0; at < 10; at += 1) logger.info(text, { at })
  close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const [older, current] = [olderLogFile(path), path].map((it) => readFileSync(it, 'utf8').trim().split('\n'))
  expect([older?.length, current?.length]).toEqual([8, 2])
  expect(JSON.parse(current?.at(-1) ?? '')).toMatchObject({ level: 'info', msg: text, at: 9 })
})

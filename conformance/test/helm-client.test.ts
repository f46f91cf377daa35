import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sluiceProcess } from '../src/process/sluice-process.ts'

const program = fileURLToPath(new URL('../../tools/bin/helm', import.meta.url))
const chart = fileURLToPath(
  new URL('../../examples/tutorial/repositories/k8s-demo-config/helm', import.meta.url),
)
const sluice = sluiceProcess()

beforeAll(() => sluice.start(), 60_000)
afterAll(() => sluice.dispose())

/** Runs the real helm against the embedded server. Returns what it printed. */
function helm(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, ['--kubeconfig', sluice.kubeconfig, ...args], { timeout: 60_000 }, (error, out, err) =>
      error ? reject(new Error(`${out}${err}`)) : resolve(out),
    )
  })
}

test('real helm installs, upgrades, rolls back, lists and uninstalls', async () => {
  expect(await helm('install', 'demo', chart, '--wait', '--timeout', '30s')).toContain('STATUS: deployed')
  await helm('upgrade', 'demo', chart, '--set', 'replicaCount=2', '--wait', '--timeout', '30s')
  await helm('rollback', 'demo', '1', '--wait', '--timeout', '30s')
  expect(await helm('list')).toMatch(/^demo\s+default\s+3\s.*deployed\s+devops-demo-0\.1\.0\s+1\.0/m)
  const history = await helm('history', 'demo')
  expect(history).toMatch(/^1\s.*superseded.*Install complete/m)
  expect(history).toMatch(/^2\s.*superseded.*Upgrade complete/m)
  expect(history).toMatch(/^3\s.*deployed.*Rollback to 1/m)
  expect(await helm('uninstall', 'demo', '--wait', '--timeout', '30s')).toContain(
    'release "demo" uninstalled',
  )
  expect(await helm('list')).not.toMatch(/^demo\s/m)
}, 180_000)

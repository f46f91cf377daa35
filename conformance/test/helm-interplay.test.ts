import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  historyText,
  labChart,
  labValues,
  type ReleaseLab,
  releaseNamespace,
  startReleaseLab,
} from '../src/lab/release-lab.ts'

const program = fileURLToPath(new URL('../../tools/bin/helm', import.meta.url))
const run = promisify(execFile)

const template =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}" }\ndata: { color: "{{ .Values.color }}" }\n'
const chart = labChart({ 'cm.yaml': template, 'NOTES.txt': 'color {{ .Values.color }}' })

const content = (color: string) => ({ chart, values: labValues({ color }) })

// Skipped where the real helm is not installed.
describe.skipIf(!existsSync(program))('a release that the real helm knows', () => {
  let lab: ReleaseLab
  let directory: string

  beforeAll(async () => {
    lab = await startReleaseLab()
    directory = await mkdtemp(`${tmpdir()}/sluice-interplay-`)
    await writeFile(`${directory}/kubeconfig`, await lab.listen(), { mode: 0o600 })
    await mkdir(`${directory}/app/templates`, { recursive: true })
    await writeFile(
      `${directory}/app/Chart.yaml`,
      'apiVersion: v2\nname: app\nversion: 0.1.0\nappVersion: "1"\n',
    )
    await writeFile(`${directory}/app/templates/cm.yaml`, template)
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  const bounds = () => ({ timeoutMs: 60_000, signal: lab.signal })
  const color = async (name: string) => (await lab.find('v1', 'ConfigMap', name))?.['data']
  const helm = async (...words: string[]): Promise<string> => {
    const env = { HOME: directory, KUBECONFIG: `${directory}/kubeconfig`, PATH: '/usr/bin:/bin' }
    const { stdout } = await run(program, [...words, '-n', releaseNamespace], { env, timeout: 50_000 })
    return stdout
  }
  const local = () => `${directory}/app`

  test('is ours: listed, shown, upgraded and rolled back there, and taken back', {
    timeout: 120_000,
  }, async () => {
    const client = lab.client({ name: 'ours' })
    await client.install(content('red'), {}, bounds())
    await client.upgrade(content('green'), {}, bounds())
    expect(JSON.parse(await helm('list', '-o', 'json'))).toMatchObject([
      { name: 'ours', revision: '2', status: 'deployed', chart: 'app-0.1.0', app_version: '1' },
    ])
    expect(JSON.parse(await helm('get', 'values', 'ours', '-o', 'json'))).toEqual({ color: 'green' })
    expect(await helm('get', 'notes', 'ours')).toContain('color green')
    expect(await helm('get', 'manifest', 'ours')).toContain('color: green')

    await helm('rollback', 'ours', '1', '--force-conflicts')
    expect(await color('ours')).toEqual({ color: 'red' })
    expect(historyText(await client.history(lab.signal))).toBe('1 superseded, 2 superseded, 3 deployed')
    await helm('upgrade', 'ours', local(), '--set', 'color=blue', '--force-conflicts')
    expect(await color('ours')).toEqual({ color: 'blue' })

    const back = await client.upgrade(content('green'), {}, bounds())
    expect(back.failure).toBeUndefined()
    expect(back.release?.revision).toBe(5)
    expect(await color('ours')).toEqual({ color: 'green' })
    expect(JSON.parse(await helm('history', 'ours', '-o', 'json'))).toMatchObject([
      { revision: 1, status: 'superseded' },
      { revision: 2, status: 'superseded' },
      { revision: 3, status: 'superseded', description: 'Rollback to 1' },
      { revision: 4, status: 'superseded' },
      { revision: 5, status: 'deployed', description: 'Upgrade complete' },
    ])
    expect(await helm('uninstall', 'ours')).toContain('release "ours" uninstalled')
    expect(await client.history(lab.signal)).toEqual([])
  })

  test('was made there: adopted, rolled back and uninstalled by us', { timeout: 120_000 }, async () => {
    await helm('install', 'theirs', local(), '--set', 'color=red')
    const client = lab.client({ name: 'theirs' })
    const adopted = await client.upgrade(content('green'), {}, bounds())
    expect(adopted.failure).toBeUndefined()
    expect(await color('theirs')).toEqual({ color: 'green' })
    const back = await client.rollback(1, {}, bounds())
    expect(back.failure).toBeUndefined()
    expect(await color('theirs')).toEqual({ color: 'red' })
    expect(JSON.parse(await helm('history', 'theirs', '-o', 'json'))).toMatchObject([
      { revision: 1, status: 'superseded', description: 'Install complete' },
      { revision: 2, status: 'superseded', description: 'Upgrade complete' },
      { revision: 3, status: 'deployed', description: 'Rollback to 1' },
    ])
    const gone = await client.uninstall({}, bounds())
    expect(gone.failure).toBeUndefined()
    expect(JSON.parse(await helm('list', '-o', 'json'))).toEqual([])
    expect(await color('theirs')).toBeUndefined()
  })

  test('is stuck there until it is unlocked', { timeout: 120_000 }, async () => {
    const client = lab.client({ name: 'stuck' })
    const dying = lab.startProcess({
      through: (transport) => ({
        ...transport,
        request: async (request, options) => {
          if (request.method === 'PATCH') dying.kill()
          return await transport.request(request, options)
        },
      }),
    })
    const cut = dying
      .client({ name: 'stuck' })
      .install(content('red'), {}, { timeoutMs: 1_000, signal: dying.signal })
    await expect(cut).rejects.toThrow('the process was killed')
    await expect(helm('upgrade', 'stuck', local(), '--set', 'color=blue')).rejects.toThrow(
      /in progress|no deployed/,
    )
    const [pending] = await client.history(lab.signal)
    if (!pending) throw new TypeError('there is a record')
    expect(pending.info.status).toBe('pending-install')
    await client.unlock(pending, bounds())
    await helm('upgrade', 'stuck', local(), '--set', 'color=blue')
    expect(await color('stuck')).toEqual({ color: 'blue' })
  })
})

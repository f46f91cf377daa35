import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ApiServer, createApiServer } from '@sluice/apiserver'
import { encodeRelease, type Release, recordOf, releaseOfRecord } from '@sluice/chart'
import { hostCompression as compression } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubectlFor } from '../src/suites/flux/kubectl.ts'

const tool = (name: string): string => fileURLToPath(new URL(`../../tools/bin/${name}`, import.meta.url))
const present = existsSync(tool('helm')) && existsSync(tool('kubectl'))
const run = promisify(execFile)

// Skipped where the real helm is not installed.
describe.skipIf(!present)('the real helm', () => {
  let server: ApiServer
  let directory: string
  let kubeconfig: string

  beforeAll(async () => {
    directory = await mkdtemp(`${tmpdir()}/sluice-helm-`)
    kubeconfig = `${directory}/kubeconfig`
    server = await createApiServer()
    const { url } = await server.listen({ port: 0 })
    await writeFile(kubeconfig, server.adminKubeconfig(url), { mode: 0o600 })
    await mkdir(`${directory}/chart/templates`, { recursive: true })
    await writeFile(
      `${directory}/chart/Chart.yaml`,
      'apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: "7"\nkeywords: [b, a]\n',
    )
    await writeFile(`${directory}/chart/values.yaml`, 'color: red\nsize: 12345678901234\n')
    await writeFile(`${directory}/chart/README.md`, 'read me')
    await writeFile(`${directory}/chart/templates/NOTES.txt`, 'color {{ .Values.color }}')
    await writeFile(
      `${directory}/chart/templates/cm.yaml`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\ndata: { color: "{{ .Values.color }}" }\n',
    )
  })

  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true })
  })

  async function helm(...words: string[]): Promise<string> {
    const env = { HOME: directory, KUBECONFIG: kubeconfig, PATH: '/usr/bin:/bin' }
    const { stdout } = await run(tool('helm'), words, { env, timeout: 50_000 })
    return stdout
  }

  async function kubectl(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await kubectlFor(kubeconfig)(words)
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    return stdout
  }

  async function secret(name: string): Promise<KubeObject> {
    return JSON.parse(await kubectl('get', 'secret', name, '-o', 'json')) as KubeObject
  }

  async function store(release: Release): Promise<void> {
    const record = recordOf(release, { compression, written: { as: 'created', atSeconds: 1_700_000_000 } })
    await writeFile(`${directory}/record.json`, JSON.stringify(record))
    await kubectl('create', '-f', `${directory}/record.json`)
  }

  test('writes what we read and would write again', async () => {
    await helm('install', 'theirs', `${directory}/chart`, '--set', 'color=blue', '--labels', 'team=a')
    const object = await secret('sh.helm.release.v1.theirs.v1')
    const release = releaseOfRecord(object, { compression })
    expect(release).toMatchObject({
      name: 'theirs',
      namespace: 'default',
      revision: 1,
      info: { status: 'deployed', notes: 'color blue', description: 'Install complete' },
      chart: { metadata: { name: 'app', version: '1.2.3', keywords: ['b', 'a'] } },
      config: new Map([['color', 'blue']]),
      labels: new Map([['team', 'a']]),
    })
    expect(recordJson(encodeRelease(release, { compression }))).toBe(recordJson(recordTextOf(object)))
  })

  test('lists, shows and rolls back what we wrote', async () => {
    const theirs = releaseOfRecord(await secret('sh.helm.release.v1.theirs.v1'), { compression })
    const manifest = theirs.manifest.replaceAll('theirs', 'ours')
    const first = { ...theirs, name: 'ours', manifest, info: { ...theirs.info, status: 'superseded' } }
    const second: Release = {
      ...first,
      revision: 2,
      config: new Map([['color', 'green']]),
      manifest: manifest.replace('blue', 'green'),
      info: { ...theirs.info, description: 'Upgrade complete', notes: '' },
    }
    await store(first)
    await store(second)

    expect(JSON.parse(await helm('list', '-o', 'json', '--filter', 'ours'))).toMatchObject([
      { name: 'ours', revision: '2', status: 'deployed', chart: 'app-1.2.3', app_version: '7' },
    ])
    expect(JSON.parse(await helm('history', 'ours', '-o', 'json'))).toMatchObject([
      { revision: 1, status: 'superseded', description: 'Install complete' },
      { revision: 2, status: 'deployed', description: 'Upgrade complete' },
    ])
    expect(await helm('get', 'manifest', 'ours')).toContain('"green"')
    expect(JSON.parse(await helm('get', 'values', 'ours', '--all', '-o', 'json'))).toEqual({
      color: 'green',
      size: 12345678901234,
    })

    await helm('rollback', 'ours', '1')
    expect(await kubectl('get', 'configmap', 'ours', '-o', 'jsonpath={.data.color}')).toBe('blue')
    const third = releaseOfRecord(await secret('sh.helm.release.v1.ours.v3'), { compression })
    expect(third).toMatchObject({ revision: 3, info: { status: 'deployed', description: 'Rollback to 1' } })
    const superseded = releaseOfRecord(await secret('sh.helm.release.v1.ours.v2'), { compression })
    expect(superseded.info.status).toBe('superseded')
  })
})

function recordTextOf({ data }: KubeObject): string {
  const { release = '' } = data as Readonly<Record<string, string>>
  return Buffer.from(release, 'base64').toString()
}

function recordJson(record: string): string {
  const json = compression.gunzip(Buffer.from(record, 'base64'), { maxBytes: 1_000_000 })
  return new TextDecoder().decode(json)
}

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ApiServer, createApiServer, inProcessTransport } from '@sluice/apiserver'
import { createCluster } from '@sluice/cluster'
import { systemClock } from '@sluice/host'
import { runNode } from '@sluice/node'
import { silentLogger } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const tools = fileURLToPath(new URL('../../tools/bin', import.meta.url))
const searched = [tools, process.env['PATH'] ?? '/usr/bin'].join(delimiter)

async function has(tool: string): Promise<boolean> {
  return run(tool, ['version', ...(tool === 'kubectl' ? ['--client'] : [])], {
    env: { PATH: searched },
  }).then(
    () => true,
    () => false,
  )
}
const [kubectlIsThere, helmIsThere] = await Promise.all([has('kubectl'), has('helm')])

const chart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: app\nversion: 0.1.0\n',
  'values.yaml': 'replicas: 1\nimage: nginx:1\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec: { containers: [{ name: c, image: {{ .Values.image | quote }} }] }
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }} }
spec: { selector: { app: {{ .Release.Name }} }, ports: [{ port: 80 }] }
`,
  'templates/tests/ping.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-ping
  annotations: { helm.sh/hook: test }
spec:
  restartPolicy: Never
  containers: [{ name: ping, image: busybox, command: ['true'] }]
`,
}

/** The embedded server with the simulated node, as `sluice up` runs them, and the tools that people use. */
describe('on the embedded cluster', () => {
  let server: ApiServer
  let directory: string
  const stop = new AbortController()

  beforeAll(async () => {
    directory = await mkdtemp(`${tmpdir()}/sluice-tools-`)
    server = await createApiServer()
    const { url } = await server.listen({ port: 0 })
    await writeFile(`${directory}/kubeconfig`, server.adminKubeconfig(url), { mode: 0o600 })
    await Promise.all(['chart/templates/tests'].map((it) => mkdir(`${directory}/${it}`, { recursive: true })))
    await Promise.all(
      Object.entries(chart).map(([name, text]) => writeFile(`${directory}/chart/${name}`, text)),
    )
    const cluster = createCluster(inProcessTransport(server))
    await new Promise<void>((ready, failed) => {
      runNode({
        cluster,
        clock: systemClock,
        log: silentLogger,
        signal: stop.signal,
        runMs: 50,
        ready,
      }).catch(failed)
    })
  })

  afterAll(async () => {
    stop.abort()
    await server.close()
    await rm(directory, { recursive: true })
  })

  /** What a tool prints, its errors included. */
  async function tool(name: string, ...words: string[]): Promise<string> {
    const env = {
      PATH: searched,
      HOME: directory,
      KUBECONFIG: `${directory}/kubeconfig`,
      HELM_CACHE_HOME: `${directory}/helm`,
      HELM_CONFIG_HOME: `${directory}/helm`,
      HELM_DATA_HOME: `${directory}/helm`,
    }
    const { stdout, stderr } = await run(name, words, { env, timeout: 60_000 }).catch(
      (error: { stdout: string; stderr: string }) => error,
    )
    return stdout + stderr
  }
  const kubectl = (...words: string[]): Promise<string> => tool('kubectl', ...words)
  const helm = (...words: string[]): Promise<string> => tool('helm', ...words)

  test.skipIf(!kubectlIsThere)('kubectl rolls out, back and on', { timeout: 60_000 }, async () => {
    await kubectl('create', 'deployment', 'web', '--image=nginx:1', '--replicas=2')
    expect(await kubectl('rollout', 'status', 'deploy/web', '--timeout=20s')).toContain(
      'deployment "web" successfully rolled out\n',
    )
    await kubectl('set', 'image', 'deploy/web', 'nginx=nginx:2')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=20s')
    expect(await kubectl('rollout', 'history', 'deploy/web')).toMatch(/^1 .*\n2 /m)
    expect(await kubectl('rollout', 'undo', 'deploy/web')).toContain('deployment.apps/web rolled back\n')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=20s')
    expect(
      await kubectl('get', 'deploy/web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'),
    ).toBe('nginx:1')
    expect(await kubectl('rollout', 'restart', 'deploy/web')).toBe('deployment.apps/web restarted\n')
    expect(await kubectl('rollout', 'pause', 'deploy/web')).toBe('deployment.apps/web paused\n')
    expect(await kubectl('rollout', 'resume', 'deploy/web')).toBe('deployment.apps/web resumed\n')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=20s')
    expect(await kubectl('wait', '--for=condition=Available', 'deploy/web', '--timeout=20s')).toBe(
      'deployment.apps/web condition met\n',
    )
    expect(await kubectl('get', 'deploy/web', '--no-headers')).toMatch(/^web +2\/2 +2 +2 /)
    expect(await kubectl('scale', 'deploy/web', '--replicas=3', '--current-replicas=2')).toContain('scaled')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=20s')
    expect((await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).split('\n').length - 1).toBe(3)
  })

  test.skipIf(!kubectlIsThere)('kubectl leaves orphans when told to', { timeout: 60_000 }, async () => {
    await kubectl('create', 'deployment', 'left', '--image=nginx')
    await kubectl('rollout', 'status', 'deploy/left', '--timeout=20s')
    await kubectl('delete', 'deploy/left', '--cascade=orphan')
    expect(await kubectl('get', 'rs', '-l', 'app=left', '-o', 'name')).toMatch(
      /^replicaset.apps\/left-\w+\n$/,
    )
    await kubectl('delete', 'rs', '-l', 'app=left', '--cascade=foreground')
    expect(await kubectl('get', 'pods', '-l', 'app=left', '-o', 'name')).toBe('')
  })

  test.skipIf(!kubectlIsThere)(
    'kubectl runs a CronJob now and lets it run on time',
    {
      timeout: 60_000,
    },
    async () => {
      expect(
        await kubectl('create', 'cronjob', 'tick', '--image=busybox', '--schedule=0 0 1 1 *', '--', 'true'),
      ).toBe('cronjob.batch/tick created\n')
      expect(await kubectl('create', 'job', 'now', '--from=cronjob/tick')).toBe('job.batch/now created\n')
      expect(await kubectl('wait', '--for=condition=Complete', 'job/now', '--timeout=20s')).toBe(
        'job.batch/now condition met\n',
      )
    },
  )

  test.skipIf(!helmIsThere)(
    'helm installs, upgrades, tests, rolls back and uninstalls',
    {
      timeout: 120_000,
    },
    async () => {
      const at = `${directory}/chart`
      expect(await helm('install', 'rel', at, '--wait', '--timeout=30s')).toContain('STATUS: deployed')
      expect(
        await helm('upgrade', 'rel', at, '--set', 'replicas=2,image=nginx:2', '--wait', '--timeout=30s'),
      ).toContain('REVISION: 2')
      expect(await helm('test', 'rel', '--timeout=30s')).toMatch(
        /TEST SUITE: +rel-ping\n[^]*Phase: +Succeeded/,
      )
      expect(await helm('rollback', 'rel', '1', '--wait', '--timeout=30s')).toContain(
        'Rollback was a success',
      )
      expect(await helm('history', 'rel')).toMatch(
        /^1 .*superseded.*\n2 .*superseded.*\n3 .*deployed.*Rollback to 1/m,
      )
      expect(await helm('get', 'values', 'rel')).toContain('null')
      expect(await helm('list', '--short')).toBe('rel\n')
      expect(await helm('uninstall', 'rel', '--wait', '--timeout=30s')).toContain('release "rel" uninstalled')
      expect(await helm('list', '--short')).toBe('')
    },
  )
})

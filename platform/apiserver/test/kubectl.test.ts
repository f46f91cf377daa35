import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiServer, createApiServer } from '../src/index.ts'

const run = promisify(execFile)
const present = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
)

const deployment = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: nginx }] }
`

// Skipped where there is no kubectl.
describe.skipIf(!present)('kubectl', () => {
  let server: ApiServer
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(`${tmpdir()}/sluice-kubectl-`)
    server = await createApiServer()
    const { url } = await server.listen({ port: 0 })
    await writeFile(`${directory}/kubeconfig`, server.adminKubeconfig(url), { mode: 0o600 })
  })

  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true })
  })

  /** What kubectl prints; its error output when it fails. */
  async function kubectl(...words: string[]): Promise<string> {
    const env = {
      PATH: process.env['PATH'] ?? `/usr/bin${delimiter}/bin`,
      HOME: directory,
      KUBECONFIG: `${directory}/kubeconfig`,
      EDITOR: 'sed -i s/nginx/httpd/',
    }
    return run('kubectl', words, { env, timeout: 20_000 }).then(
      (it) => it.stdout,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    )
  }

  async function file(text: string): Promise<string> {
    const path = `${directory}/manifest.yaml`
    await writeFile(path, text)
    return path
  }

  test('applies from the client and from the server, and shows what would change', async () => {
    const one = await file(deployment(1))
    expect(await kubectl('apply', '-f', one, '--dry-run=server')).toBe(
      'deployment.apps/web created (server dry run)\n',
    )
    expect(await kubectl('apply', '-f', one)).toBe('deployment.apps/web created\n')
    expect(await kubectl('apply', '-f', one)).toBe('deployment.apps/web unchanged\n')
    expect(await kubectl('diff', '-f', one)).toBe('')
    const two = await file(deployment(2))
    expect(await kubectl('diff', '-f', two)).toContain('+  replicas: 2\n')
    expect(await kubectl('apply', '-f', two)).toBe('deployment.apps/web configured\n')
    expect(await kubectl('apply', '--server-side', '-f', two)).toBe(
      'deployment.apps/web serverside-applied\n',
    )
    expect(await kubectl('scale', 'deploy/web', '--replicas=3')).toBe('deployment.apps/web scaled\n')
    expect(await kubectl('apply', '--server-side', '-f', two)).toMatch(
      /conflict with "kubectl" .*\.spec\.replicas/s,
    )
  })

  test('edits, patches and describes', async () => {
    expect(await kubectl('edit', 'deploy/web')).toBe('deployment.apps/web edited\n')
    expect(await kubectl('set', 'image', 'deploy/web', 'c=busybox')).toBe(
      'deployment.apps/web image updated\n',
    )
    expect(await kubectl('label', 'deploy/web', 'a=b')).toBe('deployment.apps/web labeled\n')
    const change = '[{"op":"replace","path":"/spec/replicas","value":5}]'
    expect(await kubectl('patch', 'deploy/web', '--type=json', '-p', change)).toBe(
      'deployment.apps/web patched\n',
    )
    expect(await kubectl('get', 'deploy/web', '-o', 'wide', '--no-headers')).toMatch(
      /^web +0\/5 +0 +0 +\d+s +c +busybox +app=web\n$/,
    )
    expect(await kubectl('describe', 'deploy/web')).toMatch(/Labels: +a=b\n/)
    expect(await kubectl('explain', 'deployment.spec.replicas')).toContain('FIELD: replicas <integer>')
  })

  test('asks who may do what', async () => {
    const account = '--as=system:serviceaccount:default:default'
    expect(await kubectl('auth', 'can-i', 'get', 'pods', account)).toContain('no')
    expect(await kubectl('create', 'role', 'reader', '--verb=get', '--resource=pods')).toContain('created')
    expect(
      await kubectl('create', 'rolebinding', 'reads', '--role=reader', '--serviceaccount=default:default'),
    ).toContain('created')
    expect(await kubectl('auth', 'can-i', 'get', 'pods', account)).toBe('yes\n')
    const token = await kubectl('create', 'token', 'default')
    expect(token.split('.').length).toBe(3)
    expect(await kubectl('--token', token.trim(), 'get', 'pods')).toContain(
      'User "system:serviceaccount:default:default" cannot list resource "pods"',
    )
  })

  test('waits, watches and deletes', async () => {
    expect(await kubectl('create', 'configmap', 'x', '--from-literal=a=b')).toBe('configmap/x created\n')
    expect(await kubectl('get', 'cm', '-w', '--request-timeout=1s', '-o', 'name')).toContain('configmap/x\n')
    expect(await kubectl('wait', '--for=jsonpath={.data.a}=b', 'cm/x', '--timeout=5s')).toBe(
      'configmap/x condition met\n',
    )
    expect(await kubectl('delete', 'deploy/web', '--cascade=foreground')).toBe(
      'deployment.apps "web" deleted\n',
    )
    expect(await kubectl('create', 'namespace', 'gone')).toBe('namespace/gone created\n')
    expect(await kubectl('create', 'configmap', 'y', '-n', 'gone')).toBe('configmap/y created\n')
    expect(await kubectl('delete', 'namespace', 'gone')).toBe('namespace "gone" deleted\n')
    expect(await kubectl('get', 'cm', '-n', 'gone', '-o', 'name')).toBe('')
  })
})

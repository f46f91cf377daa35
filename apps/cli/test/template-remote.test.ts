import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadChartDirectory, packageChart } from '@sluice/chart'
import { hostCompression as compression, createHttp } from '@sluice/host'
import { mediaTypes, memoryRegistryStore, ociRepository, pushArtifact, registryHandler } from '@sluice/oci'
import { memoryFileTree, silentLogger } from '@sluice/ports'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../src/run-program.ts'
import { recordingContext } from './recording-context.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-remote-'))
const archives = new Map(
  ['1.0.0', '1.1.0', '2.0.0-rc.1'].map((version) => [`/app-${version}.tgz`, archive(version)]),
)
const registry = registryHandler({ store: memoryRegistryStore() })
/** A chart repository for one user, and a registry. */
const server = createServer((request, response) => {
  const { url = '', headers } = request
  if (url.startsWith('/v2')) {
    registry(request, response)
    return
  }
  const content =
    url === '/values.yaml' ? 'color: blue\n' : url === '/index.yaml' ? index() : archives.get(url)
  const mayRead = url === '/values.yaml' || headers.authorization === `Basic ${btoa('me:s3cret')}`
  response.statusCode = !mayRead ? 401 : content === undefined ? 404 : 200
  response.end(mayRead ? content : undefined)
})
let host = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  writeFileSync(
    join(root, 'repositories.yaml'),
    `repositories:\n- name: mine\n  url: http://${host}\n  username: me\n  password: s3cret\n`,
  )
  await pushToRegistry()
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true })
})

function archive(version: string): Uint8Array {
  const tree = memoryFileTree(
    Object.entries({
      'Chart.yaml': `apiVersion: v2\nname: app\nversion: ${version}\n`,
      'templates/a.yaml': 'kind: ConfigMap\nversion: {{ .Chart.Version }}\ncolor: {{ .Values.color }}\n',
    }),
  )
  return packageChart(loadChartDirectory(tree, '', { compression }), { compression }).archive
}

function index(): string {
  const versions = Array.from(archives.keys(), (path) => {
    const version = path.slice('/app-'.length, -'.tgz'.length)
    return `  - {apiVersion: v2, name: app, version: ${version}, urls: [${path.slice(1)}]}\n`
  })
  return `apiVersion: v1\nentries:\n  app:\n${versions.join('')}`
}

async function pushToRegistry(): Promise<void> {
  const http = createHttp()
  const remote = { registry: host, repository: 'charts/app', insecure: true }
  const client = ociRepository(remote, { http, signal: new AbortController().signal, timeoutMs: 10_000 })
  await pushArtifact(client, '1.1.0', {
    content: archive('1.1.0'),
    layerMediaType: mediaTypes.helmChart,
    configMediaType: mediaTypes.helmConfig,
  })
  await http.close()
}

async function render(...args: string[]): Promise<string> {
  const { context, written } = recordingContext({ workingDirectory: root })
  const exitCode = await runProgram('sluice', ['template', 'web', ...args.map(filled)], {
    context,
    log: () => silentLogger,
  })
  return exitCode === 0 ? written.stdout : written.stderr
}

function filled(text: string): string {
  return text.replace('HOST', host)
}

const login = ['--username', 'me', '--password', 's3cret']

test.for([
  [['app', '--repo', 'http://HOST', ...login], 'version: 1.1.0\n'],
  [['app', '--repo', 'http://HOST', ...login, '--version', '~1.0'], 'version: 1.0.0\n'],
  [['app', '--repo', 'http://HOST', ...login, '--version=1.0.0'], 'version: 1.0.0\n'],
  [['app', '--repo', 'http://HOST', ...login, '--devel'], 'version: 2.0.0-rc.1\n'],
  [['mine/app', '--repository-config', 'repositories.yaml'], 'version: 1.1.0\n'],
  [['http://HOST/app-1.0.0.tgz', ...login, '-f', 'http://HOST/values.yaml'], 'version: 1.0.0\ncolor: blue\n'],
  [['oci://HOST/charts/app', '--plain-http'], 'version: 1.1.0\n'],
  [['oci://HOST/charts/app', '--plain-http', '--version', '1.x'], 'version: 1.1.0\n'],
  [['app', '--repo', 'http://HOST'], 'failed to fetch http://HOST/index.yaml : 401 Unauthorized'],
  [['none', '--repo', 'http://HOST', ...login], 'no chart name found'],
  [
    ['app', '--repo', 'http://HOST', ...login, '--version', '9'],
    "no 'app' chart with version matching '9' found",
  ],
  [['other/app', '--repository-config', 'repositories.yaml'], 'repo other not found'],
  [['./none'], 'path "./none" not found'],
] as const)('template %j', async ([args, want]) => {
  expect(await render(...args)).toContain(filled(want))
})

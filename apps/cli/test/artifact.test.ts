import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackTarGz } from '@sluice/host'
import { memoryRegistryStore, registryHandler } from '@sluice/oci'
import { silentLogger } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../src/run-program.ts'
import { recordingContext } from './recording-context.ts'
import type { CliResult } from './run-cli.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-artifact-'))
const inRoot = (...names: readonly string[]): string => join(root, ...names)
const server = createServer(
  registryHandler({
    store: memoryRegistryStore(),
    authorize: (_, user) => user?.name === 'me' && user.password === 's3cret',
  }),
)
let registry: string
let input = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  registry = `127.0.0.1:${(server.address() as AddressInfo).port}`
  mkdirSync(inRoot('app/sub'), { recursive: true })
  mkdirSync(inRoot('docker'))
  mkdirSync(inRoot('bin'))
  writeFileSync(inRoot('app/deploy.yaml'), 'kind: Deployment\n')
  writeFileSync(inRoot('app/sub/run.sh'), '#!/bin/sh\n')
  chmodSync(inRoot('app/sub/run.sh'), 0o755)
  writeFileSync(inRoot('app/logo.png'), 'png')
  writeFileSync(inRoot('shared.yaml'), 'kind: Shared\n')
  symlinkSync('../shared.yaml', inRoot('app/link.yaml'))
  symlinkSync('..', inRoot('app/sub/up'))
  const auths = { [registry]: { auth: btoa('me:s3cret') } }
  writeFileSync(inRoot('docker/config.json'), JSON.stringify({ auths }))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true })
})

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = { DOCKER_CONFIG: inRoot('docker') },
): Promise<CliResult> {
  const { context, written } = recordingContext({
    workingDirectory: root,
    environment,
    readInput: () => Promise.resolve(input),
  })
  const exitCode = await runProgram('flux', args, { context, log: () => silentLogger })
  return { exitCode, ...written }
}

const about = ['--source=https://example.com/app', '--revision=main@sha1:1']
const push = (name: string, ...more: readonly string[]): Promise<CliResult> =>
  run(['push', 'artifact', `oci://${registry}/${name}`, '--path=app', ...about, ...more])

describe('push artifact', () => {
  test('says what it does and where it went', async () => {
    const { exitCode, stdout, stderr } = await push('pushed:v1')
    expect([exitCode, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(
      new RegExp(
        `^► pushing artifact to ${registry}/pushed:v1\n` +
          `✔ artifact successfully pushed to ${registry}/pushed@sha256:[0-9a-f]{64}\n$`,
      ),
    )
  })

  test.for(['json', 'yaml'])('prints what was pushed as %s', async (format) => {
    const { stdout, stderr } = await push('printed:v1', '--output', format, '--reproducible')
    const digest = /sha256:[0-9a-f]{64}/.exec(stdout)?.[0] ?? ''
    const repository = `${registry}/printed`
    const fields = { url: `oci://${repository}@${digest}`, repository, tag: 'v1', digest }
    const yaml = `digest: ${digest}\nrepository: ${repository}\ntag: v1\nurl: oci://${repository}@${digest}\n`
    expect(stdout).toBe(format === 'json' ? `${JSON.stringify(fields, null, 2)}\n` : yaml)
    expect(stderr).toBe('')
    expect((await push('printed:v2', '--output', format, '--reproducible')).stdout).toContain(digest)
  })

  test('logs in with credentials', async () => {
    const args = ['push', 'artifact', `oci://${registry}/creds`, '--path=shared.yaml', ...about]
    const { stderr } = await run([...args, '--creds=me:s3cret'], {})
    expect(stderr).toContain('► logging in to registry with credentials\n')
    expect(stderr).toContain('✔ artifact successfully pushed to')
    const refused = await run([...args, '--creds=me:wrong'], {})
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('✗ pushing artifact failed: ')
    expect(refused.stderr).toContain('401 Unauthorized')
    expect(refused.stderr).not.toContain('wrong')
  })

  test("logs in with what Docker's helper knows", async () => {
    writeFileSync(
      inRoot('bin/docker-credential-test'),
      '#!/bin/sh\nread registry\necho "{\\"ServerURL\\":\\"$registry\\",\\"Username\\":\\"me\\",\\"Secret\\":\\"s3cret\\"}"\n',
      { mode: 0o755 },
    )
    mkdirSync(inRoot('helped'), { recursive: true })
    writeFileSync(inRoot('helped/config.json'), JSON.stringify({ credsStore: 'test' }))
    const environment = { DOCKER_CONFIG: inRoot('helped'), PATH: `${inRoot('bin')}:/usr/bin:/bin` }
    const args = ['push', 'artifact', `oci://${registry}/helped`, '--path=app', ...about]
    expect((await run(args, environment)).stderr).toContain('✔ artifact successfully pushed to')
    expect((await run(args, { ...environment, PATH: '/usr/bin:/bin' })).stderr).toContain('401 Unauthorized')
  })

  test('takes what comes in, and annotations', async () => {
    input = 'kind: Piped\n'
    const args = ['push', 'artifact', `oci://${registry}/piped:v1`, '-f', '-', ...about]
    expect((await run([...args, '-a', 'org.opencontainers.image.licenses=MIT'])).exitCode).toBe(0)
    mkdirSync(inRoot('piped'))
    const pulled = await run(['pull', 'artifact', `oci://${registry}/piped:v1`, '-o', 'piped'])
    expect(pulled.exitCode).toBe(0)
    expect(readFileSync(inRoot('piped/stdin.yaml'), 'utf8')).toBe('kind: Piped')
  })

  test.for([
    [[], 'artifact URL is required'],
    [['oci://x.test/a'], '--source is required'],
    [['oci://x.test/a', '--source=s'], '--revision is required'],
    [['oci://x.test/a', ...about], 'invalid path ""'],
    [
      ['oci://x.test/a', ...about, '--path=none'],
      "invalid path 'none', must point to an existing directory or file",
    ],
    [['x.test/a', ...about, '--path=app'], "URL must be in format 'oci://<domain>/<org>/<repo>'"],
    [['oci://x.test/A', ...about, '--path=app'], "'oci://x.test/A' invalid URL: could not parse reference"],
    [
      ['oci://x.test/a', ...about, '--path=app', '-a', 'x'],
      'invalid annotation x, must be in the format key=value',
    ],
    [
      ['oci://x.test/a', ...about, '--path=app', '--provider=aws'],
      "error during login with provider: registry 'x.test' is not one of provider 'aws'",
    ],
  ] as const)('%j is refused', async ([args, want]) => {
    const { exitCode, stderr } = await run(['push', 'artifact', ...args])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`✗ ${want}`)
  })
})

test('pull artifact unpacks it and tells where it comes from', async () => {
  await push('pulled:v1')
  mkdirSync(inRoot('out'))
  const { stderr } = await run(['pull', 'artifact', `oci://${registry}/pulled:v1`, '--output', 'out'])
  expect(stderr).toMatch(
    new RegExp(
      `^► pulling artifact from ${registry}/pulled:v1\n✔ source https://example.com/app\n✔ revision main@sha1:1\n` +
        `✔ digest ${registry}/pulled@sha256:[0-9a-f]{64}\n✔ artifact content extracted to out\n$`,
    ),
  )
  expect(readFileSync(inRoot('out/deploy.yaml'), 'utf8')).toBe('kind: Deployment\n')
  expect(statSync(inRoot('out/sub/run.sh')).mode & 0o111).not.toBe(0)
  expect((await run(['pull', 'artifact', `oci://${registry}/pulled:v1`, '-o', 'none'])).stderr).toContain(
    'invalid output path "none"',
  )
  expect((await run(['pull', 'artifact', `oci://${registry}/pulled:v9`, '-o', 'out'])).stderr).toContain(
    'MANIFEST_UNKNOWN',
  )
})

test('tag and list artifacts', async () => {
  await push('listed:1.0.0')
  const tagged = await run([
    'tag',
    'artifact',
    `oci://${registry}/listed:1.0.0`,
    '--tag',
    'latest,1.1.0',
    '--tag',
    'sha256-1.sig',
  ])
  expect(tagged.stderr).toBe(
    `► tagging artifact\n✔ artifact tagged as ${registry}/listed:latest\n` +
      `✔ artifact tagged as ${registry}/listed:1.1.0\n✔ artifact tagged as ${registry}/listed:sha256-1.sig\n`,
  )
  const list = async (...flags: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await run(['list', 'artifacts', `oci://${registry}/listed`, ...flags])
    return stdout.split('\n').map((line) => line.split(/\s+/)[0]?.replace(`${registry}/listed:`, '') ?? '')
  }
  expect(await list()).toEqual(['ARTIFACT', 'latest', '1.1.0', '1.0.0', ''])
  expect(await list('--filter-semver', '>1.0.0')).toEqual(['ARTIFACT', '1.1.0', ''])
  expect(await list('--filter-regex', '^l')).toEqual(['ARTIFACT', 'latest', ''])
  const { stdout } = await run(['list', 'artifact', `oci://${registry}/listed`])
  expect(stdout).toContain('\thttps://example.com/app\tmain@sha1:1')
  expect((await run(['tag', 'artifact', `oci://${registry}/listed`])).stderr).toContain('--tag is required')
  expect((await run(['list', 'artifacts', `oci://${registry}/x`, '--filter-semver', '%'])).stderr).toContain(
    "semver '%' parse error",
  )
})

const diff = (...more: readonly string[]): Promise<CliResult> =>
  run(['diff', 'artifact', `oci://${registry}/compared`, '--path=app', ...more])

test('diff artifact compares files', async () => {
  await push('compared')
  expect(await diff()).toEqual({ exitCode: 0, stdout: '', stderr: '✔ no changes detected\n' })
  const changed = await diff('--ignore-paths=sub/')
  expect(changed.exitCode).toBe(1)
  expect(changed.stdout).toBe('+ logo.png\n- sub/run.sh\n')
  expect(changed.stderr).toContain('✗ the remote artifact contents differs from the local one')
})

const build = async (...flags: readonly string[]): Promise<readonly string[]> => {
  const { exitCode, stderr } = await run(['build', 'artifact', ...flags])
  if (exitCode !== 0) return [stderr]
  const tree = await unpackTarGz(readFileSync(inRoot('artifact.tgz')), { maxBytes: 1e6 })
  return tree.list('')
}

describe('build artifact', () => {
  test('packs without images, links and what is named', async () => {
    expect(await build('--path=app')).toEqual(['deploy.yaml', 'sub'])
    expect(await build('-p', 'app', '--add-ignore-paths=sub/')).toEqual(['deploy.yaml'])
    expect(await build('--path=shared.yaml')).toEqual(['shared.yaml'])
    expect(statSync(inRoot('artifact.tgz')).mode & 0o777).toBe(0o640)
  })

  test('copies what links lead to, but not in circles', async () => {
    expect(await build('--path=app', '--resolve-symlinks')).toEqual(['deploy.yaml', 'link.yaml', 'sub'])
    symlinkSync('nowhere', inRoot('app/sub/broken'))
    expect((await build('--path=app', '--resolve-symlinks'))[0]).toContain('resolving symlinks failed')
    rmSync(inRoot('app/sub/broken'))
  })

  test('says what it does', async () => {
    const { stderr } = await run(['build', 'artifact', '--path=app', '-o', 'x.tgz'])
    expect(stderr).toBe('► building artifact from app\n✔ artifact created at x.tgz\n')
    expect((await run(['build', 'artifact'])).stderr).toContain('invalid path ""')
    expect((await run(['build', 'artifact', '--path=app', '-o', 'no/x.tgz'])).stderr).toContain(
      'building artifact failed, error: ',
    )
  })
})

const create = (...flags: readonly string[]): Promise<CliResult> =>
  run(['create', 'secret', 'notation', 'keys', '-n', 'apps', '--export', ...flags])

describe('create secret notation', () => {
  const policy = {
    version: '1.0',
    trustPolicies: [
      {
        name: 'all',
        registryScopes: ['*'],
        signatureVerification: { level: 'strict' },
        trustStores: ['ca:certs'],
        trustedIdentities: ['*'],
      },
    ],
  }

  test('has the policy and the certificates by their names', async () => {
    writeFileSync(inRoot('policy.json'), JSON.stringify(policy))
    writeFileSync(inRoot('ca.crt'), 'certificate\n')
    const { stdout } = await create(
      `--trust-policy-file=${inRoot('policy.json')}`,
      `--ca-cert-file=${inRoot('ca.crt')}`,
    )
    expect(stdout).toContain('kind: Secret\n')
    expect(stdout).toContain('ca.crt: |\n    certificate\n')
    expect(stdout).toContain('trustpolicy.json: ')
  })

  test('refuses what cannot be used', async () => {
    writeFileSync(inRoot('lax.json'), JSON.stringify({ version: '2' }))
    writeFileSync(inRoot('ca.txt'), '')
    const ca = `--ca-cert-file=${inRoot('ca.crt')}`
    expect((await create()).stderr).toContain('--ca-cert-file is required')
    expect((await create(ca)).stderr).toContain('--trust-policy-file is required')
    expect((await create(ca, `--trust-policy-file=${inRoot('lax.json')}`)).stderr).toContain(
      "invalid trust policy: trust policy document has an unsupported version '2'",
    )
    const text = `--ca-cert-file=${inRoot('ca.txt')}`
    expect((await create(text, `--trust-policy-file=${inRoot('policy.json')}`)).stderr).toContain(
      'ca.txt must end with either .crt or .pem',
    )
  })
})

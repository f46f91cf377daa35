import { fakeClock } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { type ConnectOptions, connectionFor } from './connect.ts'
import { inClusterConnection } from './in-cluster.ts'
import { KubeConfigError, parseKubeConfig } from './kube-config.ts'
import { loadKubeConfig } from './load-kube-config.ts'
import type { Surroundings } from './surroundings.ts'

const { signal } = new AbortController()

function surroundings(
  files: Readonly<Record<string, string>>,
  more: Partial<Surroundings> = {},
): Surroundings {
  return {
    env: {},
    homeDirectory: '/home/me',
    readFile: async (path) => {
      const text = files[path]
      if (text === undefined) throw new Error(`ENOENT: ${path}`)
      return new TextEncoder().encode(text)
    },
    run: async () => '',
    ...more,
  }
}

function config(user: object, cluster: object = {}): string {
  return JSON.stringify({
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'apps' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://host:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
  })
}

function connect(text: string, options: Partial<ConnectOptions> = {}) {
  return connectionFor(parseKubeConfig(text), {
    clock: fakeClock(),
    surroundings: surroundings({ '/ca': 'CA', '/cert': 'CERT', '/key': 'KEY', '/token': 'T1\n' }),
    trusted: true,
    ...options,
  })
}

describe('credentials', () => {
  test.for([
    [{ token: 't' }, { authorization: 'Bearer t' }],
    [{ username: 'a', password: 'ü' }, { authorization: 'Basic YTrDvA==' }],
    [{ tokenFile: '/token' }, { authorization: 'Bearer T1' }],
    [
      { 'client-certificate': '/cert', 'client-key': '/key' },
      { certificate: 'CERT', key: 'KEY' },
    ],
    [{ 'client-certificate-data': 'Qw==', 'client-certificate': '/cert' }, { certificate: 'C' }],
    [{}, {}],
  ] as const)('%j shows %j', async ([user, want]) => {
    const { credentials } = await connect(config(user))
    expect(await credentials.get({ signal })).toEqual(want)
  })

  test('of a command are kept until they end or are refused', async () => {
    let runs = 0
    const clock = fakeClock()
    const { credentials } = await connect(config({ exec: { command: 'login', args: ['x'], env: [] } }), {
      clock,
      surroundings: surroundings(
        {},
        {
          run: async (command, args) => {
            runs += 1
            expect([command, ...args]).toEqual(['login', 'x'])
            const expirationTimestamp = new Date(clock.now() + 60_000).toISOString()
            return JSON.stringify({ status: { token: `t${runs}`, expirationTimestamp } })
          },
        },
      ),
    })
    const show = async () => (await credentials.get({ signal })).authorization
    expect([await show(), await show()]).toEqual(['Bearer t1', 'Bearer t1'])
    await clock.advance(50_000)
    expect(await show()).toBe('Bearer t2')
    credentials.refused()
    expect(await show()).toBe('Bearer t3')
  })

  test('that a command failed to give are not told in the error', async () => {
    const { credentials } = await connect(config({ exec: { command: 'login', installHint: 'see docs' } }), {
      surroundings: surroundings(
        {},
        {
          run: async () => {
            throw new Error('printed s3cret')
          },
        },
      ),
    })
    const failure = await credentials.get({ signal }).catch((error: unknown) => error)
    expect(String(failure)).toBe('KubeConfigError: exec: command login failed (see docs)')
    expect((failure as Error).cause).toBeUndefined()
  })
})

test('the connection says how to reach the cluster', async () => {
  const cluster = {
    'certificate-authority': '/ca',
    'tls-server-name': 'inner',
    'proxy-url': 'http://user:p%40ss@proxy:3128',
  }
  expect(await connect(config({ as: 'robot', 'as-groups': ['g'] }, cluster))).toMatchObject({
    server: 'https://host:6443',
    ca: 'CA',
    serverName: 'inner',
    namespace: 'apps',
    proxy: { url: 'http://proxy:3128', username: 'user', password: 'p@ss' },
    impersonate: { userName: 'robot', groups: ['g'] },
  })
})

test.for([
  ['a command', config({ exec: { command: 'x' } })],
  ['a token file', config({ tokenFile: '/token' })],
  ['a file', config({ 'client-certificate': '/cert' })],
  ['insecure TLS', config({}, { 'insecure-skip-tls-verify': true })],
] as const)('a configuration that is not trusted may not use %s', async ([, text]) => {
  await expect(connect(text, { trusted: false })).rejects.toMatchObject({ code: 'KUBECONFIG_FORBIDDEN' })
})

test.for([
  ['a: [', 'it is not YAML'],
  ['clusters: {}', 'its clusters are not a list'],
  ['clusters: [{name: c, cluster: {}}]', 'a cluster of it is not well formed'],
  ['users: [{name: u, user: {token: 1}}]', 'a user of it is not well formed'],
] as const)('%j is refused: %s', ([text, why]) => {
  expect(() => parseKubeConfig(text)).toThrow(`cannot read kubeconfig: ${why}`)
})

test('a context that is not there is named', async () => {
  await expect(connect(config({}), { context: 'other' })).rejects.toThrow('context "other" does not exist')
  await expect(connect('{}')).rejects.toThrow('kubeconfig has no current context')
})

describe('loading', () => {
  test('takes KUBECONFIG before the home directory and merges what it lists', async () => {
    const files = {
      '/a/one': 'current-context: x\nusers: [{name: u, user: {tokenFile: t}}]',
      '/b/two': 'current-context: y\nusers: [{name: u, user: {token: late}}, {name: v, user: {token: v}}]',
      '/home/me/.kube/config': 'current-context: home',
    }
    const merged = await loadKubeConfig(
      surroundings(files, { env: { KUBECONFIG: '/a/one:/missing:/b/two' } }),
    )
    expect(merged.currentContext).toBe('x')
    expect(merged.users.get('u')).toEqual({ tokenFile: '/a/t' })
    expect(merged.users.get('v')).toEqual({ token: 'v' })
    expect((await loadKubeConfig(surroundings(files))).currentContext).toBe('home')
  })

  test('names a file that cannot be read', async () => {
    const failure = await loadKubeConfig(surroundings({}), { path: '/none' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(KubeConfigError)
    expect((failure as KubeConfigError).message).toBe('cannot read kubeconfig /none')
  })
})

test('in a pod the service account is used, its token read anew', async () => {
  const directory = '/var/run/secrets/kubernetes.io/serviceaccount'
  const files: Record<string, string> = {
    [`${directory}/token`]: 'one',
    [`${directory}/ca.crt`]: 'CA',
    [`${directory}/namespace`]: 'flux-system\n',
  }
  const clock = fakeClock()
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  const connection = await inClusterConnection({ clock, surroundings: surroundings(files, { env }) })
  expect(connection).toMatchObject({ server: 'https://[fd00::1]:443', ca: 'CA', namespace: 'flux-system' })
  expect(await connection.credentials.get({ signal })).toEqual({ authorization: 'Bearer one' })
  files[`${directory}/token`] = 'two'
  await clock.advance(60_000)
  expect(await connection.credentials.get({ signal })).toEqual({ authorization: 'Bearer two' })
})

test('a document that is no object is refused in the words of Go', () => {
  expect(() => parseKubeConfig('x')).toThrow(
    "couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct {",
  )
})

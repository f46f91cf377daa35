import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import { createCluster, httpTransport, type Resource, type Surroundings } from '@sluice/cluster'
import { createHttp } from '@sluice/host'
import { type FakeClock, fakeClock } from '@sluice/ports/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterConnection } from '../src/process/cluster-connection.ts'

const directory = '/var/run/secrets/kubernetes.io/serviceaccount'
const { signal } = new AbortController()
const write = { signal, fieldManager: 'test' }
const serviceAccounts: Resource = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}

let clock: FakeClock
let server: Awaited<ReturnType<typeof createApiServer>>
let url: string
let ca: string
const http = createHttp()

beforeAll(async () => {
  clock = fakeClock(Date.UTC(2026, 0, 1))
  server = await createApiServer({ clock })
  url = (await server.listen({ port: 0 })).url
  const [, data = ''] = /certificate-authority-data: (\S+)/.exec(server.adminKubeconfig(url)) ?? []
  ca = Buffer.from(data, 'base64').toString('utf8')
})

afterAll(async () => {
  await http.close()
  await server.close()
})

/** A machine with these files and variables; commands print what `commands` has for them. */
function machine(
  files: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string>> = {},
  commands: Readonly<Record<string, () => string>> = {},
): Surroundings {
  return {
    env,
    homeDirectory: '/home/somebody',
    readFile: async (path) => {
      const text = files.get(path)
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
      return new TextEncoder().encode(text)
    },
    run: async (command) => commands[command]?.() ?? Promise.reject(new Error(`no ${command}`)),
  }
}

/** A token for a new ServiceAccount of `default`. */
async function tokenFor(name: string): Promise<string> {
  const admin = createCluster(inProcessTransport(server))
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } }
  await admin.create(serviceAccounts, account, write)
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name, namespace: 'default' },
    spec: {},
  }
  const { status } = await admin.create<{ readonly status: { readonly token: string } }>(
    serviceAccounts,
    request,
    { ...write, subresource: 'token' },
  )
  return status.token
}

/** As whom a connection is known: accounts without rights are named as they are refused. */
async function whoAmI(...args: Parameters<typeof clusterConnection>): Promise<() => Promise<string>> {
  const connection = await clusterConnection(...args)
  const cluster = createCluster(httpTransport(connection, { http, clock }))
  return async () => {
    try {
      await cluster.list(serviceAccounts, { signal })
      return 'an administrator'
    } catch (error) {
      const [, name = String(error)] = /User "([^"]+)"/.exec(String(error)) ?? []
      return name
    }
  }
}

/** The machine of a pod whose token file has `token`. */
function pod(token: string): { readonly files: Map<string, string>; readonly surroundings: Surroundings } {
  const files = new Map([
    [`${directory}/token`, `${token}\n`],
    [`${directory}/ca.crt`, ca],
    [`${directory}/namespace`, 'flux-system'],
  ])
  const { hostname, port } = new URL(url)
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
  return { files, surroundings: machine(files, env) }
}

describe('in a pod', () => {
  test('a process is its ServiceAccount, also when the token is another one later', async () => {
    const [first, second] = [await tokenFor('first'), await tokenFor('second')]
    const { files, surroundings } = pod(first)
    const ask = await whoAmI({}, { clock, surroundings })
    expect(await ask()).toBe('system:serviceaccount:default:first')
    files.set(`${directory}/token`, second)
    await clock.advance(61_000)
    expect(await ask()).toBe('system:serviceaccount:default:second')
  })

  test('a token that is refused is read again at once', async () => {
    const { files, surroundings } = pod('no token')
    const ask = await whoAmI({}, { clock, surroundings })
    expect(await ask()).toContain('Unauthorized')
    files.set(`${directory}/token`, await tokenFor('third'))
    expect(await ask()).toBe('system:serviceaccount:default:third')
  })

  test('a kubeconfig that is named counts all the same', async () => {
    const { files, surroundings } = pod(await tokenFor('fourth'))
    files.set('/admin', server.adminKubeconfig(url))
    expect(await (await whoAmI({ kubeconfig: '/admin' }, { clock, surroundings }))()).toBe('an administrator')
    const named = { ...surroundings, env: { ...surroundings.env, KUBECONFIG: '/admin' } }
    expect(await (await whoAmI({}, { clock, surroundings: named }))()).toBe('an administrator')
  })
})

describe('elsewhere', () => {
  test('the kubeconfig of the home directory is used', async () => {
    const files = new Map([['/home/somebody/.kube/config', server.adminKubeconfig(url)]])
    const ask = await whoAmI({}, { clock, surroundings: machine(files) })
    expect(await ask()).toBe('an administrator')
  })

  test('credentials that a command prints are asked for anew when they end', async () => {
    const [fifth, sixth] = [await tokenFor('fifth'), await tokenFor('sixth')]
    let printed = 0
    const print = (): string => {
      printed += 1
      return JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: {
          token: printed === 1 ? fifth : sixth,
          expirationTimestamp: new Date(clock.now() + 60_000).toISOString(),
        },
      })
    }
    const exec =
      'exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: print\n      interactiveMode: Never'
    const config = server.adminKubeconfig(url).replace(/token: \S+/, exec)
    const surroundings = machine(new Map([['/config', config]]), {}, { print })
    const ask = await whoAmI({ kubeconfig: '/config' }, { clock, surroundings })
    expect(await ask()).toBe('system:serviceaccount:default:fifth')
    expect(await ask()).toBe('system:serviceaccount:default:fifth')
    await clock.advance(51_000)
    expect(await ask()).toBe('system:serviceaccount:default:sixth')
    expect(printed).toBe(2)
  })

  test('without any of them there is nothing to work for', async () => {
    await expect(clusterConnection({}, { clock, surroundings: machine(new Map()) })).rejects.toThrow(
      'cannot read kubeconfig /home/somebody/.kube/config',
    )
  })
})

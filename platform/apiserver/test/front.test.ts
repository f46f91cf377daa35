import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { gunzipSync } from 'node:zlib'
import { nodeCrypto } from '@sluice/host'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ApiServer,
  createApiServer,
  createTlsIdentity,
  fileStorage,
  ListenError,
  memoryStorage,
} from '../src/index.ts'
import { openLogFile } from '../src/storage/file/log-file.ts'
import { type Ask, httpsClient } from './https-client.ts'

const token = 'secret'
const identity = createTlsIdentity(['127.0.0.1'], { now: Date.now() })
const configMaps = '/api/v1/namespaces/default/configmaps'
const json = { 'Content-Type': 'application/json' }

const configMap = (name: string, data: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })

function post(ask: Ask, name: string): ReturnType<Ask> {
  return ask(configMaps, { method: 'POST', headers: json, body: configMap(name) })
}

describe('over HTTPS', () => {
  let server: ApiServer
  let port: number
  let ask: Ask

  beforeAll(async () => {
    server = await createApiServer({ adminToken: token, identity })
    const listening = await server.listen()
    port = listening.port
    ask = httpsClient(server, { port, token })
  })
  afterAll(() => server.close())

  test.for(['/', '/version', '/healthz', '/apis', '/openapi/v3', configMaps, '/api/v1/namespaces/nope/x/y'])(
    'without credentials %s tells nothing',
    async (path) => {
      const { status, text } = await ask(path, { anonymous: true })
      expect([status, JSON.parse(text)]).toEqual([
        401,
        {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'Unauthorized',
          reason: 'Unauthorized',
          code: 401,
        },
      ])
      expect((await ask(path, { headers: { Authorization: 'Bearer wrong' } })).text).toBe(text)
    },
  )

  test('a client certificate of the CA says who asks', async () => {
    const { privateKey } = nodeCrypto.generateKey('ecdsa')
    const cert = nodeCrypto.createCertificate({
      commonName: 'alice',
      organizations: ['system:masters'],
      notBefore: Date.now() - 60_000,
      notAfter: Date.now() + 60_000,
      isCa: false,
      usages: ['digitalSignature', 'clientAuth'],
      serialNumber: Uint8Array.of(1, 2, 3),
      privateKey,
      issuer: { certificate: identity.ca, privateKey: identity.caKey },
    })
    const { text } = await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
      certificate: { cert, key: privateKey },
    })
    expect(JSON.parse(text)).toMatchObject({
      status: { userInfo: { username: 'alice', groups: ['system:masters', 'system:authenticated'] } },
    })
  })

  test('bodies are bounded in size and depth', async () => {
    const large = await ask(configMaps, {
      method: 'POST',
      headers: json,
      body: configMap('large', { a: 'x'.repeat(3 * 1024 * 1024) }),
    })
    expect([large.status, JSON.parse(large.text)]).toMatchObject([413, { reason: 'RequestEntityTooLarge' }])
    const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"data":${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}}`
    const refused = await ask(configMaps, { method: 'POST', headers: json, body: deep })
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([400, { reason: 'BadRequest' }])
  })

  test('OpenAPI documents are told apart by their hashes', async () => {
    const index = await ask('/openapi/v3')
    const { paths } = JSON.parse(index.text) as { paths: Record<string, { serverRelativeURL: string }> }
    const url = paths['apis/apps/v1']?.serverRelativeURL ?? ''
    const named = await ask(url, { headers: { 'Accept-Encoding': 'gzip' } })
    expect(named.headers).toMatchObject({ 'cache-control': 'public, immutable' })
    const etag = String(named.headers['etag'])
    const again = await ask(url, { headers: { 'If-None-Match': etag } })
    expect([again.status, again.text]).toEqual([304, ''])
    const moved = await ask(`${url}0`)
    expect([moved.status, moved.headers['location']]).toEqual([301, url])

    const swagger = await ask('/openapi/v2', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(swagger.headers['content-encoding']).toBe('gzip')
    const { definitions } = JSON.parse(gunzipSync(swagger.bytes).toString()) as {
      definitions: Record<string, unknown>
    }
    expect(definitions['io.k8s.api.core.v1.ServicePort']).toMatchObject({
      properties: {
        port: { type: 'integer', format: 'int32' },
        targetPort: { $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
      },
    })
  })

  test('aggregated discovery is told apart by its hash', async () => {
    const Accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const first = await ask('/apis', { headers: { Accept } })
    expect(JSON.parse(first.text)).toMatchObject({ kind: 'APIGroupDiscoveryList' })
    const again = await ask('/apis', { headers: { Accept, 'If-None-Match': String(first.headers['etag']) } })
    expect(again.status).toBe(304)
  })

  test('OpenAPI changes with the definitions of custom resources', async () => {
    const before = (await ask('/openapi/v2')).headers['etag']
    const group = 'example.com'
    const schema = { type: 'object', properties: { spec: { type: 'object', nullable: true } } }
    const body = JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    })
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    expect((await ask(path, { method: 'POST', headers: json, body })).status).toBe(201)
    const after = await ask('/openapi/v2')
    expect(after.headers['etag']).not.toBe(before)
    expect(JSON.parse(after.text)).toMatchObject({ definitions: { 'com.example.v1.Thing': {} } })
  })

  test.for([configMaps, '/openapi/v2', '/openapi/v3/apis/apps/v1'])(
    'protobuf is declined for %s, JSON beside it taken',
    async (path) => {
      const protobuf = 'application/vnd.kubernetes.protobuf'
      expect((await ask(path, { headers: { Accept: protobuf } })).status).toBe(406)
      const either = await ask(path, { headers: { Accept: `${protobuf},application/json` } })
      expect([either.status, either.headers['content-type']]).toEqual([200, 'application/json'])
    },
  )

  test('tokens of service accounts can be checked by others', async () => {
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: ['me'] },
    }
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token'
    const made = await ask(path, { method: 'POST', headers: json, body: JSON.stringify(request) })
    const { status } = JSON.parse(made.text) as { status: { token: string } }
    const [header = '', claims = '', signature = ''] = status.token.split('.')
    const { jwks_uri: uri } = JSON.parse((await ask('/.well-known/openid-configuration')).text) as {
      jwks_uri: string
    }
    const { keys } = JSON.parse((await ask(new URL(uri).pathname)).text) as { keys: JsonWebKey[] }
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
    const signed = Buffer.from(`${header}.${claims}`)
    const bytes = Buffer.from(signature, 'base64url')
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes)).toBe(true)
  })

  test('a taken port is named', async () => {
    await expect(server.listen({ port })).rejects.toThrow(
      new ListenError('ADDRESS_IN_USE', `the address 127.0.0.1:${port} is in use; choose another port`),
    )
  })
})

describe('when the disk', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(`${tmpdir()}/sluice-front-`)
  })
  afterAll(() => rm(directory, { recursive: true }))

  /** A server whose writes to disk wait for, or fail with, what the test says. */
  async function serverOn(write: () => Promise<void>, maxConcurrentRequests = 400) {
    const storage = await fileStorage({
      directory: await mkdtemp(`${directory}/s-`),
      openFile: async (path) => {
        const file = await openLogFile(path)
        return {
          ...file,
          write: async (bytes, position) => {
            await write()
            await file.write(bytes, position)
          },
        }
      },
    })
    const server = await createApiServer({ storage, adminToken: token, identity, maxConcurrentRequests })
    const { port } = await server.listen()
    return {
      ask: httpsClient(server, { port, token }),
      close: async () => {
        await server.close()
        await storage.close()
      },
    }
  }
  test('is full, writes fail and say so, reads go on, and all is well when there is space', async () => {
    let full = false
    const { ask, close } = await serverOn(async () => {
      if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    })
    expect((await post(ask, 'a')).status).toBe(201)
    full = true
    const refused = await post(ask, 'b')
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      500,
      { reason: 'InternalError', message: expect.stringContaining('no space is left for') },
    ])
    expect((await ask(`${configMaps}/a`)).status).toBe(200)
    expect((await ask(`${configMaps}/b`)).status).toBe(404)
    full = false
    expect((await post(ask, 'b')).status).toBe(201)
    await close()
  })

  test('is slow, more than so many requests are told to come back', async () => {
    let release: (() => void) | undefined
    let blocked: Promise<void> | undefined
    const { ask, close } = await serverOn(async () => blocked, 2)
    // What a new namespace gets is written first.
    while ((await ask(`${configMaps}/kube-root-ca.crt`)).status !== 200) await post(ask, 'x')
    blocked = new Promise((resolve) => {
      release = resolve
    })
    const waiting = [post(ask, 'a'), post(ask, 'b')]
    let overloaded = await ask(configMaps)
    while (overloaded.status !== 429) overloaded = await ask(configMaps)
    expect(overloaded.headers['retry-after']).toBe('1')
    expect(JSON.parse(overloaded.text)).toMatchObject({
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 1 },
    })
    release?.()
    expect((await Promise.all(waiting)).map((it) => it.status)).toEqual([201, 201])
    expect((await ask(configMaps)).status).toBe(200)
    await close()
  })
})

test('who does not read his watch is cut off, and others go on', async () => {
  const storage = memoryStorage({ historyEvents: 100 })
  const { signal } = new AbortController()
  const watch = storage.watch('//configmaps/', { revision: storage.revision, signal })
  for (let index = 0; index < 10_001; index += 1) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `n${index}` } }
    await storage.put(`//configmaps/default/n${index}`, object, { kind: 'absent' })
  }
  const read = async (): Promise<number> => {
    let count = 0
    for await (const _ of watch) count += 1
    return count
  }
  await expect(read()).rejects.toMatchObject({ code: 'WATCHER_TOO_SLOW' })
  expect(storage.list('//configmaps/').objects.length).toBe(10_001)
})

import {
  ApiError,
  applyStaged,
  type Cluster,
  formatChange,
  type Resource,
  type WatchEvent,
} from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A server with nothing in it but what every cluster has, reached as an administrator. */
export type OpenedServer = { readonly cluster: Cluster; readonly close: () => Promise<void> }

const configMaps: Resource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
const secrets: Resource = { ...configMaps, kind: 'Secret', plural: 'secrets' }
const namespaces: Resource = { ...configMaps, kind: 'Namespace', plural: 'namespaces', namespaced: false }
const fieldManager = 'suite'

/** What every transport has to do alike, whatever lies between client and server. */
export function testTransport(title: string, open: () => Promise<OpenedServer>): void {
  describe(`a transport ${title}`, () => {
    let server: OpenedServer
    let sequence = 0
    const { signal } = new AbortController()
    const write = { signal, fieldManager }
    beforeAll(async () => {
      server = await open()
    })
    afterAll(() => server.close())

    async function inNamespace(): Promise<{ readonly namespace: string; readonly cluster: Cluster }> {
      sequence += 1
      const namespace = `suite-${sequence}`
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
      await server.cluster.create(namespaces, object, write)
      return { namespace, cluster: server.cluster }
    }

    test('kinds are discovered', async () => {
      const { cluster } = server
      expect(await cluster.resourceFor('v1', 'ConfigMap', { signal })).toEqual(configMaps)
      expect((await cluster.resources({ signal })).map((it) => it.plural)).toContain('deployments')
      await expect(cluster.resourceFor('v1', 'Gadget', { signal })).rejects.toMatchObject({
        reason: 'NoKindMatch',
      })
    })

    test('objects are created, read, replaced and deleted', async () => {
      const { namespace, cluster } = await inNamespace()
      const key = { namespace, name: 'x' }
      const created = await cluster.create(configMaps, configMap(key, { a: '1' }), write)
      expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } })
      expect(await cluster.get(configMaps, key, { signal })).toEqual(created)

      const updated = await cluster.update(configMaps, { ...created, data: { a: '2' } }, write)
      expect(updated['data']).toEqual({ a: '2' })
      await expect(cluster.update(configMaps, { ...created, data: {} }, write)).rejects.toMatchObject({
        reason: 'Conflict',
        statusCode: 409,
      })

      const wrong = cluster.delete(configMaps, key, { signal, uid: 'another' })
      await expect(wrong).rejects.toMatchObject({ reason: 'Conflict' })
      await cluster.delete(configMaps, key, { signal, propagationPolicy: 'Background' })
      await expect(cluster.get(configMaps, key, { signal })).rejects.toMatchObject({
        reason: 'NotFound',
        message: 'configmaps "x" not found',
      })
    })

    test('patches of every kind are made', async () => {
      const { namespace, cluster } = await inNamespace()
      const key = { namespace, name: 'x' }
      await cluster.create(configMaps, configMap(key, { a: '1', b: '2' }), write)
      const patched = async (patch: Parameters<Cluster['patch']>[2]['patch']): Promise<unknown> =>
        (await cluster.patch(configMaps, key, { ...write, patch }))['data']
      expect(await patched({ kind: 'merge', body: { data: { a: null } } })).toEqual({ b: '2' })
      expect(await patched({ kind: 'json', body: [{ op: 'add', path: '/data/c', value: '3' }] })).toEqual({
        b: '2',
        c: '3',
      })
      expect(await patched({ kind: 'strategic', body: { data: { b: '4' } } })).toEqual({ b: '4', c: '3' })
    })

    test('fields are applied, and conflicts told', async () => {
      const { namespace, cluster } = await inNamespace()
      const key = { namespace, name: 'x' }
      const apply = (manager: string, data: object, force: boolean): Promise<KubeObject> =>
        cluster.apply(configMaps, configMap(key, data), { signal, fieldManager: manager, force })
      await apply('one', { a: '1' }, false)
      await expect(apply('two', { a: '2' }, false)).rejects.toMatchObject({ reason: 'Conflict' })
      expect((await apply('two', { a: '2' }, true))['data']).toEqual({ a: '2' })
    })

    test('a dry run stores nothing', async () => {
      const { namespace, cluster } = await inNamespace()
      const key = { namespace, name: 'x' }
      const answer = await cluster.create(configMaps, configMap(key), { ...write, dryRun: true })
      expect(answer.metadata.name).toBe('x')
      await expect(cluster.get(configMaps, key, { signal })).rejects.toMatchObject({ reason: 'NotFound' })
    })

    test('lists are read page by page, by namespace and by labels', async () => {
      const { namespace, cluster } = await inNamespace()
      const names = Array.from({ length: 620 }, (_, n) => `n${String(n).padStart(3, '0')}`)
      for (const [index, name] of names.entries()) {
        const labels = { half: index % 2 === 0 ? 'even' : 'odd' }
        // In order, as the names are compared in it.
        await cluster.create(configMaps, configMap({ namespace, name }, {}, { labels }), write)
      }
      const all = await cluster.list(configMaps, { signal, namespace })
      expect(all.items.map((it) => it.metadata.name).filter((it) => it?.startsWith('n'))).toEqual(names)
      expect(all.items.every((it) => it.kind === 'ConfigMap' && it.apiVersion === 'v1')).toBe(true)
      const even = await cluster.list(configMaps, { signal, namespace, labelSelector: 'half=even' })
      expect(even.items).toHaveLength(310)
      const meta = await cluster.list(configMaps, { signal, labelSelector: 'half=odd', metadataOnly: true })
      expect(meta.items).toHaveLength(310)
      expect(meta.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
      expect(meta.items[0]).not.toHaveProperty('data')
    })

    test('a watch tells what happens after a version, until it is ended', async () => {
      const { namespace, cluster } = await inNamespace()
      const { resourceVersion } = await cluster.list(secrets, { signal, namespace })
      const stop = new AbortController()
      const seen: string[] = []
      const watching = collect(
        cluster.watch(secrets, { signal: stop.signal, namespace, resourceVersion }),
        ({ type, object }) => {
          seen.push(`${type} ${object.metadata.name}`)
          return seen.length === 3
        },
      )
      const key = { namespace, name: 's' }
      await cluster.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: key }, write)
      await cluster.patch(secrets, key, { ...write, patch: { kind: 'merge', body: { data: { a: 'eA==' } } } })
      await cluster.delete(secrets, key, { signal })
      await watching
      expect(seen).toEqual(['ADDED s', 'MODIFIED s', 'DELETED s'])
      stop.abort()
    })

    test('an aborted watch throws the reason', async () => {
      const { namespace, cluster } = await inNamespace()
      const { resourceVersion } = await cluster.list(secrets, { signal, namespace })
      const stop = new AbortController()
      const reason = new Error('enough')
      const watching = collect(
        cluster.watch(secrets, { signal: stop.signal, namespace, resourceVersion }),
        () => false,
      )
      await cluster.create(
        secrets,
        { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 's' } },
        write,
      )
      stop.abort(reason)
      await expect(watching).rejects.toBe(reason)
    })

    test('another user has the rights of that user', async () => {
      const { namespace, cluster } = await inNamespace()
      const nobody = cluster.impersonate({ userName: 'nobody' })
      await expect(nobody.list(secrets, { signal, namespace })).rejects.toMatchObject({
        reason: 'Forbidden',
        statusCode: 403,
      })
      const admin = cluster.impersonate({ userName: 'someone', groups: ['unknown', 'system:masters'] })
      await expect(admin.list(secrets, { signal, namespace })).resolves.toBeDefined()
    })

    test('a service account has the rights of its groups', async () => {
      const { namespace, cluster } = await inNamespace()
      const account = cluster.impersonate({ userName: `system:serviceaccount:${namespace}:robot` })
      await expect(account.list(secrets, { signal, namespace })).rejects.toMatchObject({
        reason: 'Forbidden',
      })
      const apiGroup = 'rbac.authorization.k8s.io'
      const binding = {
        apiVersion: `${apiGroup}/v1`,
        kind: 'RoleBinding',
        metadata: { namespace, name: 'robots' },
        roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ apiGroup, kind: 'Group', name: `system:serviceaccounts:${namespace}` }],
      }
      const bindings = await cluster.resourceFor(binding.apiVersion, binding.kind, { signal })
      await cluster.create(bindings, binding, write)
      await expect(account.list(secrets, { signal, namespace })).resolves.toBeDefined()
    })

    test('what is not an object is asked for as it is', async () => {
      const { body } = await server.cluster.request({ method: 'GET', path: '/version' }, { signal })
      expect(body).toHaveProperty('gitVersion')
      const missing = server.cluster.request({ method: 'GET', path: '/nowhere' }, { signal })
      await expect(missing).rejects.toBeInstanceOf(ApiError)
    })

    test('manifests are applied in stages, and only once', async () => {
      const { namespace, cluster } = await inNamespace()
      const options = { cluster, clock: fakeClock(), signal, fieldManager: 'kustomize-controller' }
      const objects = [
        configMap({ namespace: `${namespace}-new`, name: 'x' }, { a: '1' }),
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-new` } },
      ]
      const actions = async (): Promise<string[]> => (await applyStaged(objects, options)).map(formatChange)
      expect(await actions()).toEqual([
        `Namespace/${namespace}-new created`,
        `ConfigMap/${namespace}-new/x created`,
      ])
      expect(await actions()).toEqual([
        `Namespace/${namespace}-new unchanged`,
        `ConfigMap/${namespace}-new/x unchanged`,
      ])
    })
  })
}

function configMap(
  key: { readonly namespace: string; readonly name: string },
  data: object = {},
  metadata: object = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, ...key }, data }
}

async function collect(
  events: AsyncIterable<WatchEvent>,
  isEnough: (event: WatchEvent) => boolean,
): Promise<void> {
  for await (const event of events) {
    if (isEnough(event)) return
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { createApiServer } from '../src/index.ts'

async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !holds(); round += 1) {
    // Sequential: each round looks after the last one's pause.
    await sleep(25)
  }
}

test('an informer of @kubernetes/client-node follows all changes', async () => {
  const server = await createApiServer()
  const { url } = await server.listen({ port: 0 })
  const config = new KubeConfig()
  config.loadFromString(server.adminKubeconfig(url))
  const api = config.makeApiClient(CoreV1Api)
  const namespace = 'default'
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'early' }, data: { a: '1' } } })

  const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', () =>
    api.listNamespacedConfigMap({ namespace }),
  )
  const seen: string[] = []
  for (const change of ['add', 'update', 'delete'] as const) {
    informer.on(change, (it) => {
      if (it.metadata?.name !== 'kube-root-ca.crt') {
        seen.push(`${change} ${it.metadata?.name} ${it.data?.['a']}`)
      }
    })
  }
  informer.on('error', (error: unknown) => seen.push(`error ${String(error)}`))
  await informer.start()
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'late' }, data: { a: '2' } } })
  await api.replaceNamespacedConfigMap({
    namespace,
    name: 'early',
    body: { metadata: { name: 'early' }, data: { a: '3' } },
  })
  await api.deleteNamespacedConfigMap({ namespace, name: 'late' })
  await until(() => seen.length >= 4)
  expect(seen).toEqual(['add early 1', 'add late 2', 'update early 3', 'delete late 2'])

  await expect(api.readNamespacedConfigMap({ namespace, name: 'late' })).rejects.toMatchObject({ code: 404 })
  await informer.stop()
  await server.close()
})

import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import {
  connectionFor,
  createCluster,
  httpTransport,
  nodeSurroundings,
  parseKubeConfig,
  remoteClusters,
} from '@sluice/cluster'
import { createHttp, systemClock } from '@sluice/host'
import { expect, test } from 'vitest'
import { testTransport } from './transport-suite.ts'

testTransport('in process', async () => {
  const server = await createApiServer()
  return { cluster: createCluster(inProcessTransport(server)), close: () => server.close() }
})

testTransport('over HTTPS with a kubeconfig', async () => {
  const server = await createApiServer()
  const http = createHttp()
  const { url } = await server.listen({ port: 0 })
  const connection = await connectionFor(parseKubeConfig(server.adminKubeconfig(url)), {
    clock: systemClock,
    surroundings: nodeSurroundings({ env: {}, homeDirectory: '/nowhere' }),
    trusted: true,
  })
  const close = async (): Promise<void> => {
    await http.close()
    await server.close()
  }
  return { cluster: createCluster(httpTransport(connection, { http, clock: systemClock })), close }
})

test('a cluster of a kubeconfig is made once, and again after it could not be made', async () => {
  const server = await createApiServer()
  const http = createHttp()
  try {
    const connect = remoteClusters({
      http,
      clock: systemClock,
      surroundings: nodeSurroundings({ env: {}, homeDirectory: '/nowhere' }),
      trusted: false,
    })
    const text = server.adminKubeconfig((await server.listen({ port: 0 })).url)
    const cluster = await connect(text)
    const { signal } = new AbortController()
    expect((await cluster.resourceFor('v1', 'ConfigMap', { signal })).plural).toBe('configmaps')
    expect(await connect(text)).toBe(cluster)
    expect(await connect(`${text}\n`)).not.toBe(cluster)
    const broken = text.replace(/current-context: .*/, 'current-context: none')
    await expect(connect(broken)).rejects.toThrow('context "none" does not exist')
    await expect(connect(broken)).rejects.toThrow('context "none" does not exist')
  } finally {
    await http.close()
    await server.close()
  }
})

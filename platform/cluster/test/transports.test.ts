import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import {
  connectionFor,
  createCluster,
  httpTransport,
  nodeSurroundings,
  parseKubeConfig,
} from '@sluice/cluster'
import { createHttp, systemClock } from '@sluice/host'
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

// An API server in memory, as a process of its own: prints its kubeconfig in a line of JSON, and ends with its input.
import { createApiServer, memoryStorage } from '@sluice/apiserver'

const server = await createApiServer({ storage: memoryStorage() })
const { url } = await server.listen({ port: 0 })
process.stdout.write(`${JSON.stringify({ url, kubeconfig: server.adminKubeconfig(url) })}\n`)
process.stdin.resume().once('end', () => process.exit())
